import assert from "node:assert/strict";
import { RecordingStore } from "../store/recordings.ts";
import { maintain, SETTLED_AFTER_MS } from "./maintenance.ts";
import { Recorder } from "./recorder.ts";
import type { Recording } from "./recording.ts";

const NO_CAP = Number.MAX_SAFE_INTEGER;
const PIECE_BYTES = 3000;

const LINE_BYTES = 60;

/** Numbered lines, as bytes of a range. */
function textAt(from: number, length: number): Uint8Array {
  const first = Math.floor(from / LINE_BYTES);
  const lines = Array.from(
    { length: Math.ceil(length / LINE_BYTES) + 1 },
    (_, n) => `line ${first + n} of what an agent prints`.padEnd(LINE_BYTES - 1, ".") + "\n",
  );
  return new TextEncoder().encode(lines.join("")).subarray(from % LINE_BYTES, from % LINE_BYTES + length);
}

interface Bench {
  store: RecordingStore;
  recorder: Recorder;
  clock: { nowMs: number };
  run(capBytes?: number): number;
}

function open(path = ":memory:"): Bench {
  const store = new RecordingStore(path);
  const clock = { nowMs: 1_000_000 };
  const fail = (cause: unknown): never => {
    throw cause;
  };
  const recorder = new Recorder({ store, now: () => clock.nowMs, onError: fail });
  const run = (capBytes = NO_CAP): number =>
    [...maintain({ store, now: () => clock.nowMs, capBytes })].length;
  return { store, recorder, clock, run };
}

/** A recording of `bytes` with one block per piece, 100 ms apart. */
function record({ recorder, clock }: Bench, bytes: number): Recording {
  const recording = recorder.start({ session: "a", cols: 80, rows: 24 });
  while (recording.end < bytes) grow({ recorder, clock }, recording);
  return recording;
}

function grow({ recorder, clock }: Pick<Bench, "recorder" | "clock">, recording: Recording): void {
  recording.append(textAt(recording.end, PIECE_BYTES));
  recorder.flush();
  clock.nowMs += 100;
}

function assertWhole(bench: Bench, end: number): void {
  const again = bench.recorder.open("a")?.recording;
  assert.equal(again?.end, end);
  assert.deepEqual(again?.read(0, end), textAt(0, end));
  for (const from of [1, PIECE_BYTES - 1, Math.floor(end / 2), end - 10]) {
    assert.deepEqual(again?.read(from, 5000), textAt(from, Math.min(5000, end - from)));
  }
}

Deno.test("merging keeps every byte and every time, and takes a fraction of the space", () => {
  const bench = open();
  const recording = record(bench, 9_000_000);
  const before = recording.timeline();
  const sizeBefore = bench.store.getSize("a");
  recording.finish({ endedAtMs: bench.clock.nowMs, code: 0 });
  bench.run();
  const sizes = bench.store.blocks.list(recording.id);
  assert.ok(sizes.length <= 4, `${sizes.length} blocks`);
  assertWhole(bench, recording.end);
  assert.deepEqual(bench.recorder.open("a")?.recording.timeline().times, before.times);
  const size = bench.store.getSize("a");
  assert.equal(size?.rawBytes, recording.end);
  assert.ok((size?.storedBytes ?? 0) < (sizeBefore?.storedBytes ?? 0) / 2);
  bench.recorder.close();
});

Deno.test("after every single step of a pass everything reads as before", () => {
  const bench = open();
  const recording = record(bench, 5_000_000);
  recording.finish({ endedAtMs: bench.clock.nowMs, code: 0 });
  let steps = 0;
  for (const _step of maintain({ store: bench.store, now: () => bench.clock.nowMs, capBytes: NO_CAP })) {
    steps++;
    assertWhole(bench, recording.end);
  }
  assert.ok(steps >= 3, `${steps} steps`);
  assert.equal(bench.run(), 0, "nothing is left to do");
  bench.recorder.close();
});

Deno.test("a running session's newest output stays in small blocks", () => {
  const bench = open();
  const recording = record(bench, 3_000_000);
  bench.run();
  const settled = bench.clock.nowMs - SETTLED_AFTER_MS;
  const blocks = bench.store.blocks.list(recording.id);
  for (const { atMs, parts } of blocks) {
    if (atMs > settled) assert.equal(parts, 1);
  }
  assert.ok(blocks.some(({ parts }) => parts > 1));
  assertWhole(bench, recording.end);
  bench.recorder.close();
});

Deno.test("a slow session is merged again and again into full blocks", () => {
  const bench = open();
  const recording = record(bench, 100_000);
  while (recording.end < 6_000_000) {
    for (let n = 0; n < 300; n++) grow(bench, recording);
    bench.run();
  }
  const merged = bench.store.blocks.list(recording.id).filter(({ parts }) => parts > 1);
  assert.ok(merged.length <= 2, `${merged.length} merged blocks`);
  assertWhole(bench, recording.end);
  bench.recorder.close();
});

