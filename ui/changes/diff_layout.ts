// Which rows a diff has: changed places, lines around them, and gaps that can be opened. Pure; knows no text.

import type { FileDiff } from "../../server/protocol.ts";

export type DiffView = "split" | "unified";
export type Side = "old" | "new";
export type Hunk = FileDiff["hunks"][number];

/** Lines around a change that are shown without asking. */
const CONTEXT_LINES = 3;
/** How far one click opens a gap. */
export const EXPAND_LINES = 20;

/** How far a gap was opened from its upper and its lower end, in lines. */
export interface Opened {
  fromTop: number;
  fromBottom: number;
}

/** Pairs of lines of a change that belong together, counted from the start of the change on each side. */
export type Alignment = readonly (readonly [old: number, new: number])[];

export interface LayoutInput {
  hunks: readonly Hunk[];
  oldLines: number;
  newLines: number;
  view: DiffView;
  /** By gap: gap 0 is before the first hunk, gap n after the last of n. */
  opened: ReadonlyMap<number, Opened>;
  /** By hunk; missing ones are paired line by line. */
  alignments?: ReadonlyMap<number, Alignment>;
}

/** Consecutive rows of one kind. Lines count from 0. */
export interface Segment {
  kind: "same" | "change" | "gap";
  /** Of a change its hunk, of a gap its own number. */
  index: number;
  old: number;
  oldCount: number;
  new: number;
  newCount: number;
  /** Rows before it. */
  top: number;
  rows: number;
  /** Rows of an aligned change, line numbers on either side. */
  pairs?: readonly { old?: number; new?: number }[];
}

export interface DiffLayout {
  segments: readonly Segment[];
  rows: number;
  /** First row of each change, in order. */
  changes: readonly number[];
}

/** One row. A line number is missing where that side has nothing. */
export type DiffRow =
  | { kind: "same"; old: number; new: number }
  | { kind: "change"; old?: number; new?: number }
  | { kind: "gap"; gap: number; lines: number; first: boolean; last: boolean };

/** Lays out a whole file; without a change it has no rows. */
export function layoutDiff(input: LayoutInput): DiffLayout {
  if (input.hunks.length === 0) return { segments: [], rows: 0, changes: [] };
  const segments: Segment[] = [];
  const changes: number[] = [];
  let rows = 0;
  const add = (segment: Omit<Segment, "top">): void => {
    if (segment.rows === 0) return;
    segments.push({ ...segment, top: rows });
    rows += segment.rows;
  };
  let at = { old: 0, new: 0 };
  for (const [index, hunk] of input.hunks.entries()) {
    const change = changeSegment(input, { hunk, index });
    addUnchanged(input, { from: at, count: change.new - at.new, gap: index, add });
    changes.push(rows);
    add(change);
    at = { old: change.old + change.oldCount, new: change.new + change.newCount };
  }
  addUnchanged(input, { from: at, count: input.newLines - at.new, gap: input.hunks.length, add });
  return { segments, rows, changes };
}

function changeSegment(
  input: LayoutInput,
  { hunk, index }: { hunk: Hunk; index: number },
): Omit<Segment, "top"> {
  const [oldStart, oldCount, newStart, newCount] = hunk;
  const lines = {
    kind: "change" as const,
    index,
    // A side without lines names the line before the place.
    old: oldCount === 0 ? oldStart : oldStart - 1,
    oldCount,
    new: newCount === 0 ? newStart : newStart - 1,
    newCount,
  };
  if (input.view === "unified") return { ...lines, rows: oldCount + newCount };
  const alignment = input.alignments?.get(index);
  if (alignment === undefined) return { ...lines, rows: Math.max(oldCount, newCount) };
  const pairs = alignedRows(lines, alignment);
  return { ...lines, rows: pairs.length, pairs };
}

