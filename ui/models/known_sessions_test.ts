import assert from "node:assert/strict";
import type { ServerMessage, SessionView } from "../../server/protocol.ts";
import { makeEnded, makeSession } from "../testing/sessions.ts";
import { type KnownSessions, KnownSessionsModel } from "./known_sessions.ts";

function setUp(): { known: KnownSessions; push: (message: ServerMessage) => void; changes: string[] } {
  const listeners = new Set<(message: ServerMessage) => void>();
  const changes: string[] = [];
  const known = new KnownSessionsModel({
    onMessage: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onChange: (before, after) => changes.push(`${before.lifecycle} > ${after.lifecycle}`),
  });
  return { known, push: (message) => listeners.forEach((listener) => listener(message)), changes };
}

function ids(sessions: readonly SessionView[]): string[] {
  return sessions.map((session) => session.id);
}

Deno.test("pushed sessions appear, change and disappear", () => {
  const { known, push, changes } = setUp();
  push({ type: "session", session: makeSession({ id: "a" }) });
  assert.deepEqual(known.counts.value, { live: 1, needs: 0 });
  push({ type: "session", session: makeSession({ id: "a", revision: 2, activity: "needs_you" }) });
  assert.deepEqual(known.counts.value, { live: 1, needs: 1 });
  push({ type: "session", session: makeEnded("a", 1_000, { revision: 3 }) });
  assert.deepEqual(known.counts.value, { live: 0, needs: 0 });
  assert.deepEqual(changes, ["running > running", "running > ended"]);
  push({ type: "session_deleted", sessionId: "a" });
  assert.equal(known.all.value.length, 0);
});

Deno.test("a change of activity is news, although it is no new revision", () => {
  const { push, changes } = setUp();
  push({ type: "session", session: makeSession({ revision: 3, activity: "working" }) });
  push({ type: "session", session: makeSession({ revision: 3, activity: "needs_you" }) });
  assert.equal(changes.length, 1);
});

Deno.test("old news and repeats change nothing", () => {
  const { known, push, changes } = setUp();
  push({ type: "session", session: makeEnded("a", 1, { revision: 5 }) });
  push({ type: "session", session: makeSession({ id: "a", revision: 4 }) });
  push({ type: "session", session: makeEnded("a", 1, { revision: 5 }) });
  assert.equal(known.byId.value.get("a")?.lifecycle, "ended");
  assert.deepEqual(changes, []);
});

Deno.test("a reload keeps what was pushed since it was asked for", async () => {
  const { known, push } = setUp();
  push({ type: "session", session: makeSession({ id: "gone" }) });
  const answer = Promise.withResolvers<SessionView[]>();
  const replaced = known.replace(() => answer.promise);
  push({ type: "session", session: makeSession({ id: "new", createdAtMs: 3_000 }) });
  push({ type: "session", session: makeSession({ id: "a", revision: 3, title: "newer" }) });
  push({ type: "session_deleted", sessionId: "b" });
  answer.resolve([makeSession({ id: "a", revision: 2 }), makeSession({ id: "b" })]);
  await replaced;
  assert.deepEqual(ids(known.live.value), ["new", "a"]);
  assert.equal(known.byId.value.get("a")?.title, "newer");
});

Deno.test("a reload that fails leaves everything as it is", async () => {
  const { known, push } = setUp();
  push({ type: "session", session: makeSession({ id: "a" }) });
  await assert.rejects(known.replace(() => Promise.reject(new Error("no"))));
  assert.deepEqual(ids(known.all.value), ["a"]);
});

Deno.test("after dispose nothing is followed", () => {
  const { known, push } = setUp();
  known[Symbol.dispose]();
  push({ type: "session", session: makeSession() });
  assert.equal(known.all.value.length, 0);
});
