import assert from "node:assert/strict";
import { makeSnapshot } from "../testing/changes.ts";
import { snapshotLabel, snapshotName, stepPair } from "./snapshot_names.ts";

const TAKEN = [
  makeSnapshot(),
  makeSnapshot({ id: 2, reason: "turn", turn: 1 }),
  makeSnapshot({ id: 5, reason: "exit" }),
];

Deno.test("snapshots are named by why they were taken", () => {
  assert.deepEqual(TAKEN.map(snapshotName), ["Start", "Turn 1", "End"]);
});

Deno.test("labels have the time, and what differed or that it failed", () => {
  const totals = { files: 2, additions: 12, deletions: 3 };
  const nowMs = 1_700_000_000_000;
  assert.match(
    snapshotLabel(makeSnapshot({ reason: "turn", turn: 3, totals }), nowMs),
    /^Turn 3 · .*:.* · \+12 −3 in 2 files$/,
  );
  assert.match(snapshotLabel(makeSnapshot({ state: "failed" }), nowMs), /failed$/);
});

Deno.test("steps go from snapshot to snapshot, and to now while there is one", () => {
  const step = (current: object, by: 1 | -1, hasNow = true) => stepPair(TAKEN, { current, by, hasNow });
  assert.deepEqual(step({ from: 1, to: "now" }, 1), { from: 1, to: 2 });
  assert.deepEqual(step({ from: 1, to: 2 }, 1), { from: 2, to: 5 });
  assert.deepEqual(step({ from: 2, to: 5 }, 1), { from: 5, to: "now" });
  assert.equal(step({ from: 2, to: 5 }, 1, false), undefined);
  assert.deepEqual(step({ from: 1, to: "now" }, -1), { from: 5, to: "now" });
  assert.equal(step({ from: 1, to: 2 }, -1), undefined);
});
