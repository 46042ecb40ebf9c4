import assert from "node:assert/strict";
import {
  changeAt,
  type DiffLayout,
  type DiffView,
  type Hunk,
  layoutDiff,
  type Opened,
  rowAt,
  rowOfLine,
} from "./diff_layout.ts";

const HUNKS: Hunk[] = [[10, 2, 10, 3], [50, 0, 52, 2], [80, 1, 82, 0]];

function layout(view: DiffView, opened: [number, Opened][] = []): DiffLayout {
  return layoutDiff({ hunks: HUNKS, oldLines: 100, newLines: 102, view, opened: new Map(opened) });
}

function text(view: DiffView, opened: [number, Opened][] = []): string[] {
  const found = layout(view, opened);
  return Array.from({ length: found.rows }, (_, index) => {
    const row = rowAt(found, index);
    assert.ok(row);
    if (row.kind === "gap") return `... ${row.lines}`;
    const show = (line: number | undefined): string => line === undefined ? "-" : String(line + 1);
    return `${row.kind === "same" ? " " : "*"} ${show(row.old)} ${show(row.new)}`;
  });
}

Deno.test("side by side has changed lines beside each other, three lines around them, and gaps", () => {
  assert.deepEqual(text("split"), [
    "... 6",
    "  7 7",
    "  8 8",
    "  9 9",
    "* 10 10",
    "* 11 11",
    "* - 12",
    "  12 13",
    "  13 14",
    "  14 15",
    "... 33",
    "  48 49",
    "  49 50",
    "  50 51",
    "* - 52",
    "* - 53",
    "  51 54",
    "  52 55",
    "  53 56",
    "... 23",
    "  77 80",
    "  78 81",
    "  79 82",
    "* 80 -",
    "  81 83",
    "  82 84",
    "  83 85",
    "... 17",
  ]);
});

Deno.test("unified has the old lines of a change before the new ones", () => {
  assert.deepEqual(text("unified").slice(4, 9), ["* 10 -", "* 11 -", "* - 10", "* - 11", "* - 12"]);
});

Deno.test("a gap opens from either end, and goes when nothing worth a row is left", () => {
  assert.deepEqual(text("split", [[0, { fromTop: 0, fromBottom: 2 }]]).slice(0, 4), [
    "... 4",
    "  5 5",
    "  6 6",
    "  7 7",
  ]);
  assert.deepEqual(text("split", [[0, { fromTop: 5, fromBottom: 0 }]]).slice(0, 3), [
    "  1 1",
    "  2 2",
    "  3 3",
  ]);
  const whole = text("split", [0, 1, 2, 3].map((gap) => [gap, { fromTop: 999, fromBottom: 0 }]));
  assert.equal(whole.filter((row) => row.startsWith("...")).length, 0);
  assert.equal(whole.length, 103);
});

Deno.test("aligned lines stand beside each other, others before them", () => {
  const found = layoutDiff({
    hunks: [[1, 2, 1, 3]],
    oldLines: 2,
    newLines: 3,
    view: "split",
    opened: new Map(),
    alignments: new Map([[0, [[0, 1], [1, 2]]]]),
  });
  assert.deepEqual([0, 1, 2].map((row) => rowAt(found, row)), [
    { kind: "change", new: 0 },
    { kind: "change", old: 0, new: 1 },
    { kind: "change", old: 1, new: 2 },
  ]);
  assert.equal(found.rows, 3);
});

Deno.test("an added file is one change from its first line to its last", () => {
  const found = layoutDiff({
    hunks: [[0, 0, 1, 3]],
    oldLines: 0,
    newLines: 3,
    view: "split",
    opened: new Map(),
  });
  assert.deepEqual(rowAt(found, 2), { kind: "change", new: 2 });
  assert.equal(found.rows, 3);
});

Deno.test("a line of the new side is found again, hidden ones at their gap", () => {
  for (const view of ["split", "unified"] as const) {
    const found = layout(view);
    for (const line of [6, 9, 11, 52, 81]) {
      const row = rowAt(found, rowOfLine(found, line));
      assert.equal(row?.kind === "gap" ? -1 : row?.new, line);
    }
    assert.equal(rowOfLine(found, 2), 0);
    assert.equal(rowAt(found, rowOfLine(found, 30))?.kind, "gap");
    assert.ok(rowOfLine(found, 5000) < found.rows);
  }
});

Deno.test("changes are told by row", () => {
  const found = layout("split");
  assert.deepEqual(found.changes, [4, 14, 23]);
  assert.deepEqual([0, 4, 7, 14, 27].map((row) => changeAt(found, row)), [-1, 0, 0, 1, 2]);
});
