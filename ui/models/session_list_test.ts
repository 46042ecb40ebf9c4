import assert from "node:assert/strict";
import { makeEnded, makeSession } from "../testing/sessions.ts";
import {
  HEADER_PX,
  layOutRows,
  type ListRow,
  matchesFilter,
  NO_FILTER,
  ROW_PX,
  rowTop,
  visibleSlice,
} from "./session_list.ts";

const DAY_MS = 86_400_000;
const NOW = new Date(2026, 5, 15, 12).getTime();

function describe(rows: readonly ListRow[]): string[] {
  return rows.map((row) => row.type === "header" ? `${row.label} (${row.count})` : row.key);
}

Deno.test("by state: what needs the user, what runs, then ended ones by day, newest first", () => {
  const rows = layOutRows([
    makeEnded("old", NOW - 2 * DAY_MS),
    makeEnded("early", NOW - 2000),
    makeSession({ id: "runs", createdAtMs: NOW - 9000 }),
    makeEnded("late", NOW - 1000),
    makeSession({ id: "asks", activity: "needs_you", createdAtMs: NOW - 9999 }),
  ], { grouping: "state", nowMs: NOW });
  const shown = describe(rows);
  assert.deepEqual(shown.slice(0, 7), [
    "Needs you (1)",
    "asks",
    "Running (1)",
    "runs",
    "Today (2)",
    "late",
    "early",
  ]);
  assert.equal(shown.at(-1), "old");
});

Deno.test("by repository: one group per name, sessions without one together", () => {
  const repository = { root: "/r", name: "r" };
  const rows = layOutRows([
    makeSession({ id: "a", repository, createdAtMs: 3 }),
    makeSession({ id: "b", createdAtMs: 2 }),
    makeSession({ id: "c", repository, createdAtMs: 1 }),
  ], { grouping: "repository", nowMs: NOW });
  assert.deepEqual(describe(rows), ["r (2)", "a", "c", "Without a repository (1)", "b"]);
});

Deno.test("matchesFilter looks at every part of the filter", () => {
  const session = makeSession({
    title: "Fix the parser",
    command: "claude --model x",
    kind: "claude",
    repository: { root: "/r", name: "compiler", branch: "topic" },
  });
  for (const q of ["", " PARSER ", "model", "/work/proj", "compiler", "topic"]) {
    assert.equal(matchesFilter(session, { ...NO_FILTER, q }), true, q);
  }
  assert.equal(matchesFilter(session, { ...NO_FILTER, q: "absent" }), false);
  assert.equal(matchesFilter(session, { ...NO_FILTER, kind: "codex" }), false);
  assert.equal(matchesFilter(session, { ...NO_FILTER, repository: "/other" }), false);
  assert.equal(matchesFilter(session, { ...NO_FILTER, status: "ended" }), false);
  assert.equal(matchesFilter(session, { ...NO_FILTER, status: "live" }), true);
  assert.equal(matchesFilter(session, { ...NO_FILTER, status: "needs" }), false);
});

Deno.test("visibleSlice draws only what is near the view and keeps the height", () => {
  const sessions = Array.from({ length: 1000 }, (_, index) => makeEnded(`e${index}`, NOW - index));
  const rows = layOutRows(sessions, { grouping: "repository", nowMs: NOW });
  const total = HEADER_PX + 1000 * ROW_PX;
  for (const top of [0, 30_000, total - 600]) {
    const { start, end, before, after } = visibleSlice(rows, { top, height: 600 });
    assert.ok(end - start < 40, `${end - start} rows`);
    const drawn = rows.slice(start, end).reduce(
      (sum, row) => sum + (row.type === "header" ? HEADER_PX : ROW_PX),
      0,
    );
    assert.equal(before + drawn + after, total);
    assert.ok(before <= top && before + drawn >= Math.min(total, top + 600));
  }
});

Deno.test("visibleSlice of nothing is nothing", () => {
  assert.deepEqual(visibleSlice([], { top: 0, height: 600 }), { start: 0, end: 0, before: 0, after: 0 });
});

Deno.test("rowTop counts headers and rows before a row", () => {
  const rows = layOutRows([makeEnded("a", NOW), makeEnded("b", NOW - 1)], { grouping: "state", nowMs: NOW });
  assert.equal(rowTop(rows, "a"), HEADER_PX);
  assert.equal(rowTop(rows, "b"), HEADER_PX + ROW_PX);
});
