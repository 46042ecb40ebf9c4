import assert from "node:assert/strict";
import type { BlockInfo } from "../store/blocks.ts";
import { encodeTimes } from "./block_times.ts";
import { sampleTimeline } from "./timeline.ts";

const all = Array.from({ length: 5000 }, (_, n) => ({ offset: n * 10, atMs: n * 100 }));

function merged(first: number, count: number): BlockInfo {
  return { ...all[first] ?? { offset: 0, atMs: 0 }, length: count * 10, parts: count, size: 1 };
}

function getTimes(offset: number): Uint8Array {
  // As if the block had been merged with more by now.
  return encodeTimes(all.slice(offset / 10, offset / 10 + 4000));
}

Deno.test("a merged recording has the timeline it had before", () => {
  const small = all.map((_, n) => merged(n, 1));
  const mixed = [merged(0, 3000), ...small.slice(3000, 3500), merged(3500, 1499), merged(4999, 1)];
  for (const maxPoints of [1, 7, 2000, 5000, 9000]) {
    const points = sampleTimeline({ blocks: small, maxPoints, getTimes });
    assert.ok(
      points.length <= maxPoints && points.length > Math.min(5000, maxPoints) / 2,
      `${points.length}`,
    );
    assert.deepEqual(sampleTimeline({ blocks: mixed, maxPoints, getTimes }), points);
  }
});

Deno.test("a block that was merged meanwhile is one point", () => {
  const points = sampleTimeline({ blocks: [merged(0, 5)], maxPoints: 10, getTimes: () => undefined });
  assert.deepEqual(points, [{ offset: 0, atMs: 0 }]);
});
