import assert from "node:assert/strict";
import { MAX_IDLE_MS, Playback } from "./playback.ts";

/** Three blocks: at once, after one second, after an hour. */
const PLAYBACK = new Playback({ end: 300, times: [[0, 0], [100, 1000], [200, 3_601_000]] });

Deno.test("idle time is cut to two seconds, real time stays known", () => {
  assert.equal(PLAYBACK.durationMs, 1000 + MAX_IDLE_MS + 100);
  assert.equal(PLAYBACK.realDurationMs, 3_601_100);
  const last = PLAYBACK.atPlayTime(1000 + MAX_IDLE_MS);
  assert.deepEqual([last.offset, last.realMs], [200, 3_601_000]);
});

Deno.test("a block is printed evenly over its time, then nothing moves until the next", () => {
  assert.equal(PLAYBACK.atPlayTime(50).offset, 50);
  assert.equal(PLAYBACK.atPlayTime(100).offset, 100);
  assert.equal(PLAYBACK.atPlayTime(999).offset, 100);
  assert.equal(PLAYBACK.atPlayTime(1000).offset, 100);
  assert.equal(PLAYBACK.atPlayTime(1050).offset, 150);
});

Deno.test("times and offsets outside are clamped", () => {
  assert.deepEqual(PLAYBACK.atPlayTime(-5), { offset: 0, playMs: 0, realMs: 0 });
  assert.equal(PLAYBACK.atPlayTime(1e9).offset, 300);
  assert.equal(PLAYBACK.atOffset(1e9).playMs, PLAYBACK.durationMs);
  assert.equal(PLAYBACK.atOffset(0).playMs, 0);
});

Deno.test("offset to time and back is the same place", () => {
  for (let offset = 0; offset <= 300; offset += 7) {
    assert.equal(PLAYBACK.atPlayTime(PLAYBACK.atOffset(offset).playMs).offset, offset);
  }
});

Deno.test("steps go from block to block", () => {
  const forward: number[] = [];
  for (let at = 0; at < 300;) forward.push(at = PLAYBACK.step(at, 1).offset);
  assert.deepEqual(forward, [100, 200, 300]);
  const back: number[] = [];
  for (let at = 300; at > 0;) back.push(at = PLAYBACK.step(at, -1).offset);
  assert.deepEqual(back, [200, 100, 0]);
});

Deno.test("time never runs backwards, whatever the timeline says", () => {
  const odd = new Playback({ end: 50, times: [[0, 500], [10, 400], [10, 450], [40, 9000]] });
  let before = { offset: -1, playMs: -1 };
  for (let ms = 0; ms <= odd.durationMs; ms += 10) {
    const point = odd.atPlayTime(ms);
    assert.ok(point.offset >= before.offset && point.playMs >= before.playMs);
    before = point;
  }
  assert.equal(before.offset, 50);
});

Deno.test("an empty recording has one place", () => {
  const empty = new Playback({ end: 0, times: [] });
  assert.deepEqual(empty.atPlayTime(100), { offset: 0, playMs: 0, realMs: 0 });
  assert.equal(empty.step(0, 1).offset, 0);
  assert.equal(empty.durationMs, 0);
});

Deno.test("long blocks of a thinned timeline are printed over their time", () => {
  const times = Array.from({ length: 1000 }, (_, index): [number, number] => [index * 1000, index * 1500]);
  const thinned = new Playback({ end: 1_000_000, times });
  assert.equal(thinned.atPlayTime(750).offset, 500);
});
