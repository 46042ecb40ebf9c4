import assert from "node:assert/strict";
import { RecordingStore } from "./recordings.ts";

function openWith(sessions: Record<string, number>): RecordingStore {
  const store = new RecordingStore(":memory:");
  for (const [session, blocks] of Object.entries(sessions)) {
    const id = store.createRecording({ session, startedAtMs: 1, cols: 80, rows: 24 });
    for (let n = 0; n < blocks; n++) {
      const data = new Uint8Array(10_000);
      store.blocks.insert(id, { offset: n * 50_000, length: 50_000, atMs: n, codec: "x", data, times: null });
    }
    store.keyframes.insert(id, { offset: 7, cols: 80, rows: 24, codec: "raw", data: new Uint8Array(100) });
  }
  return store;
}

Deno.test("sizes tell what each recording takes, and which are kept", () => {
  const store = openWith({ a: 3, b: 0 });
  store.setKeep("b", true);
  const common = { startedAtMs: 1, endedAtMs: null };
  const a = { ...common, session: "a", keep: false, storedBytes: 30_100, rawBytes: 150_000 };
  const b = { ...common, session: "b", keep: true, storedBytes: 100, rawBytes: 0 };
  assert.deepEqual(store.listSizes().map((size) => ({ ...size })), [a, b]);
  assert.deepEqual({ ...store.getSize("a") }, a);
  assert.equal(store.getSize("c"), undefined);
  store.close();
});

Deno.test("a deleted recording is gone at once, small or large, and its session id is free", () => {
  const store = openWith({ small: 2, large: 300 });
  for (const session of ["small", "large"]) {
    const id = store.getRecording(session)?.id ?? 0;
    store.deleteRecording(session);
    assert.equal(store.getRecording(session), undefined);
    assert.equal(store.getRecordingById(id), undefined);
    assert.notEqual(
      store.createRecording({ session, startedAtMs: 2, cols: 80, rows: 24 }),
      id,
      "ids are not used again",
    );
  }
  assert.deepEqual(store.listSizes().map(({ rawBytes }) => rawBytes), [0, 0]);
  store.close();
});

Deno.test("a large deleted recording is purged in steps", () => {
  const store = openWith({ large: 300 });
  const id = store.getRecording("large")?.id ?? 0;
  store.deleteRecording("large");
  assert.deepEqual(store.listToMaintain(), [{ id, deleted: true, ended: false }]);
  let steps = 1;
  while (!store.purge(id, 1_000_000)) steps++;
  assert.ok(steps === 3, `${steps} steps`);
  assert.deepEqual(store.listToMaintain(), []);
  store.close();
});

Deno.test("a screen of the same offset is replaced", () => {
  const store = openWith({ a: 0 });
  const id = store.getRecording("a")?.id ?? 0;
  store.keyframes.insert(id, { offset: 7, cols: 90, rows: 24, codec: "raw", data: new Uint8Array(5) });
  assert.deepEqual(store.keyframes.listSizes(id).map(({ size }) => size), [5]);
  assert.equal(store.keyframes.getBefore(id, 100)?.cols, 90);
  assert.equal(store.keyframes.getAfter(id, 8), undefined);
  store.close();
});

Deno.test("the end counts a gap behind the last block", () => {
  const store = openWith({ a: 2 });
  const id = store.getRecording("a")?.id ?? 0;
  assert.equal(store.getEnd(id), 100_000);
  store.gaps.put(id, { offset: 100_000, length: 500, atMs: 1, reason: "storage" });
  assert.equal(store.getEnd(id), 100_500);
  store.close();
});
