// A disk that takes nothing for a while: real (a small file system of its own, where that may be mounted) and injected.
import assert from "node:assert/strict";
import { RecordingStore } from "../store/recordings.ts";
import { type LostOutput, MAX_PENDING_BYTES, Recorder } from "./recorder.ts";

interface Observed {
  recorder: Recorder;
  store: RecordingStore;
  events: string[];
  lost: LostOutput[];
  paused: Promise<void>;
  resumed: Promise<void>;
}

function observe(store: RecordingStore): Observed {
  const events: string[] = [];
  const lost: LostOutput[] = [];
  const paused = Promise.withResolvers<void>();
  const resumed = Promise.withResolvers<void>();
  const recorder = new Recorder({
    store,
    now: Date.now,
    onError: () => {},
    onPaused: () => {
      events.push("paused");
      paused.resolve();
    },
    onResumed: (gaps) => {
      events.push("resumed");
      lost.push(...gaps);
      resumed.resolve();
    },
  });
  return { recorder, store, events, lost, paused: paused.promise, resumed: resumed.promise };
}

function numbered(from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, n) => (from + n) % 251);
}

/** Lets every commit fail until it is called. */
function breakCommits(store: RecordingStore): () => void {
  const transaction = store.transaction.bind(store);
  store.transaction = () => {
    throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
  };
  return () => void (store.transaction = transaction);
}

Deno.test("while nothing can be stored, output is readable; afterwards it is all there", async () => {
  const { recorder, store, events, lost, paused, resumed } = observe(new RecordingStore(":memory:"));
  const recording = recorder.start({ session: "a", cols: 80, rows: 24 });
  const repair = breakCommits(store);
  for (let at = 0; at < 200_000; at += 1000) recording.append(numbered(at, 1000));
  recording.addKeyframe({ offset: 1000, cols: 80, rows: 24, ansi: "screen" });
  recording.finish({ endedAtMs: 5, code: 3 });
  await paused;
  assert.ok(recorder.paused);
  assert.ok(recorder.hasUnstored);
  assert.deepEqual(recording.read(100, 150_000), numbered(100, 150_000));
  assert.deepEqual(recorder.open("a")?.recording.read(100, 10), numbered(100, 10));
  repair();
  await resumed;
  assert.ok(!recorder.hasUnstored);
  assert.deepEqual(recorder.open("a")?.recording.read(0, 200_000), numbered(0, 200_000));
  assert.equal(store.getRecording("a")?.exitCode, 3);
  assert.equal(recording.getKeyframe(2000)?.ansi, "screen");
  assert.deepEqual(events, ["paused", "resumed"]);
  assert.deepEqual(lost, []);
  recorder.close();
});

Deno.test("what is kept is bounded: the oldest goes, of whichever session, and leaves a gap", async () => {
  const { recorder, store, lost, paused, resumed } = observe(new RecordingStore(":memory:"));
  const [a, b] = ["a", "b"].map((session) => recorder.start({ session, cols: 80, rows: 24 }));
  assert.ok(a && b);
  a.append(numbered(0, 5000));
  recorder.flush();
  const repair = breakCommits(store);
  a.append(numbered(5000, 100_000));
  recorder.flush();
  for (let at = 0; at < MAX_PENDING_BYTES + 1_000_000; at += 50_000) b.append(numbered(at, 50_000));
  await paused;
  const end = a.end;
  repair();
  await resumed;
  assert.deepEqual(lost.map(({ session }) => session), ["a", "b"]);
  assert.deepEqual(a.listGaps(), [{ from: 5000, to: end, reason: "storage" }]);
  assert.equal(recorder.open("a")?.recording.end, end);
  const [gap] = b.listGaps();
  assert.ok(gap && gap.from === 0 && gap.to >= 1_000_000 - 100_000);
  assert.ok(b.end - gap.to <= MAX_PENDING_BYTES);
  assert.deepEqual(b.read(gap.to, 100_000), numbered(gap.to, 100_000));
  assert.deepEqual(b.gapAt(10), gap);
  a.append(numbered(end, 10));
  recorder.flush();
  assert.deepEqual(a.read(end, 10), numbered(end, 10));
  assert.equal(a.getKeyframe(end + 5)?.ansi, "", "nobody knows what was on the screen");
  a.addKeyframe({ offset: end + 8, cols: 80, rows: 24, ansi: "again" });
  assert.equal(a.getKeyframe(end + 1)?.ansi, "again");
  recorder.close();
});

Deno.test("a lock held by somebody else for a moment is not waited for, and loses nothing", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/recordings.sqlite`;
  const { recorder, store, events, lost } = observe(new RecordingStore(path));
  const recording = recorder.start({ session: "a", cols: 80, rows: 24 });
  const other = new RecordingStore(path);
  other.transaction(() => {
    recording.append(numbered(0, 100_000));
    const startedAt = performance.now();
    recorder.flush();
    assert.ok(performance.now() - startedAt < 500, "terminals are read on");
  });
  recorder.flush();
  assert.deepEqual(recorder.open("a")?.recording.read(0, 100_000), numbered(0, 100_000));
  assert.deepEqual([...lost, ...events], []);
  other.close();
  recorder.close();
  store.close();
  await Deno.remove(directory, { recursive: true });
});

const mountPoint = mountSmallDisk();

Deno.test({
  name: "on a disk that is really full sessions run on, and recording resumes when there is space",
  ignore: mountPoint === undefined,
  fn: async () => {
    const directory = mountPoint ?? "";
    const { recorder, store, events, lost, paused, resumed } = observe(
      new RecordingStore(`${directory}/recordings.sqlite`),
    );
    const recording = recorder.start({ session: "a", cols: 80, rows: 24 });
    const kept = crypto.getRandomValues(new Uint8Array(60_000));
    recording.append(kept);
    recorder.flush();
    fillUp(`${directory}/filler`);
    while (!recorder.paused) {
      recording.append(crypto.getRandomValues(new Uint8Array(60_000)));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await paused;
    assert.deepEqual(recording.read(0, kept.length), kept, "reads go on");
    const last = crypto.getRandomValues(new Uint8Array(60_000));
    recording.append(last);
    Deno.removeSync(`${directory}/filler`);
    await resumed;
    assert.deepEqual(events, ["paused", "resumed"]);
    assert.deepEqual(recorder.open("a")?.recording.read(recording.end - last.length, 60_000), last);
    assert.ok(lost.length <= 1);
    recorder.close();
    store.close();
    new Deno.Command("umount", { args: [directory] }).outputSync();
    Deno.removeSync(directory);
  },
});

/** A file system of 24 MB; undefined where this user may not mount one. */
function mountSmallDisk(): string | undefined {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return undefined;
  const directory = Deno.makeTempDirSync();
  const args = ["-t", "tmpfs", "-o", "size=24m", "tmpfs", directory];
  if (new Deno.Command("mount", { args, stderr: "null" }).outputSync().success) return directory;
  Deno.removeSync(directory);
  return undefined;
}

function fillUp(path: string): void {
  using file = Deno.openSync(path, { create: true, write: true });
  const piece = new Uint8Array(64 * 1024);
  try {
    while (file.writeSync(piece) > 0);
  } catch (cause) {
    if (!(cause instanceof Error && /No space|os error 28/.test(cause.message))) throw cause;
  }
}
