// Figures of recordings on the disk: `deno run -A server/holder/compaction_bench.ts [--fixtures DIR] [--seek MEGABYTES]`.
// deno-lint-ignore-file no-console -- a command line tool
import { parseArgs } from "node:util";
import * as zlib from "node:zlib";
import { RecordingStore } from "../store/recordings.ts";
import { Compactor, startCompactionWorker } from "./compactor.ts";
import { concatenate } from "../concatenate.ts";
import { maintain } from "./maintenance.ts";
import { Recorder } from "./recorder.ts";
import type { Recording } from "./recording.ts";
import { Screen } from "./screen/screen.ts";

const RAW_BYTES = 20_000_000;
const SCREEN_EVERY_BYTES = 1 << 20;
const SIZE = { cols: 120, rows: 40 };
const WORDS =
  "const let function return await import type string number if else for store holder session recording block offset read write merge gap commit error the a to of in and with from when test passes fails file line diff added removed agent model token cost budget"
    .split(" ");

type Chunks = Generator<Uint8Array>;

/** A repeatable sequence of numbers below `limit`. */
function createDice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * limit);
  };
}

/** The recorded agents over and over: flatters whatever remembers far back. */
function* loopFixtures(directory: string, bytes: number): Chunks {
  const encoder = new TextEncoder();
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name).filter((name) =>
    name.endsWith(".jsonl")
  );
  const chunks = names.sort().flatMap((name) =>
    Deno.readTextFileSync(`${directory}/${name}`).trim().split("\n")
      .map((line) => encoder.encode(JSON.parse(line)[1]))
  );
  for (let sent = 0, n = 0; sent < bytes; n++) {
    const chunk = chunks[n % chunks.length] ?? new Uint8Array(1);
    sent += chunk.length;
    yield chunk;
  }
}

/** A full-screen program that paints all its lines at every change; no text comes twice. */
function* repaint(bytes: number): Chunks {
  const dice = createDice(1);
  const encoder = new TextEncoder();
  const lines = Array.from({ length: SIZE.rows }, () => randomLine(dice));
  for (let sent = 0, tick = 0; sent < bytes; tick++) {
    if (dice(3) === 0) {
      lines.shift();
      lines.push(randomLine(dice));
    }
    const painted = lines.map((line, n) => `\x1b[${n + 1};1H${line}\x1b[K`).join("");
    const frame = encoder.encode(
      `\x1b[?2026h\x1b[?25l${painted}\x1b[40;1H\x1b[38;2;215;119;87m✻ Thinking… (${tick >> 3}s · ${
        tick * 7
      } tokens)\x1b[0m\x1b[?25h\x1b[?2026l`,
    );
    sent += frame.length;
    yield frame;
  }
}

/** An agent that prints new text and repaints only its input box below it. */
function* append(bytes: number): Chunks {
  const dice = createDice(7);
  const encoder = new TextEncoder();
  for (let sent = 0, tick = 0; sent < bytes; tick++) {
    const frame = encoder.encode(
      `\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K\x1b[G${randomLine(dice)}\r\n╭${"─".repeat(98)}╮\r\n│ > ${
        " ".repeat(94)
      }│\r\n╰${"─".repeat(98)}╯ ${tick}`,
    );
    sent += frame.length;
    yield frame;
  }
}

function randomLine(dice: (limit: number) => number): string {
  return Array.from({ length: 4 + dice(8) }, () => {
    const word = (WORDS[dice(WORDS.length)] ?? "") + (dice(3) === 0 ? dice(100_000).toString(36) : "");
    return dice(5) === 0 ? `\x1b[38;2;${dice(256)};${dice(256)};255m${word}\x1b[39m` : word;
  }).join(" ");
}

interface Scene {
  directory: string;
  path: string;
  store: RecordingStore;
  recorder: Recorder;
  recording: Recording;
}

