import assert from "node:assert/strict";
import type { SnapshotView } from "../../server/protocol.ts";
import { makeSnapshot } from "../testing/changes.ts";
import { SnapshotsModel } from "./snapshots.ts";

function setUp(take: () => Promise<SnapshotView>): {
  snapshots: InstanceType<typeof SnapshotsModel>;
  errors: string[];
} {
  const errors: string[] = [];
  const snapshots = new SnapshotsModel({
    api: {
      listSnapshots: () => Promise.resolve({ items: [makeSnapshot()], capturing: false }),
      takeSnapshot: take,
    },
    sessionId: "1",
    onError: (message) => errors.push(message),
  });
  return { snapshots, errors };
}

Deno.test("a snapshot taken now is in the list afterwards", async () => {
  const { snapshots, errors } = setUp(() => Promise.resolve(makeSnapshot({ id: 2, reason: "manual" })));
  const taken = snapshots.take();
  assert.equal(snapshots.taking.value, true);
  await taken;
  assert.equal(snapshots.taking.value, false);
  assert.equal(snapshots.value.value?.items.length, 1);
  assert.deepEqual(errors, []);
});

Deno.test("a snapshot that failed says why", async () => {
  const failed = makeSnapshot({ id: 2, state: "failed", message: "Too much" });
  const { snapshots, errors } = setUp(() => Promise.resolve(failed));
  await snapshots.take();
  const broken = setUp(() => Promise.reject(new Error("away")));
  await broken.snapshots.take();
  assert.deepEqual([...errors, ...broken.errors], ["Too much", "The snapshot was not taken: away"]);
});
