import assert from "node:assert/strict";
import { ResizeCursor } from "./resize_cursor.ts";

const RESIZES = [
  { offset: 10, cols: 90, rows: 20 },
  { offset: 10, cols: 100, rows: 20 },
  { offset: 50, cols: 80, rows: 24 },
];

function columns(cursor: ResizeCursor, offset: number): number[] {
  return cursor.takeBefore(offset).map((each) => each.cols);
}

Deno.test("each change is taken once, in order, before its offset is passed", () => {
  const cursor = new ResizeCursor(RESIZES);
  assert.deepEqual(columns(cursor, 10), []);
  assert.deepEqual(columns(cursor, 11), [90, 100]);
  assert.deepEqual(columns(cursor, 11), []);
  assert.deepEqual(columns(cursor, 1000), [80]);
});

Deno.test("a screen at the offset of a change may be older or newer than it", () => {
  const older = new ResizeCursor(RESIZES);
  older.startAt({ offset: 10, cols: 80, rows: 24 });
  assert.deepEqual(columns(older, 11), [90, 100]);
  const newer = new ResizeCursor(RESIZES);
  newer.startAt({ offset: 10, cols: 100, rows: 20 });
  assert.deepEqual(columns(newer, 11), []);
  const behind = new ResizeCursor(RESIZES);
  behind.startAt({ offset: 60, cols: 80, rows: 24 });
  assert.deepEqual(columns(behind, 1000), []);
});

Deno.test("a list that has grown goes on where it was", () => {
  const cursor = new ResizeCursor(RESIZES.slice(0, 2));
  columns(cursor, 20);
  cursor.grow(RESIZES);
  assert.deepEqual(columns(cursor, 1000), [80]);
});