async function withRecording(work: (scene: Scene) => Promise<void> | void): Promise<void> {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/recordings.sqlite`;
  const store = new RecordingStore(path);
  let nowMs = Date.now() - 86_400_000;
  const recorder = new Recorder({
    store,
    now: () => (nowMs += 20),
    onError: (cause) => console.error(cause),
  });
  const recording = recorder.start({ session: "bench", ...SIZE });
  await work({ directory, path, store, recorder, recording });
  recorder.close();
  store.close();
  await Deno.remove(directory, { recursive: true });
}

/** Records as a holder does: a block every 100 ms (here every five chunks), a stored screen every 1 MiB. */
function record({ recorder, recording }: Scene, chunks: Iterable<Uint8Array>): void {
  const screen = new Screen({ ...SIZE, onReply: () => {}, onNotice: () => {} });
  let screenAt = 0;
  let n = 0;
  for (const chunk of chunks) {
    recording.append(chunk);
    screen.write(chunk, recording.end);
    if (++n % 5 === 0) recorder.flush();
    if (recording.end - screenAt < SCREEN_EVERY_BYTES) continue;
    screenAt = recording.end;
    recording.addKeyframe(screen.snapshot());
  }
  recording.addKeyframe(screen.snapshot());
  screen.dispose();
}

function finish({ recorder, recording, store }: Scene): number {
  recording.finish({ endedAtMs: Date.now(), code: 0 });
  recorder.flush();
  const startedAt = performance.now();
  for (const _step of maintain({ store, now: Date.now, capBytes: Infinity }));
  return performance.now() - startedAt;
}

function percent(part: number, whole: number): string {
  return `${(100 * part / whole).toFixed(2)} %`;
}

async function benchRatio(name: string, makeChunks: () => Chunks): Promise<void> {
  const whole = concatenate([...makeChunks()]);
  const reference = zlib.zstdCompressSync(whole, {
    params: { [zlib.constants.ZSTD_c_compressionLevel]: 3 },
  }).length;
  await withRecording((scene) => {
    record(scene, makeChunks());
    scene.recorder.flush();
    const before = scene.store.getSize("bench")?.storedBytes ?? 0;
    const tookMs = finish(scene);
    const after = scene.store.getSize("bench")?.storedBytes ?? 0;
    const screens = scene.store.keyframes.listSizes(scene.recording.id);
    const screenBytes = screens.reduce((sum, { size }) => sum + size, 0);
    shrinkAll(scene.store);
    const fileBytes = Deno.statSync(scene.path).size;
    console.log(
      `${name}: file ${percent(fileBytes, whole.length)} of raw (data ${
        percent(after, whole.length)
      }, of it ${screens.length} screens ${percent(screenBytes, whole.length)}; before merging ${
        percent(before, whole.length)
      }; zstd -3 of the whole ${percent(reference, whole.length)}), merged at ${
        (whole.length / 1000 / tookMs).toFixed(0)
      } MB/s`,
    );
  });
}

/** So that the file says what its content takes. */
function shrinkAll(store: RecordingStore): void {
  while (store.freeBytes > 0) store.shrink(store.freeBytes);
  store.checkpoint();
}

/** Screen before a random offset, and the output from it to there: what a seek asks for. */
async function benchSeek(megabytes: number): Promise<void> {
  await withRecording((scene) => {
    const { recording, store } = scene;
    record(scene, append(megabytes * 1_000_000));
    const mergedMs = finish(scene);
    const dice = createDice(3);
    const times: number[] = [];
    let farthest = 0;
    for (let n = 0; n < 200; n++) {
      const offset = dice(recording.end);
      const startedAt = performance.now();
      const from = recording.getKeyframe(offset)?.offset ?? 0;
      recording.read(from, offset - from);
      times.push(performance.now() - startedAt);
      farthest = Math.max(farthest, offset - from);
    }
    times.sort((a, b) => a - b);
    const rssBefore = Deno.memoryUsage().rss;
    const download = benchDownload(recording);
    const size = store.getSize("bench");
    console.log(
      `seek in ${megabytes} MB (stored ${((size?.storedBytes ?? 0) / 1e6).toFixed(1)} MB): p50 ${
        times[100]?.toFixed(1)
      } ms, p95 ${times[190]?.toFixed(1)} ms, most ${times[199]?.toFixed(1)} ms; replays at most ${
        (farthest / 2 ** 20).toFixed(1)
      } MiB; merged in ${(mergedMs / 1000).toFixed(1)} s; download ${
        download.megabytesPerSecond.toFixed(0)
      } MB/s, memory +${((download.rss - rssBefore) / 1e6).toFixed(0)} MB; timeline ${
        timelineMs(recording).toFixed(1)
      } ms`,
    );
  });
}

function benchDownload(recording: Recording): { megabytesPerSecond: number; rss: number } {
  const startedAt = performance.now();
  let rss = 0;
  for (let at = 0; at < recording.end;) {
    at += recording.read(at, 512 * 1024).length;
    if (at % (64 << 20) < 512 * 1024) rss = Math.max(rss, Deno.memoryUsage().rss);
  }
  return { megabytesPerSecond: recording.end / 1000 / (performance.now() - startedAt), rss };
}

function timelineMs(recording: Recording): number {
  const startedAt = performance.now();
  recording.timeline();
  return performance.now() - startedAt;
}

/** How long commits take while the worker merges what was stored before. */
async function benchCommits(withCompactor: boolean): Promise<void> {
  await withRecording(async ({ path, store, recorder, recording }) => {
    const compactor = new Compactor({
      path,
      capBytes: Infinity,
      startWorker: startCompactionWorker,
      onError: (message) => console.error(message),
      checkpoint: () => void store.checkpoint(),
    });
    const times: number[] = [];
    const chunks = append(200_000_000);
    const until = performance.now() + 10_000;
    for (let chunk = chunks.next(); !chunk.done && performance.now() < until; chunk = chunks.next()) {
      recording.append(chunk.value);
      if (times.length * 400_000 > recording.end) continue;
      const startedAt = performance.now();
      recorder.flush();
      times.push(performance.now() - startedAt);
      if (withCompactor) compactor.noteStored({ bytes: 100_000, blocks: 7, ended: 0 });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    times.sort((a, b) => a - b);
    const wal = Deno.statSync(`${path}-wal`).size;
    const merged = store.blocks.list(recording.id).filter(({ parts }) => parts > 1).length;
    console.log(
      `commits of 400 kB every 10 ms ${withCompactor ? "while the worker merges" : "alone"}: p50 ${
        times[times.length >> 1]?.toFixed(1)
      } ms, p99 ${times[Math.floor(times.length * 0.99)]?.toFixed(1)} ms, most ${
        times.at(-1)?.toFixed(1)
      } ms; ${merged} merged blocks, log ${(wal / 1e6).toFixed(0)} MB`,
    );
    await compactor.close();
  });
}

const { values } = parseArgs({
  args: Deno.args,
  options: { fixtures: { type: "string" }, seek: { type: "string", default: "100" } },
});
const { fixtures } = values;
if (fixtures) await benchRatio("recorded agents, looped", () => loopFixtures(fixtures, RAW_BYTES));
else console.log("recorded agents: not measured (give --fixtures DIR)");
await benchRatio("full repaint, nothing twice", () => repaint(RAW_BYTES));
await benchRatio("new text over a repainted box", () => append(RAW_BYTES));
await benchCommits(false);
await benchCommits(true);
await benchSeek(Number(values.seek));
