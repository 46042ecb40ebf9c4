import assert from "node:assert/strict";
import type { Keyframe, Timeline } from "../../server/protocol.ts";
import { findHistoryScreen, findScreen } from "./screen_finder.ts";

const TIMELINE: Timeline = { end: 1_000_000, startedAtMs: 0, cols: 80, rows: 24, times: [], resizes: [] };
const STORED = [0, 300_000, 600_000, 900_000];

function getScreen(offset: number): Promise<Keyframe> {
  const stored = STORED.findLast((each) => each <= offset) ?? 0;
  return Promise.resolve({ offset: stored, cols: 80, rows: 24, ansi: "" });
}

Deno.test("a moment is shown from the nearest stored screen, the lines above it from one further back", async () => {
  const source = { getScreen, timeline: TIMELINE };
  assert.equal((await findScreen(950_000, source)).offset, 900_000);
  assert.equal((await findHistoryScreen(900_000, source))?.offset, 600_000);
  assert.equal((await findHistoryScreen(100_000, source))?.offset, 0);
});

Deno.test("no lines are looked for across a gap, nor very far back", async () => {
  const gaps: Timeline["gaps"] = [{ from: 700_000, to: 800_000, reason: "trimmed" }];
  assert.equal(await findHistoryScreen(900_000, { getScreen, timeline: { ...TIMELINE, gaps } }), undefined);
  assert.equal(await findHistoryScreen(9_000_000, { getScreen, timeline: TIMELINE }), undefined);
});
