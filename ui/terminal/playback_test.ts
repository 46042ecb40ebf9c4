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

/** Bytes 40 to 200 are missing: the end of the first block, and all of the second. */
const GAPPED = new Playback({
  end: 300,
  times: [[0, 0], [200, 60_000]],
  gaps: [{ from: 40, to: 100, reason: "trimmed" }, { from: 100, to: 200, reason: "storage" }],
});

Deno.test("no moment is inside of a gap; both of its sides can be gone to", () => {
  for (let ms = 0; ms <= GAPPED.durationMs; ms += 5) {
    const { offset } = GAPPED.atPlayTime(ms);
    assert.ok(offset <= 40 || offset >= 200, `offset ${offset} at ${ms} ms`);
  }
  assert.equal(GAPPED.atOffset(40).offset, 40);
  assert.deepEqual([41, 150, 199].map((offset) => GAPPED.atOffset(offset).offset), [200, 200, 200]);
});

Deno.test("steps stop before and after a gap", () => {
  const forward: number[] = [];
  for (let at = 0; at < 300;) forward.push(at = GAPPED.step(at, 1).offset);
  assert.deepEqual(forward, [40, 200, 300]);
  const back: number[] = [];
  for (let at = 300; at > 0;) back.push(at = GAPPED.step(at, -1).offset);
  assert.deepEqual(back, [200, 40, 0]);
});

Deno.test("gaps that follow each other are marked as one, over the time in which nothing is printed", () => {
  assert.deepEqual(GAPPED.gapMarks, [{
    from: 40,
    to: 200,
    reason: "trimmed",
    fromMs: 100,
    toMs: MAX_IDLE_MS,
  }]);
});

Deno.test("a gap within one block splits its time by the bytes that are left", () => {
  const split = new Playback({
    end: 400,
    times: [[0, 0]],
    gaps: [{ from: 100, to: 300, reason: "storage" }],
  });
  assert.equal(split.durationMs, 100);
  assert.deepEqual([25, 75].map((ms) => split.atPlayTime(ms).offset), [50, 350]);
});

Deno.test("with a gap at the start it begins after it, with one at the end it ends before", () => {
  const cut = new Playback({
    end: 300,
    times: [[100, 5000]],
    gaps: [{ from: 0, to: 100, reason: "trimmed" }, { from: 250, to: 300, reason: "storage" }],
  });
  assert.deepEqual(cut.atOffset(0), { offset: 100, playMs: 0, realMs: 5000 });
  assert.equal(cut.end, 250);
  assert.equal(cut.atOffset(Infinity).offset, 250);
  assert.deepEqual(cut.gapMarks.map(({ fromMs, toMs }) => [fromMs, toMs]), [[0, 0], [100, 100]]);
});
