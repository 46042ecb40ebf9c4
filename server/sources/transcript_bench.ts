// How fast and in how much memory transcripts are followed, beside plain JSON.parse of every line in the same run.
// deno-lint-ignore-file no-console -- a command line tool
import { LineSplitter } from "../usage/line_splitter.ts";
import { ClaudeTranscript } from "../usage/claude_transcript.ts";
import { FileFollower, type FollowState } from "./file_follower.ts";

const MEBIBYTE = 1024 * 1024;
const BATCH_LINES = 500;
/** Of a real transcript's kind: most lines are attachments and tool results, one in ten is an answer. */
const ANSWERS_EVERY = 10;

const megabytes = Number(Deno.args[0] ?? 500);
const path = await Deno.makeTempFile({ suffix: ".jsonl" });
try {
  await generate(path, megabytes * MEBIBYTE);
  const size = (await Deno.stat(path)).size;
  const plain = await measure("JSON.parse of every line", size, () => parsePlainly(path));
  let state: FollowState | undefined;
  const followed = await measure("following", size, async () => {
    state = await follow(path, undefined);
  });
  console.log(`ratio to plain JSON.parse: ${(plain / followed).toFixed(2)} times its throughput`);
  await Deno.writeTextFile(path, answer(1e9), { append: true });
  await measure("second run, one answer more", answer(1e9).length, async () => {
    await follow(path, state);
  });
} finally {
  await Deno.remove(path);
}

async function generate(file: string, bytes: number): Promise<void> {
  using target = await Deno.open(file, { write: true });
  const encoder = new TextEncoder();
  for (let written = 0, line = 0; written < bytes;) {
    let batch = "";
    for (let count = 0; count < BATCH_LINES; count++, line++) {
      batch += line % ANSWERS_EVERY === 0 ? answer(line) : attachment(line);
    }
    const piece = encoder.encode(batch);
    await target.write(piece);
    written += piece.length;
  }
}

function answer(line: number): string {
  const usage = { input_tokens: line % 1000, output_tokens: 50, cache_read_input_tokens: 9000 };
  const content = [{ type: "text", text: "An answer of some length. ".repeat(40) }];
  const message = { id: `msg_${line}`, model: "claude-opus-5-5", stop_reason: "end_turn", content, usage };
  const fields = {
    type: "assistant",
    timestamp: "2026-11-22T07:31:16.448Z",
    requestId: `req_${line}`,
    message,
  };
  return JSON.stringify(fields) + "\n";
}

function attachment(line: number): string {
  const attachment = { type: "file", content: `line ${line} "of" a file\n`.repeat(80) };
  return JSON.stringify({ type: "attachment", timestamp: "2026-11-22T07:31:16.448Z", attachment }) + "\n";
}

async function parsePlainly(file: string): Promise<void> {
  const splitter = new LineSplitter();
  using source = await Deno.open(file);
  const piece = new Uint8Array(256 * 1024);
  for (let count = await source.read(piece); count !== null; count = await source.read(piece)) {
    for (const { text } of splitter.push(piece.subarray(0, count))) JSON.parse(text);
  }
}

async function follow(file: string, state: FollowState | undefined): Promise<FollowState | undefined> {
  let calls = 0;
  let last = state;
  const follower = new FileFollower({
    path: file,
    state,
    createParser: () => new ClaudeTranscript(),
    take: (events, next) => {
      calls += events.length;
      last = next;
    },
    now: Date.now,
  });
  await follower.read();
  console.log(`  ${calls} calls`);
  return last;
}

/** Answers the seconds it took. */
async function measure(what: string, bytes: number, work: () => Promise<void>): Promise<number> {
  const before = Deno.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => peak = Math.max(peak, Deno.memoryUsage().rss), 50);
  const startedAtMs = performance.now();
  await work();
  clearInterval(timer);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const rate = (bytes / MEBIBYTE / seconds).toFixed(0);
  const rss = ((peak - before) / MEBIBYTE).toFixed(0);
  console.log(
    `${what}: ${seconds.toFixed(2)} s, ${rate} MiB/s, RSS ${(peak / MEBIBYTE).toFixed(0)} MiB (+${rss})`,
  );
  return seconds;
}
