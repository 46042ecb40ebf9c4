import assert from "node:assert/strict";
import { RecordingStore } from "../store/recordings.ts";
import { decodeBlock, encodeBlock } from "./codec.ts";
import { MAX_BLOCK_BYTES } from "./pending_output.ts";
import { Recorder } from "./recorder.ts";

function openRecorder(): {
  recorder: Recorder;
  store: RecordingStore;
  clock: { nowMs: number };
  errors: unknown[];
} {
  const store = new RecordingStore(":memory:");
  const clock = { nowMs: 1000 };
  const errors: unknown[] = [];
  const recorder = new Recorder({ store, now: () => clock.nowMs, onError: (cause) => errors.push(cause) });
  return { recorder, store, clock, errors };
}

function numbered(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, n) => (first + n) % 253);
}

Deno.test("what was appended is read back at once, at any offset, across blocks", () => {
  const { recorder } = openRecorder();
  const recording = recorder.start({ session: "a", cols: 80, rows: 24 });
  for (let at = 0; at < 300_000; at += 7000) recording.append(numbered(7000, at));
  for (const from of [0, 1, MAX_BLOCK_BYTES - 1, MAX_BLOCK_BYTES, 200_001]) {
    assert.deepEqual(recording.read(from, 70_000), numbered(Math.min(70_000, recording.end - from), from));
  }
  assert.equal(recording.read(recording.end, 10).length, 0);
  recorder.close();
});

Deno.test("a recording opened again has all that was flushed", () => {
  const { recorder } = openRecorder();
  recorder.start({ session: "a", cols: 80, rows: 24 }).append(numbered(100_000));
  recorder.flush();
  const again = recorder.open("a")?.recording;
  assert.equal(again?.end, 100_000);
  assert.deepEqual(again?.read(90_000, 20_000), numbered(10_000, 90_000));
  assert.equal(recorder.open("b"), undefined);
  recorder.close();
});

Deno.test("blocks of interleaved sessions stay apart", () => {
  const { recorder } = openRecorder();
  const [a, b] = ["a", "b"].map((session) => recorder.start({ session, cols: 80, rows: 24 }));
  a?.append(numbered(10));
  b?.append(numbered(5, 100));
  a?.append(numbered(10, 10));
  assert.deepEqual(a?.read(0, 100), numbered(20));
  assert.deepEqual(b?.read(0, 100), numbered(5, 100));
  recorder.close();
});

Deno.test("a commit that fails keeps the output for the next one", () => {
  const { recorder, store, errors } = openRecorder();
  const recording = recorder.start({ session: "a", cols: 80, rows: 24 });
  const transaction = store.transaction.bind(store);
  store.transaction = () => {
    throw new Error("disk full");
  };
  recording.append(numbered(10));
  recorder.flush();
  assert.equal(errors.length, 1);
  store.transaction = transaction;
  recording.append(numbered(10, 10));
  recorder.flush();
  assert.deepEqual(recorder.open("a")?.recording.read(0, 100), numbered(20));
  recorder.close();
});

Deno.test("the timeline tells when output came, and every size", () => {
  const { recorder, clock } = openRecorder();
  const recording = recorder.start({ session: "a", cols: 80, rows: 24 });
  recording.append(numbered(10));
  recorder.flush();
  clock.nowMs += 5000;
  recording.resize(100, 30);
  recording.append(numbered(10));
  recording.finish({ endedAtMs: clock.nowMs, code: 0 });
  assert.deepEqual(JSON.parse(JSON.stringify(recording.timeline())), {
    end: 20,
    startedAtMs: 1000,
    endedAtMs: 6000,
    cols: 80,
    rows: 24,
    times: [[0, 0], [10, 5000]],
    resizes: [{ offset: 10, cols: 100, rows: 30 }],
    gaps: [],
  });
  recorder.close();
});

Deno.test("a long timeline is thinned", () => {
  const { recorder } = openRecorder();
  const recording = recorder.start({ session: "a", cols: 80, rows: 24 });
  for (let n = 0; n < 5000; n++) {
    recording.append(numbered(1));
    recorder.flush();
  }
  const { times } = recording.timeline();
  assert.ok(times.length <= 2000 && times.length > 1000, `${times.length} points`);
  assert.deepEqual(times[0], [0, 0]);
  recorder.close();
});

Deno.test("keyframes are found by offset", () => {
  const { recorder } = openRecorder();
  const recording = recorder.start({ session: "a", cols: 80, rows: 24 });
  for (const offset of [100, 200]) {
    recording.addKeyframe({ offset, cols: 80, rows: 24, ansi: `at ${offset}` });
  }
  assert.equal(recording.getKeyframe(99), undefined);
  assert.equal(recording.getKeyframe(199)?.ansi, "at 100");
  assert.equal(recording.getKeyframe(Number.MAX_SAFE_INTEGER)?.ansi, "at 200");
  recorder.close();
});

Deno.test("every codec gives back what it got, and an unknown one is named", () => {
  for (
    const bytes of [
      new Uint8Array(),
      numbered(10),
      numbered(100_000),
      crypto.getRandomValues(new Uint8Array(5000)),
    ]
  ) {
    // A length that is not true may make it slower, not wrong.
    for (const length of [bytes.length, 0, 10, 2 ** 40]) {
      assert.deepEqual(new Uint8Array(decodeBlock({ ...encodeBlock(bytes), length })), bytes);
    }
    assert.deepEqual(new Uint8Array(decodeBlock(encodeBlock(bytes))), bytes);
  }
  assert.equal(encodeBlock(crypto.getRandomValues(new Uint8Array(5000))).codec, "raw");
  assert.throws(() => decodeBlock({ codec: "lzma", data: numbered(1) }), /unknown codec "lzma"/);
});
