import assert from "node:assert/strict";
import { askToLeave, type CleanExitOptions } from "./clean_exit.ts";

/** An agent that leaves at a time, or never; what it was sent, with times. */
async function ask(
  kind: CleanExitOptions["kind"],
  leavesAtMs: number,
): Promise<{ left: boolean; sent: string[] }> {
  let nowMs = 1000;
  const sent: string[] = [];
  const note = (what: string): Promise<void> => {
    sent.push(`${nowMs - 1000} ${JSON.stringify(what)}`);
    return Promise.resolve();
  };
  const left = await askToLeave({
    kind,
    session: { type: note, signalLeader: note, hasEnded: () => nowMs - 1000 >= leavesAtMs },
    now: () => nowMs,
    wait: (milliseconds) => {
      nowMs += milliseconds;
      return Promise.resolve();
    },
  });
  sent.push(`${nowMs - 1000} over`);
  return { left, sent };
}

const CTRL_C = '"\\u0003"';

Deno.test("Claude is asked by Ctrl-C, /exit, and SIGTERM where keys do not reach it", async () => {
  assert.deepEqual(await ask("claude", Infinity), {
    left: false,
    sent: [`0 ${CTRL_C}`, '500 "/exit\\r"', '3000 "SIGTERM"', "5000 over"],
  });
});

Deno.test("Codex is never signalled, and its Enter comes apart", async () => {
  assert.deepEqual(await ask("codex", Infinity), {
    left: false,
    sent: [`0 ${CTRL_C}`, `400 ${CTRL_C}`, '1300 "/quit"', '1900 "\\r"', "5000 over"],
  });
});

Deno.test("nothing more is sent to an agent that has left", async () => {
  assert.deepEqual(await ask("claude", 450), { left: true, sent: [`0 ${CTRL_C}`, "450 over"] });
  assert.deepEqual(await ask("codex", 0), { left: true, sent: ["0 over"] });
});
