import assert from "node:assert/strict";
import { KeyframeClock } from "./keyframe_clock.ts";
import type { ScreenSnapshot } from "./screen.ts";

function snapshotAt(offset: number, exact = true): ScreenSnapshot {
  return { offset, cols: 80, rows: 24, ansi: "", exact };
}

Deno.test("a screen is due after so many bytes, again and again", () => {
  const clock = new KeyframeClock(100, 50);
  assert.deepEqual([clock.isDue(149), clock.isDue(150)], [false, true]);
  assert.ok(clock.accept(snapshotAt(160), 160));
  assert.deepEqual([clock.isDue(259), clock.isDue(260)], [false, true]);
});

Deno.test("an inexact screen is tried again soon, and taken when there is no better one", () => {
  const clock = new KeyframeClock(100, 0);
  for (const offset of [100, 125, 150]) {
    assert.ok(clock.isDue(offset));
    assert.ok(!clock.accept(snapshotAt(offset, false), offset));
    assert.ok(!clock.isDue(offset + 24));
  }
  assert.ok(clock.accept(snapshotAt(175, false), 175));
  assert.ok(!clock.isDue(274));
});

Deno.test("the same screen is not stored twice", () => {
  const clock = new KeyframeClock(100, 0);
  assert.ok(clock.accept(snapshotAt(100), 100));
  for (const offset of [200, 225, 250, 275]) assert.ok(!clock.accept(snapshotAt(100), offset));
});
