import assert from "node:assert/strict";
import type { SnapshotSettingsView } from "../../server/protocol.ts";
import { SnapshotSettingsModel } from "./snapshot_settings.ts";

const ON: SnapshotSettingsView = { captureAtEnd: true, afterTurns: true, offByEnvironment: false };

async function load(view: SnapshotSettingsView): Promise<InstanceType<typeof SnapshotSettingsModel>> {
  const settings = new SnapshotSettingsModel({
    api: {
      getSnapshotSettings: () => Promise.resolve(view),
      updateSnapshotSettings: (patch) => Promise.resolve({ ...view, ...patch }),
    },
    onError: assert.fail,
  });
  assert.equal(settings.atStart.value, false, "unknown");
  await settings.load();
  return settings;
}

Deno.test("a launch keeps the repository only where snapshots are on, here and in the environment", async () => {
  const settings = await load(ON);
  assert.equal(settings.atStart.value, true);
  await settings.update({ captureAtEnd: false });
  assert.equal(settings.atStart.value, false);
  assert.equal((await load({ ...ON, offByEnvironment: true })).atStart.value, false);
});
