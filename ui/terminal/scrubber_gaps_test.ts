import assert from "node:assert/strict";
import { Playback } from "./playback.ts";
import { gapNear, gapText } from "./ScrubberGaps.tsx";

const PLAYBACK = new Playback({
  end: 5000,
  times: [[0, 0], [1000, 1000], [3000, 3000], [4000, 4000]],
  gaps: [{ from: 1000, to: 3000, reason: "trimmed" }, { from: 3500, to: 3501, reason: "storage" }],
});

Deno.test("a gap says how much is missing and why", () => {
  assert.deepEqual(PLAYBACK.gapMarks.map(gapText), [
    "2.00 kB not kept: recording over its cap",
    "1 B not stored",
  ]);
});

Deno.test("a thin gap is met by a pointer beside it, and nothing is met elsewhere", () => {
  const total = PLAYBACK.durationMs;
  assert.equal(gapNear(PLAYBACK, 2000 / total)?.reason, "trimmed");
  assert.equal(gapNear(PLAYBACK, 3070 / total)?.reason, "storage");
  assert.equal(gapNear(PLAYBACK, 50 / total), undefined);
  assert.equal(gapNear(PLAYBACK, 3500 / total), undefined);
});
