import assert from "node:assert/strict";
import { decideKeyframesToDrop, MAX_REPLAY_BYTES, type ThinningOptions } from "./keyframe_thinning.ts";

const MEBI = 1 << 20;

function decide(options: Partial<ThinningOptions> = {}): number[] {
  return decideKeyframesToDrop({
    keyframes: Array.from({ length: 100 }, (_, n) => ({ offset: (n + 1) * MEBI, size: 10_000 })),
    outputBytes: 1_000_000,
    before: Infinity,
    protectedOffsets: new Set(),
    ...options,
  });
}

Deno.test("screens stay as long as they are small beside the output", () => {
  assert.deepEqual(decide({ outputBytes: 10_000_000 }), []);
});

Deno.test("no replay gets longer than promised, however large the screens are", () => {
  const dropped = new Set(decide({ outputBytes: 0 }));
  const kept = [0, ...Array.from({ length: 100 }, (_, n) => (n + 1) * MEBI).filter((at) => !dropped.has(at))];
  assert.equal(kept.length, 26);
  for (const [n, at] of kept.entries()) assert.ok(at - (kept[n - 1] ?? 0) <= MAX_REPLAY_BYTES);
  assert.equal(kept.at(-1), 100 * MEBI, "the last one stays");
});

Deno.test("only as many go as must, the oldest first, and thinning again changes nothing", () => {
  const dropped = decide({ outputBytes: 9_500_000 });
  assert.deepEqual(dropped, [1, 2, 3, 5, 6].map((n) => n * MEBI));
});

Deno.test("new and protected screens stay", () => {
  const dropped = decide({ outputBytes: 0, before: 9 * MEBI, protectedOffsets: new Set([2 * MEBI]) });
  assert.deepEqual(dropped, [1, 3, 4, 5, 7, 8].map((n) => n * MEBI));
});
