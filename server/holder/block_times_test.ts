import assert from "node:assert/strict";
import { type BlockTime, decodeTimes, encodeTimes } from "./block_times.ts";

Deno.test("times come back as they were, also when the clock was set back or a step is huge", () => {
  const parts: BlockTime[] = [
    { offset: 5, atMs: 1_700_000_000_000 },
    { offset: 6, atMs: 1_700_000_000_100 },
    { offset: 70_000, atMs: 1_600_000_000_000 },
    { offset: 5_000_000_000, atMs: 1_800_000_000_000 },
    { offset: 5_000_000_001, atMs: 1_800_000_000_000 },
  ];
  assert.deepEqual(decodeTimes({ offset: 5, atMs: 1_700_000_000_000 }, encodeTimes(parts)), parts);
  assert.deepEqual(decodeTimes({ offset: 1, atMs: 2 }, new Uint8Array()), [{ offset: 1, atMs: 2 }]);
});

Deno.test("ten updates a second cost four bytes each at most", () => {
  const parts = Array.from({ length: 1000 }, (_, n) => ({ offset: n * 300, atMs: n * 101 }));
  assert.ok(encodeTimes(parts).length <= 4000);
});
