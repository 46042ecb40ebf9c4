import assert from "node:assert/strict";
import type { Page, SessionView } from "../../server/protocol.ts";
import { ApiError } from "../api/api_error.ts";
import type { SessionQuery } from "../api/sessions.ts";
import { FakeTimers } from "../testing/fake_timers.ts";
import { makeEnded, makeSession } from "../testing/sessions.ts";
import { until } from "../testing/until.ts";
import { type KnownSessions, KnownSessionsModel } from "./known_sessions.ts";
import { type Sessions, SessionsModel } from "./sessions.ts";

/** A server with sessions: filters by lifecycle and text, pages by two. */
function fakeApi(all: SessionView[]): {
  queries: SessionQuery[];
  listSessions(query: SessionQuery, signal?: AbortSignal): Promise<Page<SessionView>>;
  getSession(id: string): Promise<SessionView>;
} {
  const queries: SessionQuery[] = [];
  return {
    queries,
    listSessions: (query, signal) => {
      queries.push(query);
      signal?.throwIfAborted();
      const matching = all.filter((session) =>
        (query.lifecycle === "live") === (session.lifecycle !== "ended") &&
        session.command.includes(query.q ?? "")
      ).sort((a, b) => b.createdAtMs - a.createdAtMs);
      const from = Number(query.cursor ?? 0);
      const items = matching.slice(from, from + 2);
      const next = from + 2 < matching.length ? { next: String(from + 2) } : {};
      return Promise.resolve({ items, ...next });
    },
    getSession: (id) => {
      const found = all.find((session) => session.id === id);
      const missing = new ApiError({ code: "not_found", message: "none" });
      return found === undefined ? Promise.reject(missing) : Promise.resolve(found);
    },
  };
}

function setUp(all: SessionView[], openId?: string): {
  sessions: Sessions;
  known: KnownSessions;
  timers: FakeTimers;
  queries: SessionQuery[];
} {
  const api = fakeApi(all);
  const timers = new FakeTimers();
  const known = new KnownSessionsModel({ onMessage: () => () => {}, onChange: () => {} });
  const debounce = (callback: () => void): () => void => timers.start(150, callback);
  const sessions = new SessionsModel({ api, known, openId: () => openId, debounce });
  return { sessions, known, timers, queries: api.queries };
}

const HISTORY = [
  makeSession({ id: "r1", createdAtMs: 100 }),
  makeSession({ id: "r2", createdAtMs: 1 }),
  makeSession({ id: "r3", createdAtMs: 2 }),
  ...[90, 80, 70, 60, 50].map((at) => makeEnded(`e${at}`, at, { command: at % 20 === 0 ? "even" : "odd" })),
];

function visible(sessions: Sessions): string[] {
  return sessions.visible.value.map((session) => session.id).sort();
}

Deno.test("all running sessions are loaded, ended ones page by page", async () => {
  const { sessions } = setUp(HISTORY);
  await sessions.reload();
  assert.equal(sessions.loaded.value, true);
  assert.deepEqual(visible(sessions), ["e80", "e90", "r1", "r2", "r3"]);
  await sessions.loadMore();
  await sessions.loadMore();
  assert.deepEqual(visible(sessions), ["e50", "e60", "e70", "e80", "e90", "r1", "r2", "r3"]);
  assert.equal(sessions.hasMore.value, false);
});

Deno.test("an ended session older than what is loaded leaves no hole in the list", async () => {
  const { sessions, known } = setUp(HISTORY);
  await sessions.reload();
  known.put(makeEnded("e60", 60));
  known.put(makeEnded("just", 95));
  assert.deepEqual(visible(sessions), ["e80", "e90", "just", "r1", "r2", "r3"]);
});

Deno.test("typing asks the server once, after a pause", async () => {
  const { sessions, timers, queries } = setUp(HISTORY);
  await sessions.reload();
  queries.length = 0;
  for (const q of ["e", "ev", "even"]) sessions.setFilter({ q });
  timers.advance(149);
  assert.equal(queries.length, 0);
  timers.advance(1);
  await until(() => !sessions.loading.value);
  assert.deepEqual(queries.map((query) => query.q), ["even"]);
  assert.deepEqual(visible(sessions), ["e60", "e80"]);
});

Deno.test("a filter for running sessions needs no server", async () => {
  const { sessions, timers, queries } = setUp(HISTORY);
  await sessions.reload();
  queries.length = 0;
  sessions.setFilter({ status: "live" });
  timers.advance(1000);
  assert.deepEqual(visible(sessions), ["r1", "r2", "r3"]);
  assert.equal(queries.length, 0);
});

Deno.test("a failed load says why and what was there stays", async () => {
  const { sessions, known } = setUp([]);
  known.put(makeSession({ id: "a" }));
  const broken = new SessionsModel({
    api: { listSessions: () => Promise.reject(new Error("no answer")), getSession: () => Promise.reject() },
    known,
    openId: () => undefined,
    debounce: () => () => {},
  });
  await broken.reload();
  assert.equal(broken.error.value, "no answer");
  assert.equal(broken.loaded.value, false);
  assert.deepEqual(visible(sessions), ["a"]);
});

Deno.test("the session on screen stays known through a reload, however old; a missing one is no failure", async () => {
  const { sessions, known } = setUp(HISTORY, "e50");
  await sessions.reload();
  assert.ok(known.byId.value.has("e50"));
  assert.ok(!visible(sessions).includes("e50"));
  const { sessions: others } = setUp(HISTORY, "deleted");
  await others.reload();
  assert.equal(others.error.value, undefined);
});