/** Paired lines stand beside each other, what is between them before. */
function alignedRows(
  change: { old: number; oldCount: number; new: number; newCount: number },
  alignment: Alignment,
): { old?: number; new?: number }[] {
  const rows: { old?: number; new?: number }[] = [];
  let at = { old: 0, new: 0 };
  for (const [old, fresh] of [...alignment, [change.oldCount, change.newCount] as const]) {
    const between = Math.max(old - at.old, fresh - at.new);
    for (let row = 0; row < between; row++) {
      rows.push({
        ...(at.old + row < old ? { old: change.old + at.old + row } : {}),
        ...(at.new + row < fresh ? { new: change.new + at.new + row } : {}),
      });
    }
    if (old < change.oldCount && fresh < change.newCount) {
      rows.push({ old: change.old + old, new: change.new + fresh });
    }
    at = { old: old + 1, new: fresh + 1 };
  }
  return rows;
}

interface Unchanged {
  from: { old: number; new: number };
  count: number;
  gap: number;
  add(segment: Omit<Segment, "top">): void;
}

/** Lines between two changes: those close to them, and a gap for the rest. */
function addUnchanged(input: LayoutInput, { from, count, gap, add }: Unchanged): void {
  if (count <= 0) return;
  const opened = input.opened.get(gap) ?? { fromTop: 0, fromBottom: 0 };
  const first = gap === 0;
  const last = gap === input.hunks.length;
  const above = Math.min(count, (first ? 0 : CONTEXT_LINES) + opened.fromTop);
  const below = Math.min(count - above, (last ? 0 : CONTEXT_LINES) + opened.fromBottom);
  const hidden = count - above - below;
  const same = (offset: number, lines: number): void =>
    add({
      kind: "same",
      index: gap,
      old: from.old + offset,
      oldCount: lines,
      new: from.new + offset,
      newCount: lines,
      rows: lines,
    });
  // A gap of one line takes as much room as the line.
  if (hidden <= 1) return same(0, count);
  same(0, above);
  add({
    kind: "gap",
    index: gap,
    old: from.old + above,
    oldCount: hidden,
    new: from.new + above,
    newCount: hidden,
    rows: 1,
  });
  same(above + hidden, below);
}

/** The row at an index below `layout.rows`. */
export function rowAt(layout: DiffLayout, index: number): DiffRow | undefined {
  const segment = layout.segments[segmentIndex(layout, index)];
  if (segment === undefined || index >= layout.rows) return undefined;
  const offset = index - segment.top;
  switch (segment.kind) {
    case "same":
      return { kind: "same", old: segment.old + offset, new: segment.new + offset };
    case "gap":
      return {
        kind: "gap",
        gap: segment.index,
        lines: segment.newCount,
        first: segment === layout.segments[0],
        last: segment === layout.segments.at(-1),
      };
    case "change":
      return { kind: "change", ...changeRow(segment, offset) };
  }
}

function changeRow(segment: Segment, offset: number): { old?: number; new?: number } {
  if (segment.pairs !== undefined) return segment.pairs[offset] ?? {};
  const isSplit = segment.rows < segment.oldCount + segment.newCount;
  const newOffset = isSplit ? offset : offset - segment.oldCount;
  return {
    ...(offset < segment.oldCount ? { old: segment.old + offset } : {}),
    ...(newOffset >= 0 && newOffset < segment.newCount ? { new: segment.new + newOffset } : {}),
  };
}

/** Where a line of the new side is now; of a hidden line the gap it is in. */
export function rowOfLine(layout: DiffLayout, line: number): number {
  const { segments } = layout;
  const after = segments.findIndex((segment) => segment.new + segment.newCount > line);
  const segment = segments[after < 0 ? segments.length - 1 : after];
  if (segment === undefined) return 0;
  if (segment.kind === "gap") return segment.top;
  const offset = Math.max(0, line - segment.new);
  const isUnified = segment.kind === "change" && segment.rows === segment.oldCount + segment.newCount;
  return Math.min(segment.top + segment.rows - 1, segment.top + offset + (isUnified ? segment.oldCount : 0));
}

/** The change that a row belongs to, or the last one before it; -1 before the first. */
export function changeAt(layout: DiffLayout, row: number): number {
  return lastNotAbove(layout.changes.length, (at) => layout.changes[at] ?? 0, row);
}

function segmentIndex(layout: DiffLayout, row: number): number {
  return lastNotAbove(layout.segments.length, (at) => layout.segments[at]?.top ?? 0, row);
}

/** Index of the last of `count` ascending values that is not above `limit`; -1 when all are. */
export function lastNotAbove(count: number, valueAt: (index: number) => number, limit: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
