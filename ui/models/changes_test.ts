import assert from "node:assert/strict";
import { signal } from "@preact/signals";
import type { ChangeList } from "../../server/protocol.ts";
import type { SnapshotPair } from "../api/changes.ts";
import type { Route } from "../router.ts";
import { makeChange, makeChangeList, makeSnapshot } from "../testing/changes.ts";
import { until } from "../testing/until.ts";
import { type Changes, ChangesModel } from "./changes.ts";

interface Stage {
  changes: Changes;
  route: { value: Route };
  isReady: { value: boolean };
  asked: SnapshotPair[];
  answer: (list: ChangeList | Error) => void;
}

function setUp(options = { isReady: true }): Stage {
  const route = signal<Route>({ name: "session", id: "1", tab: "changes" });
  const waiting: PromiseWithResolvers<ChangeList>[] = [];
  const asked: SnapshotPair[] = [];
  const isReady = signal(options.isReady);
  const changes = new ChangesModel({
    api: {
      listChanges: (_id, pair) => {
        asked.push(pair);
        const next = Promise.withResolvers<ChangeList>();
        waiting.push(next);
        return next.promise;
      },
    },
    sessionId: "1",
    router: {
      route,
      replace: (next) => {
        route.value = next;
      },
    },
    isReady,
    now: () => 1000,
  });
  const answer = (list: ChangeList | Error): void => {
    const next = waiting.shift();
    if (list instanceof Error) next?.reject(list);
    else next?.resolve(list);
  };
  return { changes, route, isReady, asked, answer };
}

const LIST = makeChangeList([makeChange({ path: "b.ts" }), makeChange({ path: "dir/a.ts" })]);

Deno.test("the pair of the address is compared, and again when it changes", async () => {
  const { changes, route, asked, answer } = setUp();
  answer(LIST);
  await until(() => changes.list.value !== undefined, "the list");
  assert.deepEqual(changes.files.value.map(({ path }) => path), ["dir/a.ts", "b.ts"]);
  assert.equal(changes.isLive.value, true);
  changes.compare({ from: 1, to: 4 });
  assert.deepEqual(route.value, { name: "session", id: "1", tab: "changes", changes: { from: 1, to: 4 } });
  assert.deepEqual(asked.at(-1), { from: 1, to: 4 });
  assert.equal(changes.list.value, LIST);
  changes[Symbol.dispose]();
});

Deno.test("choosing a file changes the address and loads nothing", async () => {
  const { changes, route, asked, answer } = setUp();
  answer(LIST);
  await until(() => changes.list.value !== undefined, "the list");
  changes.select(makeChange({ path: "b.ts" }));
  assert.deepEqual(route.value, { name: "session", id: "1", tab: "changes", changes: { file: "b.ts" } });
  assert.equal(asked.length, 1);
});

Deno.test("news while a list is loaded are one more load after it", async () => {
  const { changes, asked, answer } = setUp();
  for (let news = 0; news < 5; news++) changes.hear(undefined);
  assert.equal(asked.length, 1);
  answer(LIST);
  await until(() => asked.length === 2, "the second load");
  answer(LIST);
  await until(() => !changes.loading.value, "the end");
  assert.equal(asked.length, 2);
});

Deno.test("two fixed snapshots do not change with the work tree", async () => {
  const { changes, asked, answer } = setUp();
  answer(LIST);
  changes.compare({ from: 1, to: 2 });
  answer(LIST);
  await until(() => !changes.loading.value, "the list");
  const before = asked.length;
  changes.hear(undefined);
  changes.hear(makeSnapshot({ id: 3 }));
  assert.equal(asked.length, before);
});

Deno.test("what is shown stays after a failure, which is told", async () => {
  const { changes, answer } = setUp();
  answer(LIST);
  await until(() => changes.list.value !== undefined, "the list");
  changes.hear(undefined);
  answer(new Error("away"));
  await until(() => changes.error.value === "away", "the error");
  assert.equal(changes.list.value, LIST);
  changes.hear(undefined);
  answer(LIST);
  await until(() => changes.error.value === undefined, "the end of the error");
});

Deno.test("a filter leaves what it finds", async () => {
  const { changes, answer } = setUp();
  answer(LIST);
  await until(() => changes.list.value !== undefined, "the list");
  changes.filter.value = "dir";
  assert.deepEqual(changes.files.value.map(({ path }) => path), ["dir/a.ts"]);
});

Deno.test("nothing is asked for before there is a snapshot to compare with", async () => {
  const { changes, isReady, asked, answer } = setUp({ isReady: false });
  await changes.reload();
  changes.hear(makeSnapshot({ id: 3 }));
  assert.deepEqual([asked, changes.loading.value], [[], false]);
  isReady.value = true;
  assert.equal(asked.length, 1);
  answer(LIST);
  await until(() => changes.list.value !== undefined, "the list");
});
