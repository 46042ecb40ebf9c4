// What differs within two lines, and which lines of a change belong together. Pure.

import { diffArrays } from "diff";
import type { Alignment } from "./diff_layout.ts";

/** From and to, in characters of the line. */
export type Mark = readonly [start: number, end: number];

export interface LineMarks {
  old: Mark[];
  new: Mark[];
}

/** Lines longer than this are compared as a whole only. */
const MAX_MARKED_CHARS = 1000;
/** Lines that share less than this part of their words are two lines, not one that changed. */
const MIN_SHARED = 0.3;
const MAX_EDITS = 200;
/** Lines of one side times lines of the other up to which it is worth looking for pairs. */
const MAX_PAIRINGS = 1600;

const WORD = /[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu;

/** The words that differ; undefined when the lines have too little in common to be compared. */
export function markWords(before: string, after: string): LineMarks | undefined {
  if (Math.max(before.length, after.length) > MAX_MARKED_CHARS) return undefined;
  const parts = diffArrays(wordsOf(before), wordsOf(after), { maxEditLength: MAX_EDITS });
  if (parts === undefined) return undefined;
  const marks: LineMarks = { old: [], new: [] };
  let at = { old: 0, new: 0 };
  let shared = 0;
  for (const { value, added, removed } of parts) {
    const chars = value.reduce((sum, word) => sum + word.length, 0);
    const next = { old: at.old + (added ? 0 : chars), new: at.new + (removed ? 0 : chars) };
    if (removed) addMark(marks.old, { from: at.old, to: next.old, line: before });
    else if (added) addMark(marks.new, { from: at.new, to: next.new, line: after });
    else shared += value.reduce((sum, word) => sum + word.trim().length, 0);
    at = next;
  }
  const length = Math.max(before.trim().length, after.trim().length);
  return shared < length * MIN_SHARED ? undefined : marks;
}

/** One mark instead of two with nothing but space between them. */
function addMark(marks: Mark[], { from, to, line }: { from: number; to: number; line: string }): void {
  const last = marks.at(-1);
  if (last !== undefined && line.slice(last[1], from).trim() === "") marks[marks.length - 1] = [last[0], to];
  else marks.push([from, to]);
}

function wordsOf(line: string): string[] {
  return line.match(WORD) ?? [];
}

/**
 * Pairs old and new lines of a change by how alike they are, in order; undefined when there is nothing better than
 * first with first.
 */
export function alignLines(before: readonly string[], after: readonly string[]): Alignment | undefined {
  const rows = before.length;
  const columns = after.length;
  if (rows === columns || rows === 0 || columns === 0 || rows * columns > MAX_PAIRINGS) return undefined;
  const words = { old: before.map(wordSet), new: after.map(wordSet) };
  const worth = (row: number, column: number): number => likeness(words.old[row], words.new[column]);
  // best[row][column]: how much the lines from there on are worth.
  const best = Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1));
  const at = (row: number, column: number): number => best[row]?.[column] ?? 0;
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const paired = worth(row, column) + at(row + 1, column + 1);
      (best[row] ?? [])[column] = Math.max(paired, at(row + 1, column), at(row, column + 1));
    }
  }
  return followBest({ rows, columns, at, worth });
}

function followBest(
  { rows, columns, at, worth }: {
    rows: number;
    columns: number;
    at(row: number, column: number): number;
    worth(row: number, column: number): number;
  },
): Alignment | undefined {
  const pairs: [number, number][] = [];
  let row = 0;
  let column = 0;
  while (row < rows && column < columns) {
    const value = worth(row, column);
    if (value > 0 && at(row, column) === value + at(row + 1, column + 1)) pairs.push([row++, column++]);
    else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return pairs.length === 0 ? undefined : pairs;
}

function wordSet(line: string): Set<string> {
  return new Set(wordsOf(line).filter((word) => word.trim() !== ""));
}

/** Shared words of all words; 0 when too few to be the same line. */
function likeness(before: Set<string> | undefined, after: Set<string> | undefined): number {
  if (before === undefined || after === undefined || before.size === 0 || after.size === 0) return 0;
  let shared = 0;
  for (const word of before) if (after.has(word)) shared++;
  const value = 2 * shared / (before.size + after.size);
  return value < 0.5 ? 0 : value;
}
