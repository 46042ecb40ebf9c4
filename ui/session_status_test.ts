import assert from "node:assert/strict";
import type { SessionView } from "../server/protocol.ts";
import { groupOf, hasTitle, sessionName, sessionPlace, statusOf, stopText } from "./session_status.ts";
import { makeSession } from "./testing/sessions.ts";

Deno.test("statusOf derives one label from state, flags and end reason", () => {
  const cases: [Partial<SessionView>, string, string | undefined][] = [
    [{ lifecycle: "starting" }, "starting", undefined],
    [{}, "running", undefined],
    [{ activity: "needs_you" }, "needs you", undefined],
    [{ held: true, activity: "needs_you" }, "held", undefined],
    [{ paused: true }, "paused", undefined],
    [{ paused: true, activity: "needs_you" }, "paused", undefined],
    [{ lifecycle: "stopping" }, "stopping", undefined],
    [{ lifecycle: "ended", endReason: "exited", exitCode: 0 }, "done", undefined],
    [{ lifecycle: "ended", endReason: "exited", exitCode: 3 }, "failed", "exit 3"],
    [{ lifecycle: "ended", endReason: "exited", exitSignal: "SIGSEGV" }, "failed", "SIGSEGV"],
    [{ lifecycle: "ended", endReason: "user_stop", exitSignal: "SIGHUP" }, "stopped", undefined],
    [{ lifecycle: "ended", endReason: "budget" }, "stopped", "budget reached"],
    [{ lifecycle: "ended", endReason: "idle_timeout" }, "stopped", "idle"],
    [{ lifecycle: "ended", endReason: "crash" }, "interrupted", undefined],
    [{ lifecycle: "ended", endReason: "spawn_failed" }, "failed", "did not start"],
  ];
  for (const [patch, label, detail] of cases) {
    const status = statusOf(makeSession(patch));
    assert.deepEqual([status.label, status.detail], [label, detail]);
  }
});

Deno.test("groupOf puts held and waiting sessions where the user looks first", () => {
  assert.equal(groupOf(makeSession({ held: true })), "needs");
  assert.equal(groupOf(makeSession({ activity: "needs_you" })), "needs");
  assert.equal(groupOf(makeSession({ lifecycle: "stopping" })), "running");
  assert.equal(groupOf(makeSession({ lifecycle: "ended", activity: "needs_you" })), "ended");
});

Deno.test("a session is called by its title, its summary's, or its command; a resume not by the id in it", () => {
  const name = (patch: Partial<SessionView>): string =>
    sessionName(makeSession({ kind: "claude", command: "claude --resume 1", ...patch }));
  assert.equal(name({ title: "Mine", aiTitle: "Its" }), "Mine");
  assert.equal(name({ aiTitle: "Its", resumedFrom: "s0" }), "Its");
  assert.equal(name({}), "claude --resume 1");
  assert.equal(name({ resumedFrom: "s0" }), "Claude Code, resumed");
  assert.deepEqual([hasTitle({}), hasTitle({ resumedFrom: "s0" })], [false, true]);
});

Deno.test("sessionPlace names repository and branch, else the directory", () => {
  assert.equal(sessionPlace(makeSession()), "/work/project");
  const repository = { root: "/r", name: "r" };
  assert.equal(sessionPlace(makeSession({ repository })), "r");
  assert.equal(sessionPlace(makeSession({ repository: { ...repository, branch: "fix" } })), "r · fix");
});

Deno.test("stopText says the step and how many processes are left", () => {
  const stop = { startedAtMs: 0, deadlineAtMs: 0 };
  assert.equal(stopText({ ...stop, step: "hang_up", remaining: 2 }), "hanging up… 2 processes left");
  assert.equal(stopText({ ...stop, step: "kill", remaining: 1 }), "killing… 1 process left");
});