Deno.test("a recording deleted in the middle of a pass stays deleted", () => {
  const bench = open();
  const recording = record(bench, 5_000_000);
  recording.finish({ endedAtMs: bench.clock.nowMs, code: 0 });
  const pass = maintain({ store: bench.store, now: () => bench.clock.nowMs, capBytes: NO_CAP });
  pass.next();
  bench.store.deleteRecording("a");
  for (let step = pass.next(); !step.done; step = pass.next());
  assert.equal(bench.recorder.open("a"), undefined);
  bench.run();
  assert.deepEqual(bench.store.listToMaintain(), []);
  assert.equal(bench.store.getEnd(recording.id), 0);
  bench.recorder.close();
});

Deno.test("over its cap a recording loses its middle and keeps its head, its end and its offsets", () => {
  const bench = open();
  const recording = recordWithScreens(bench, 6_000_000);
  bench.run(2_000_000);
  const [gap, ...more] = recording.listGaps();
  assert.ok(gap && more.length === 0);
  assert.equal(gap.reason, "trimmed");
  assert.ok(gap.from >= 500_000 && gap.from < 600_000, `from ${gap.from}`);
  assert.deepEqual(recording.read(0, gap.from + 1000), textAt(0, gap.from));
  assert.equal(recording.read(gap.from, 10).length, 0);
  assert.deepEqual(recording.read(gap.to, recording.end), textAt(gap.to, recording.end - gap.to));
  assert.ok((bench.store.getSize("a")?.rawBytes ?? 0) <= 2_000_000);
  assert.equal(bench.recorder.open("a")?.recording.end, recording.end);
  assert.deepEqual(recording.timeline().gaps, [gap]);
  bench.recorder.close();
});

Deno.test("seeking into and behind a gap finds the first screen after it", () => {
  const bench = open();
  const recording = recordWithScreens(bench, 6_000_000);
  bench.run(2_000_000);
  const [gap] = recording.listGaps();
  assert.ok(gap);
  assert.deepEqual(recording.gapAt(gap.from), gap);
  assert.equal(recording.gapAt(gap.from - 1), undefined);
  assert.equal(recording.gapAt(gap.to), undefined);
  assert.equal(recording.getKeyframe(gap.from + 5)?.offset, gap.to, "the gap ends at a screen");
  assert.equal(recording.getKeyframe(gap.to)?.offset, gap.to);
  assert.ok((recording.getKeyframe(gap.from - 1)?.offset ?? 0) < gap.from);
  assert.ok((recording.getKeyframe(recording.end)?.offset ?? 0) > gap.to);
  bench.recorder.close();
});

Deno.test("the gap of a session that goes on grows, and stays one", () => {
  const bench = open();
  const recording = recordWithScreens(bench, 4_000_000);
  const first = (bench.run(2_000_000), recording.listGaps()[0]);
  while (recording.end < 9_000_000) growWithScreens(bench, recording);
  bench.run(2_000_000);
  const gaps = recording.listGaps();
  assert.equal(gaps.length, 1);
  assert.equal(gaps[0]?.from, first?.from);
  assert.ok((gaps[0]?.to ?? 0) > (first?.to ?? Infinity));
  assert.deepEqual(
    recording.read(gaps[0]?.to ?? 0, recording.end),
    textAt(gaps[0]?.to ?? 0, recording.end - (gaps[0]?.to ?? 0)),
  );
  bench.recorder.close();
});

Deno.test("free space is given back to the file system", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/recordings.sqlite`;
  const bench = open(path);
  const recording = bench.recorder.start({ session: "a", cols: 80, rows: 24 });
  for (let n = 0; n < 400; n++) recording.append(crypto.getRandomValues(new Uint8Array(60_000)));
  recording.finish({ endedAtMs: bench.clock.nowMs, code: 0 });
  bench.run();
  const before = Deno.statSync(path).size;
  bench.store.deleteRecording("a");
  bench.run();
  const after = Deno.statSync(path).size;
  assert.ok(before > 24_000_000 && after < 9_000_000, `${before} then ${after}`);
  bench.recorder.close();
  bench.store.close();
  await Deno.remove(directory, { recursive: true });
});

function recordWithScreens(bench: Bench, bytes: number): Recording {
  const recording = bench.recorder.start({ session: "a", cols: 80, rows: 24 });
  while (recording.end < bytes) growWithScreens(bench, recording);
  return recording;
}

function growWithScreens(bench: Bench, recording: Recording): void {
  const before = Math.floor(recording.end / 100_000);
  grow(bench, recording);
  if (Math.floor(recording.end / 100_000) > before) {
    recording.addKeyframe({
      offset: recording.end - 700,
      cols: 80,
      rows: 24,
      ansi: `at ${recording.end - 700}`,
    });
  }
}

Deno.test("before a cap is known nothing is thinned, and what has ended is looked at again when it is", () => {
  const bench = open();
  const recording = record(bench, 13_000_000);
  recording.finish({ endedAtMs: bench.clock.nowMs, code: 0 });
  bench.run(Infinity);
  assertWhole(bench, recording.end);
  bench.run(9_000_000);
  assert.equal(bench.store.gaps.list(recording.id).length, 1);
  assert.deepEqual(bench.store.listToMaintain(), []);
});
