import assert from "node:assert/strict";
import type { ArtifactDetail, ArtifactView, Page, ServerMessage } from "../../server/protocol.ts";
import { FakeTimers } from "../testing/fake_timers.ts";
import { until } from "../testing/until.ts";
import { type Artifacts, ArtifactsModel, groupByDay, PAGE_ARTIFACTS } from "./artifacts.ts";

type Query = Parameters<ConstructorParameters<typeof ArtifactsModel>[0]["api"]["listArtifacts"]>[1];

interface SetUp {
  artifacts: Artifacts;
  timers: FakeTimers;
  asked: Query[];
  saved: string[];
  errors: string[];
  tell(message: ServerMessage): void;
}

interface Left {
  all: ArtifactView[];
  fail?: Error;
  /** Pages that find nothing although others follow. */
  emptyPages?: number;
}

function item(id: number, more: Partial<ArtifactView> = {}): ArtifactView {
  return { id: `event-${id}`, kind: "marker", atMs: id, title: `Item ${id}`, text: "", ...more };
}

function newestFirst(from: number, count: number): ArtifactView[] {
  return Array.from({ length: count }, (_, index) => item(from - index));
}

function setUp(left: Left): SetUp {
  const timers = new FakeTimers();
  const listeners = new Set<(message: ServerMessage) => void>();
  const asked: Query[] = [];
  const saved: string[] = [];
  const errors: string[] = [];
  let empty = left.emptyPages ?? 0;
  const artifacts = new ArtifactsModel({
    api: {
      listArtifacts: (_id, query): Promise<Page<ArtifactView>> => {
        asked.push(query);
        if (left.fail !== undefined) return Promise.reject(left.fail);
        const from = Number(query.cursor ?? 0);
        if (empty-- > 0) return Promise.resolve({ items: [], next: String(from) });
        const to = from + (query.limit ?? 0);
        const next = to < left.all.length ? { next: String(to) } : {};
        return Promise.resolve({ items: left.all.slice(from, to), ...next });
      },
      getArtifact: (_id, id, { show }): Promise<ArtifactDetail> => {
        const found = left.all.find((each) => each.id === id);
        if (found === undefined) return Promise.reject(new Error("not there"));
        return Promise.resolve({ ...found, content: show ? "key" : "•••", secrets: 1, facts: [] });
      },
      getArtifactFile: (_id, id, { format, show }) =>
        left.fail ? Promise.reject(left.fail) : Promise.resolve(new Blob([`${id} ${format} ${show}`])),
    },
    sessionId: "s1",
    onMessage: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    debounce: (callback) => timers.start(150, callback),
    saveFile: (name) => saved.push(name),
    onError: (message) => errors.push(message),
  });
  const tell = (message: ServerMessage): void => listeners.forEach((listener) => listener(message));
  return { artifacts, timers, asked, saved, errors, tell };
}

const ids = (artifacts: Artifacts): string[] => artifacts.items.value.map(({ id }) => id);
const idsOf = (items: ArtifactView[]): string[] => items.map(({ id }) => id);

Deno.test("artifacts are loaded page by page until there are no more", async () => {
  const all = newestFirst(120, 120);
  const { artifacts } = setUp({ all });
  await artifacts.reload();
  assert.equal(artifacts.items.value.length, PAGE_ARTIFACTS);
  await artifacts.loadMore();
  await artifacts.loadMore();
  await artifacts.loadMore();
  assert.deepEqual(ids(artifacts), idsOf(all));
  assert.equal(artifacts.hasMore.value, false);
});

Deno.test("what is new joins at the top after one question, however many messages told of it; older pages stay", async () => {
  const left = { all: newestFirst(120, 120) };
  const { artifacts, timers, asked, tell } = setUp(left);
  await artifacts.reload();
  await artifacts.loadMore();
  left.all = [item(122), item(121), item(120, { text: "grown" }), ...left.all.slice(1)];
  tell({ type: "artifact", sessionId: "another" });
  assert.equal(timers.pending, 0);
  for (let count = 0; count < 5; count++) tell({ type: "artifact", sessionId: "s1" });
  timers.advance(150);
  await until(() => artifacts.items.value.length === 102);
  assert.equal(asked.length, 3);
  assert.deepEqual(ids(artifacts), idsOf(newestFirst(122, 102)));
  assert.equal(artifacts.items.value[2]?.text, "grown");
  await artifacts.loadMore();
  assert.deepEqual(new Set(ids(artifacts)).size, artifacts.items.value.length);
});

