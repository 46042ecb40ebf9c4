import assert from "node:assert/strict";
import type { SummaryView } from "../protocol.ts";
import { newSession } from "../testing/new_session.ts";
import { FleetStore } from "./fleet_store.ts";

const SESSION = newSession();
const DONE: Omit<SummaryView, "id"> = {
  atMs: 10,
  state: "done",
  trigger: "user",
  title: "Adds a parser",
  text: "It adds a parser.",
  provider: "litellm",
  model: "gpt-4.1-nano",
  host: "127.0.0.1:4000",
  sentBytes: 1200,
  maskedSecrets: 2,
  calls: 1,
  tokens: { input: 300, output: 40 },
  costNanoUsd: 46_000,
  priceEstimated: false,
  durationMs: 900,
};
const FAILED: Omit<SummaryView, "id"> = {
  atMs: 20,
  state: "failed",
  trigger: "end",
  error: "It did not answer within 30 s",
  sentBytes: 0,
  maskedSecrets: 0,
  calls: 0,
  tokens: { input: 0, output: 0 },
  costNanoUsd: 0,
  priceEstimated: false,
  durationMs: 30_000,
};

Deno.test("summaries are kept as they were, newest first, and go with their session", () => {
  const store = new FleetStore(":memory:");
  store.sessions.create(SESSION);
  const done = store.summaries.add(SESSION.id, DONE);
  const failed = store.summaries.add(SESSION.id, FAILED);
  assert.ok(done && failed);
  assert.deepEqual(done, { id: done.id, ...DONE });
  assert.deepEqual(store.summaries.list(SESSION.id, 10), [failed, done]);
  assert.deepEqual(store.summaries.list(SESSION.id, 1), [failed]);
  assert.deepEqual(store.summaries.get(SESSION.id, done.id), done);
  assert.equal(store.summaries.get("another", done.id), undefined);
  assert.deepEqual(
    store.summaries.listByTime(SESSION.id, { before: { atMs: 20, id: failed.id }, limit: 5 }),
    [done],
  );
  assert.equal(store.summaries.add("gone", DONE), undefined);
  store.sessions.markRunning(SESSION.id, { pid: 1, startedAtMs: 2 });
  store.sessions.markEnded(SESSION.id, {
    reason: "exited",
    exitCode: 0,
    exitSignal: undefined,
    failure: undefined,
    recordedBytes: 0,
    endedAtMs: 30,
  });
  store.sessions.delete(SESSION.id);
  assert.deepEqual(store.summaries.list(SESSION.id, 10), []);
  store.close();
});

Deno.test("a title that a model made is found, and does not replace the user's own", () => {
  const store = new FleetStore(":memory:");
  store.sessions.create(SESSION);
  store.sessions.setTitle(SESSION.id, "My work");
  const row = store.sessions.setAiTitle(SESSION.id, "Adds a parser");
  assert.equal(row?.title, "My work");
  assert.equal(row?.aiTitle, "Adds a parser");
  for (const text of ["my WORK", "parser", "adds claude"]) {
    assert.equal(store.sessions.list({ text, limit: 5 }).items.length, 1, text);
  }
  assert.equal(store.sessions.list({ text: "lexer", limit: 5 }).items.length, 0);
  store.close();
});
