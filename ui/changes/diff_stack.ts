// Where each file lies when all diffs are one long page: heads and bodies one below the other. Pure.

import { lastNotAbove } from "./diff_layout.ts";

export const ROW_PX = 20;
export const HEAD_PX = 36;
/** Between two files. */
export const SPACE_PX = 12;
/** What is said in place of lines. */
export const NOTE_PX = 56;
/** Rows that are opened without asking: browsers cannot lay out pages of any height. */
export const MAX_OPEN_ROWS = 400_000;

export interface StackItem {
  id: string;
  /** Height below the head; 0 when closed. */
  bodyPx: number;
}

export interface DiffStack {
  items: readonly StackItem[];
  /** Of each item's head, then the height of all. */
  tops: readonly number[];
}

export function stackFiles(items: readonly StackItem[]): DiffStack {
  const tops: number[] = [];
  let top = 0;
  for (const { bodyPx } of items) {
    tops.push(top);
    top += HEAD_PX + bodyPx + SPACE_PX;
  }
  return { items, tops: [...tops, top] };
}

export function stackHeight({ tops }: DiffStack): number {
  return tops.at(-1) ?? 0;
}

/** Index of the file at a height; the last one below all. */
export function indexAt({ items, tops }: DiffStack, y: number): number {
  return Math.max(0, lastNotAbove(items.length, (at) => tops[at] ?? 0, y));
}

export function topOf({ items, tops }: DiffStack, id: string): number | undefined {
  return tops[items.findIndex((item) => item.id === id)] ?? undefined;
}

/** Files of which something lies between two heights. */
export function itemsBetween(stack: DiffStack, { from, to }: { from: number; to: number }): {
  index: number;
  item: StackItem;
  top: number;
}[] {
  const found: { index: number; item: StackItem; top: number }[] = [];
  for (let index = indexAt(stack, from); index < stack.items.length; index++) {
    const item = stack.items[index];
    const top = stack.tops[index] ?? 0;
    if (item === undefined || top >= to) break;
    found.push({ index, item, top });
  }
  return found;
}

/** Rows of a body that are drawn: those in view and as many on either side, from a multiple of `step`. */
export function rowsBetween(
  rows: number,
  view: { from: number; to: number; step: number },
): { start: number; end: number } {
  const margin = view.to - view.from;
  const first = Math.floor((view.from - margin) / ROW_PX / view.step) * view.step;
  const last = Math.ceil((view.to + margin) / ROW_PX / view.step) * view.step;
  return { start: Math.min(rows, Math.max(0, first)), end: Math.min(rows, Math.max(0, last)) };
}