Deno.test("snapshots, notices of the session and a new connection are told of too", async () => {
  const { artifacts, timers, tell } = setUp({ all: [] });
  await artifacts.reload();
  const snapshot = { id: 1, atMs: 1, reason: "manual", state: "taken" } as const;
  const notice = {
    id: 1,
    atMs: 1,
    kind: "ungated",
    title: "",
    text: "",
    seen: false,
    sessionId: "s1",
  } as const;
  const telling: ServerMessage[] = [
    { type: "changes", sessionId: "s1", snapshot },
    { type: "notice", notice },
    { type: "ready", instance: "i", version: "1" },
  ];
  for (const message of telling) {
    tell(message);
    assert.equal(timers.pending, 1, message.type);
    timers.advance(150);
    await until(() => !artifacts.loading.value);
  }
  tell({ type: "changes", sessionId: "s1" });
  assert.equal(timers.pending, 0, "a change of files alone leaves nothing");
});

Deno.test("a list that has grown by more than a page begins anew", async () => {
  const left = { all: newestFirst(10, 10) };
  const { artifacts, timers, tell } = setUp(left);
  await artifacts.reload();
  left.all = newestFirst(200, 200);
  tell({ type: "artifact", sessionId: "s1" });
  timers.advance(150);
  await until(() => artifacts.items.value.length === PAGE_ARTIFACTS);
  assert.equal(artifacts.hasMore.value, true);
});

Deno.test("filter and search ask the server; a search goes on behind pages that found nothing", async () => {
  const { artifacts, timers, asked } = setUp({ all: [item(1)], emptyPages: 3 });
  artifacts.setFilter("notices");
  await until(() => !artifacts.loading.value);
  assert.deepEqual(ids(artifacts), ["event-1"]);
  assert.equal(asked.length, 4);
  assert.equal(asked[0]?.kind, "notification,clipboard,notice");
  artifacts.search("  word ");
  timers.advance(150);
  await until(() => !artifacts.loading.value);
  assert.deepEqual(asked.at(-1), { limit: PAGE_ARTIFACTS, kind: "notification,clipboard,notice", q: "word" });
  assert.equal(artifacts.isFiltering.value, true);
});

Deno.test("a failure is told, and what was loaded stays", async () => {
  const left: Left = { all: newestFirst(3, 3) };
  const { artifacts } = setUp(left);
  await artifacts.reload();
  left.fail = new Error("no");
  await artifacts.reload();
  assert.equal(artifacts.error.value, "no");
  assert.equal(artifacts.items.value.length, 3);
});

Deno.test("one thing is open at a time; its secrets show when asked for, and go into its file", async () => {
  const { artifacts, saved } = setUp({ all: newestFirst(3, 3) });
  await artifacts.setOpen("event-2");
  assert.equal(artifacts.open.value?.detail?.content, "•••");
  await artifacts.reopen({ show: true });
  assert.equal(artifacts.open.value?.detail?.content, "key");
  await artifacts.download("json");
  assert.deepEqual(saved, ["event-2-s1.json"]);
  await artifacts.setOpen("event-3");
  assert.deepEqual([artifacts.open.value?.id, artifacts.open.value?.shown], ["event-3", false]);
  await artifacts.setOpen(undefined);
  assert.equal(artifacts.open.value, undefined);
});

Deno.test("a thing that is not there says so", async () => {
  const { artifacts, errors } = setUp({ all: [], fail: new Error("gone") });
  await artifacts.setOpen("event-9");
  assert.equal(artifacts.open.value?.error, "not there");
  await artifacts.download("text");
  assert.deepEqual(errors, ["It was not downloaded: gone"]);
});

Deno.test("days follow each other, each once", () => {
  const noon = new Date(2026, 10, 22, 12).getTime();
  const day = 24 * 3600_000;
  const days = groupByDay([
    item(3, { atMs: noon }),
    item(2, { atMs: noon - 1 }),
    item(1, { atMs: noon - day }),
  ], noon);
  assert.deepEqual(days.map(({ label, items }) => [label, items.length]), [["Today", 2], ["Yesterday", 1]]);
});
