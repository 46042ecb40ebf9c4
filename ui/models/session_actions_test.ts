import assert from "node:assert/strict";
import type { SessionView } from "../../server/protocol.ts";
import { makeEnded, makeSession } from "../testing/sessions.ts";
import { type SessionActions, SessionActionsModel, type SessionActionsOptions } from "./session_actions.ts";

function setUp(broken: readonly string[] = []): { actions: SessionActions; log: string[] } {
  const log: string[] = [];
  const call = <Value>(name: string, value: Value): Promise<Value> => {
    log.push(name);
    return broken.includes(name) ? Promise.reject(new Error("refused")) : Promise.resolve(value);
  };
  const api: SessionActionsOptions["api"] = {
    stopSession: (id) => call(`stop ${id}`, makeSession({ id, lifecycle: "stopping", revision: 2 })),
    stopAll: () => call("stop all", { stopping: 3 }),
    relaunchSession: (id) => call(`relaunch ${id}`, makeSession({ id: "fresh" })),
    resumeSession: (id, request) =>
      call(`resume ${id} ${JSON.stringify(request)}`, makeSession({ id: "fresh" })),
    deleteSession: (id) => call(`delete ${id}`, undefined),
    updateSession: (id, patch) =>
      call(`change ${id} ${Object.values(patch).map(String)}`, makeSession({ id })),
    pauseSession: (id) => call(`pause ${id}`, makeSession({ id, paused: true })),
    continueSession: (id) => call(`continue ${id}`, makeSession({ id })),
    getRecording: (id) => call(`recording ${id}`, new Blob(["x"])),
  };
  const actions = new SessionActionsModel({
    api,
    sessions: {
      put: (session) => log.push(`put ${session.id} ${session.lifecycle}`),
      remove: (id) => log.push(`remove ${id}`),
    },
    toasts: { show: ({ tone, text }) => log.push(`${tone}: ${text}`) },
    open: (session: SessionView) => log.push(`open ${session.id}`),
    saveFile: (name) => log.push(`save ${name}`),
  });
  return { actions, log };
}

Deno.test("stop shows the new state at once, a refusal says which session", async () => {
  const good = setUp();
  await good.actions.stop(makeSession({ id: "a" }));
  assert.deepEqual(good.log, ["stop a", "put a stopping"]);
  const bad = setUp(["stop a"]);
  await bad.actions.stop(makeSession({ id: "a", title: "Mine" }));
  assert.deepEqual(bad.log, ["stop a", "error: “Mine” was not stopped: refused"]);
  assert.equal(bad.actions.busy.value.size, 0);
});

Deno.test("of several chosen sessions the running are stopped and the ended deleted", async () => {
  const { actions, log } = setUp(["delete c"]);
  const chosen = [makeSession({ id: "a" }), makeEnded("b", 1), makeEnded("c", 2)];
  await actions.stopMany(chosen);
  await actions.removeMany(chosen);
  assert.deepEqual(log.filter((line) => /^(stop|delete) /.test(line)), ["stop a", "delete b", "delete c"]);
  assert.equal(log.at(-1), "info: Deleted 1 session");
  assert.ok(log.includes("remove b") && !log.includes("remove c"));
});

Deno.test("rename sends only real changes, an empty title takes it away", async () => {
  const { actions, log } = setUp();
  await actions.rename(makeSession({ id: "a", title: "Old" }), " Old ");
  await actions.rename(makeSession({ id: "a" }), "  ");
  await actions.rename(makeSession({ id: "a", title: "Old" }), "");
  await actions.rename(makeSession({ id: "a", title: "Old" }), "New");
  await actions.rename(makeSession({ id: "a", aiTitle: "Of its summary" }), "Of its summary");
  assert.deepEqual(log.filter((line) => line.startsWith("change")), ["change a null", "change a New"]);
});

Deno.test("resume opens what goes on", async () => {
  const { actions, log } = setUp();
  await actions.resume(makeEnded("a", 1), { budget: { usd: 5 } });
  assert.deepEqual(log, ['resume a {"budget":{"usd":5}}', "put fresh running", "open fresh"]);
});

Deno.test("relaunch opens the new session, download hands over a file", async () => {
  const { actions, log } = setUp();
  await actions.relaunch(makeEnded("a", 1));
  await actions.download(makeEnded("a", 1));
  await actions.stopAll();
  assert.deepEqual(log, [
    "relaunch a",
    "put fresh running",
    "open fresh",
    "recording a",
    "save session-a.raw",
    "stop all",
    "info: Stopping 3 sessions",
  ]);
});

Deno.test("a session is paused and continued, and its limit given another meaning once", async () => {
  const { actions, log } = setUp(["continue a"]);
  const session = makeSession({ id: "a", title: "Mine", atLimit: "stop" });
  await actions.setPaused(session, true);
  await actions.setPaused(session, false);
  await actions.setAtLimit(session, "stop");
  await actions.setAtLimit(session, "hold");
  assert.deepEqual(log, [
    "pause a",
    "put a running",
    "continue a",
    "error: “Mine” was not continued: refused",
    "change a hold",
    "put a running",
  ]);
});
