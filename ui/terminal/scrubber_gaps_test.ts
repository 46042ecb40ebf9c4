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

Deno.test("what is recorded after a gap, on a screen nobody knows, is said with it", () => {
  const gap = { from: 0, to: 1000, reason: "storage", shownFrom: 1500 } as const;
  const { gapMarks } = new Playback({
    end: 5000,
    times: [],
    gaps: [{ ...gap, to: 500 }, { ...gap, from: 500 }],
  });
  const text = "1.00 kB not stored; the next 500 B only in the download: their screen is unknown";
  assert.deepEqual(gapMarks.map(gapText), [text]);
});

Deno.test("a thin gap is met by a pointer beside it, and nothing is met elsewhere", () => {
  const total = PLAYBACK.durationMs;
  assert.equal(gapNear(PLAYBACK, 2000 / total)?.reason, "trimmed");
  assert.equal(gapNear(PLAYBACK, 3070 / total)?.reason, "storage");
  assert.equal(gapNear(PLAYBACK, 50 / total), undefined);
  assert.equal(gapNear(PLAYBACK, 3500 / total), undefined);
});
