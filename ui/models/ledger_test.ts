import assert from "node:assert/strict";
import type { LedgerQuery, LedgerRow, Page } from "../../server/protocol.ts";
import { FakeTimers } from "../testing/fake_timers.ts";
import { makeRow } from "../testing/money.ts";
import { until } from "../testing/until.ts";
import { type Ledger, LedgerModel, PAGE_ROWS, rowsInView, sumRows } from "./ledger.ts";

interface SetUp {
  ledger: Ledger;
  timers: FakeTimers;
  asked: (LedgerQuery & { cursor?: string })[];
  saved: string[];
  errors: string[];
}

/** Pages come from `rows`, which a test may change; the cursor is an index. */
function setUp(rows: { all: LedgerRow[]; fail?: Error }): SetUp {
  const timers = new FakeTimers();
  const asked: SetUp["asked"] = [];
  const saved: string[] = [];
  const errors: string[] = [];
  const ledger = new LedgerModel({
    api: {
      listLedger: (_id, { limit, ...query }): Promise<Page<LedgerRow>> => {
        asked.push(query);
        if (rows.fail !== undefined) return Promise.reject(rows.fail);
        const from = Number(query.cursor ?? 0);
        const next = from + limit < rows.all.length ? { next: String(from + limit) } : {};
        return Promise.resolve({ items: rows.all.slice(from, from + limit), ...next });
      },
      getLedgerFile: (id, { format }) => Promise.resolve(new Blob([`${id} ${format}`])),
    },
    sessionId: "s1",
    debounce: (callback) => timers.start(150, callback),
    saveFile: (name) => saved.push(name),
    onError: (message) => errors.push(message),
  });
  return { ledger, timers, asked, saved, errors };
}

function newestFirst(from: number, count: number): LedgerRow[] {
  return Array.from({ length: count }, (_, index) => makeRow({ id: from - index }));
}

const ids = (ledger: Ledger): number[] => ledger.rows.value.map(({ id }) => id);

Deno.test("rows are loaded page by page until there are no more", async () => {
  const { ledger } = setUp({ all: newestFirst(150, 150) });
  await ledger.reload();
  assert.equal(ledger.rows.value.length, PAGE_ROWS);
  assert.equal(ledger.hasMore.value, true);
  await ledger.loadMore();
  assert.equal(ledger.rows.value.length, 150);
  assert.equal(ledger.hasMore.value, false);
  await ledger.loadMore();
  assert.deepEqual(ids(ledger), newestFirst(150, 150).map(({ id }) => id));
});

Deno.test("new calls join at the top, and loaded pages stay", async () => {
  const rows = { all: newestFirst(150, 150) };
  const { ledger } = setUp(rows);
  await ledger.reload();
  await ledger.loadMore();
  rows.all = newestFirst(153, 153);
  await ledger.refresh();
  assert.deepEqual(ids(ledger), newestFirst(153, 153).map(({ id }) => id));
});

Deno.test("a page that does not meet what is known replaces it", async () => {
  const rows = { all: newestFirst(10, 10) };
  const { ledger } = setUp(rows);
  await ledger.reload();
  rows.all = newestFirst(500, 500);
  await ledger.refresh();
  assert.deepEqual([ids(ledger)[0], ledger.rows.value.length], [500, PAGE_ROWS]);
  assert.equal(ledger.hasMore.value, true);
});

Deno.test("in another order new calls are announced instead of moving the rows", async () => {
  const { ledger, asked } = setUp({ all: newestFirst(3, 3) });
  await ledger.reload();
  ledger.sortBy("cost");
  await until(() => !ledger.loading.value);
  await ledger.refresh();
  assert.equal(ledger.behind.value, true);
  assert.equal(asked.length, 2);
  await ledger.reload();
  assert.equal(ledger.behind.value, false);
});

Deno.test("sorting by the same column turns the order around; models start from A", async () => {
  const { ledger, asked } = setUp({ all: [] });
  for (const column of ["cost", "cost", "model", "time"] as const) ledger.sortBy(column);
  await until(() => !ledger.loading.value);
  assert.deepEqual(asked.map(({ sort, order }) => `${sort} ${order}`), [
    "cost desc",
    "cost asc",
    "model asc",
    "time desc",
  ]);
});

Deno.test("a filter is asked for once typing pauses, and taken away when empty", async () => {
  const { ledger, timers, asked } = setUp({ all: newestFirst(3, 3) });
  ledger.search("ha");
  ledger.search(" haiku ");
  timers.advance(150);
  await until(() => ledger.loaded.value);
  assert.deepEqual(asked.map(({ q }) => q), ["haiku"]);
  assert.equal(ledger.isFiltering.value, true);
  ledger.search("  ");
  timers.advance(150);
  assert.equal(asked[1] !== undefined && "q" in asked[1], false);
});

Deno.test("changes during a load lead to one more load, not to two at once", async () => {
  const { ledger, asked } = setUp({ all: newestFirst(3, 3) });
  const first = ledger.reload();
  await Promise.all([ledger.refresh(), ledger.refresh(), first]);
  assert.equal(asked.length, 2);
});

Deno.test("a failed load says so and keeps the rows", async () => {
  const rows: { all: LedgerRow[]; fail?: Error } = { all: newestFirst(3, 3) };
  const { ledger } = setUp(rows);
  await ledger.reload();
  rows.fail = new Error("gone");
  await ledger.refresh();
  assert.equal(ledger.error.value, "gone");
  assert.equal(ledger.rows.value.length, 3);
});

Deno.test("an export is handed over under a name that says what it is", async () => {
  const { ledger, saved } = setUp({ all: [] });
  await ledger.export("csv");
  assert.deepEqual(saved, ["ledger-s1.csv"]);
  assert.equal(ledger.exporting.value, false);
});

Deno.test("sums add every class once", () => {
  assert.deepEqual(sumRows([makeRow(), makeRow({ id: 2 }), makeRow({ id: 3, kind: "summary" })]), {
    calls: 2,
    input: 20,
    cacheRead: 200,
    cacheWrite: 50,
    output: 100,
    costNanoUsd: 8_422_000,
  });
});

Deno.test("rows in view come with a screen before and after", () => {
  const view = { top: 3200, height: 640, rowPx: 32 };
  assert.deepEqual(rowsInView(1000, view), { start: 80, end: 141 });
  assert.deepEqual(rowsInView(10, view), { start: 10, end: 10 });
  assert.deepEqual(rowsInView(5, { ...view, top: 0 }), { start: 0, end: 5 });
});
