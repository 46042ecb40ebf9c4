import assert from "node:assert/strict";
import { test, type TestApp } from "../testing/test_app.ts";

const DAY_MS = 86_400_000;

/** Ended sessions with recordings of that many days. */
async function addSessions(t: TestApp, agesInDays: number[]): Promise<string[]> {
  const ids: string[] = [];
  for (const age of agesInDays) {
    const { id } = await t.rooms.sessions.launch({ cwd: t.directory, command: `echo ${age}` });
    t.holder.exit(id, { code: 0 });
    const endedAtMs = 1_800_000_000_000 - age * DAY_MS;
    t.holder.recordings.push({
      session: id,
      startedAtMs: 0,
      endedAtMs,
      keep: false,
      storedBytes: 1000,
      rawBytes: 9000,
    });
    ids.push(id);
  }
  return ids;
}

test("nothing is deleted unless the user set a limit", async (t) => {
  await addSessions(t, [1000]);
  assert.deepEqual(await t.rooms.storage.clean(), { deleted: 0, freedBytes: 0 });
});

test("what would go is shown with settings not saved yet, then goes, but for what is kept", async (t) => {
  const [old, kept, recent] = await addSessions(t, [40, 50, 1]);
  await t.rooms.storage.setKeep(kept ?? "", true);
  const wish = { maxAgeDays: 30, maxTotalGb: null, capGb: 1 };
  const preview = await t.rooms.storage.describe(wish);
  assert.deepEqual(preview.going.map(({ sessionId, reason }) => [sessionId, reason]), [[old, "age"]]);
  assert.deepEqual([preview.count, preview.storedBytes, preview.rawBytes], [3, 3000, 27_000]);
  t.rooms.storage.update(wish);
  assert.deepEqual(await t.rooms.storage.clean(), { deleted: 1, freedBytes: 1000 });
  assert.deepEqual(t.holder.deleted, [old]);
  assert.equal(t.rooms.sessions.get(recent ?? "").lifecycle, "ended");
});

test("the holder learns the cap", async (t) => {
  t.rooms.storage.update({ capGb: 2 });
  assert.equal(t.holder.recordingCap, 2 * 2 ** 30);
  t.holder.recordingCap = undefined;
  t.holder.listener({ type: "recording_resumed", lost: [] });
  assert.equal(t.holder.recordingCap, 2 * 2 ** 30, "another holder was connected to");
  await Promise.resolve();
});

test("a pause of recording is told to every page, and what was lost is marked", async (t) => {
  const [id = ""] = await addSessions(t, [1]);
  t.holder.listener({ type: "recording_resumed", lost: [] });
  for (let n = 0; n < 2; n++) t.holder.listener({ type: "recording_paused", reason: "disk full" });
  assert.equal(t.rooms.storage.pausedReason, "disk full");
  t.holder.listener({ type: "recording_resumed", lost: [{ session: id, bytes: 5 }] });
  assert.equal(t.rooms.storage.pausedReason, undefined);
  assert.deepEqual(t.messages.filter(({ type }) => type === "recording"), [
    { type: "recording", pausedReason: "disk full" },
    { type: "recording" },
  ]);
  const { items } = t.store.events.list(id, { limit: 10 });
  assert.match(items.find(({ kind }) => kind === "recording_gap")?.text ?? "", /5 bytes/);
});
