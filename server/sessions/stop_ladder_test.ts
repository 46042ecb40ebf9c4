import assert from "node:assert/strict";
import type { StopProgress } from "../protocol.ts";
import { runStopLadder, STOP_DEADLINE_MS } from "./stop_ladder.ts";

/** Runs the ladder against processes that leave when `diesOf` is sent. */
async function climb(
  diesOf: string,
): Promise<{ sent: string[]; steps: string[]; tookMs: number; survivors: number }> {
  let nowMs = 0;
  let alive = 2;
  const sent: string[] = [];
  const progress: StopProgress[] = [];
  const receive = (signal: string): void => {
    sent.push(signal);
    if (signal === diesOf) alive = 0;
  };
  const survivors = await runStopLadder({
    now: () => nowMs,
    wait: (milliseconds) => {
      nowMs += milliseconds;
      return Promise.resolve();
    },
    onProgress: (step) => progress.push(step),
    session: {
      signalTree: (signal) => Promise.resolve(receive(signal)),
      killTree: () => {
        receive("SIGKILL");
        return Promise.resolve(alive);
      },
      countProcesses: () => Promise.resolve(alive),
    },
  });
  return { sent, survivors, tookMs: nowMs, steps: [...new Set(progress.map(({ step }) => step))] };
}

Deno.test("a program that leaves when its terminal hangs up gets nothing harsher", async () => {
  const { sent, steps, survivors } = await climb("SIGHUP");
  assert.deepEqual([sent, steps, survivors], [["SIGHUP", "SIGCONT"], ["hang_up"], 0]);
});

Deno.test("a program that ignores the hang-up is asked to terminate", async () => {
  const { sent, steps } = await climb("SIGTERM");
  assert.deepEqual(sent.slice(0, 3), ["SIGHUP", "SIGCONT", "SIGTERM"]);
  assert.deepEqual(steps, ["hang_up", "terminate"]);
});

Deno.test("a program that ignores everything is killed well before the deadline", async () => {
  const { sent, steps, tookMs } = await climb("SIGKILL");
  assert.equal(sent.at(-1), "SIGKILL");
  assert.deepEqual(steps, ["hang_up", "terminate", "kill"]);
  assert.ok(tookMs < STOP_DEADLINE_MS - 3000, `${tookMs} ms before the kill`);
});

Deno.test("what cannot be killed is counted", async () => {
  assert.equal((await climb("nothing")).survivors, 2);
});

Deno.test("a session whose processes are gone gets no signal", async () => {
  const sent: string[] = [];
  const survivors = await runStopLadder({
    now: () => 0,
    wait: () => Promise.resolve(),
    onProgress: () => {},
    session: {
      signalTree: (signal) => Promise.resolve(sent.push(signal)),
      killTree: () => Promise.resolve(0),
      countProcesses: () => Promise.resolve(0),
    },
  });
  assert.deepEqual([survivors, sent], [0, []]);
});
