// Measures screens: parsing speed, snapshots, memory, and how long others wait while one session floods. Run by hand.
import { Screen } from "./screen.ts";
import { ScreenPool } from "./screen_pool.ts";
import { readRecording, RECORDED_SIZE, RECORDINGS } from "./testing/recordings.ts";

const MEASURE_MS = 2000;
const MIB = 1 << 20;
const encoder = new TextEncoder();

function report(what: string, value: string): void {
  Deno.stdout.writeSync(encoder.encode(`${what.padEnd(56)} ${value}\n`));
}

function openScreen(scrollback = 500): Screen {
  return new Screen({ ...RECORDED_SIZE, scrollback, onReply: () => {}, onNotice: () => {} });
}

/** MB/s of a screen that reads the chunks again and again. */
function measureParsing(chunks: Uint8Array[]): string {
  const screen = openScreen();
  const startedAt = performance.now();
  const start = screen.end;
  while (performance.now() - startedAt < MEASURE_MS) {
    for (const chunk of chunks) screen.write(chunk, screen.end + chunk.length);
  }
  return `${((screen.end - start) / 1e6 / ((performance.now() - startedAt) / 1000)).toFixed(1)} MB/s`;
}

function plainLines(): Uint8Array {
  const line =
    "2024-01-01 12:00:00 INFO  server: request 4711 handled in 12 ms, status 200, 5123 bytes sent\r\n";
  return encoder.encode(line.repeat(Math.floor(64 * 1024 / line.length)));
}

function colourfulLines(): Uint8Array {
  const line =
    "\x1b[32m+  \x1b[1mconst\x1b[22m answer = \x1b[38;2;200;150;90mcompute\x1b[39m(42);\x1b[m // done ✓\r\n";
  return encoder.encode(line.repeat(600));
}

function measureSnapshot(name: string, output: Uint8Array): void {
  const screen = openScreen();
  screen.write(output, output.length);
  const times = Array.from({ length: 200 }, () => {
    const startedAt = performance.now();
    screen.snapshot();
    return performance.now() - startedAt;
  }).toSorted((one, other) => one - other);
  const { ansi } = screen.snapshot();
  const bytes = encoder.encode(ansi).length;
  report(
    `snapshot, 500 lines of scrollback, ${name}`,
    `${times[100]?.toFixed(2)} ms (${(bytes / 1000).toFixed(0)} kB)`,
  );
  const startedAt = performance.now();
  const restored = new Screen({ ...RECORDED_SIZE, onReply: () => {}, onNotice: () => {} }, {
    offset: 0,
    ansi,
  });
  report(`restore of it`, `${(performance.now() - startedAt).toFixed(2)} ms`);
  restored.dispose();
}

/** Exact only with `--v8-flags=--expose-gc`. */
function collectGarbage(): void {
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect === "function") collect();
}

function measureMemory(count: number, output: Uint8Array): string {
  collectGarbage();
  const before = Deno.memoryUsage();
  const screens = Array.from({ length: count }, () => {
    const screen = openScreen();
    screen.write(output, output.length);
    return screen;
  });
  collectGarbage();
  const after = Deno.memoryUsage();
  const used = after.heapUsed + after.external - before.heapUsed - before.external;
  return `${(used / screens.length / 1000).toFixed(0)} kB each`;
}

/** How long a small write of one session takes to be answered while another floods. */
async function measureFairness(): Promise<string> {
  let answered = () => {};
  const parsed = new Map<string, number>();
  const pool = new ScreenPool({
    events: {
      onReply: () => answered(),
      onNotice: () => {},
      onKeyframe: () => {},
      onParsed: (session, offset) => void parsed.set(session, offset),
    },
  });
  pool.open("flood", RECORDED_SIZE);
  pool.open("calm", RECORDED_SIZE);
  const flood = plainLines();
  let floodEnd = 0;
  const times: number[] = [];
  for (let round = 1; round <= 200; round++) {
    while (floodEnd - (parsed.get("flood") ?? 0) < MIB) {
      pool.write("flood", flood, floodEnd += flood.length);
    }
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      answered = resolve;
      pool.write("calm", encoder.encode("\x1b[5n"), round * 4);
    });
    times.push(performance.now() - startedAt);
  }
  pool.close();
  const sorted = times.toSorted((one, other) => one - other);
  return `median ${sorted[100]?.toFixed(2)} ms, p95 ${sorted[190]?.toFixed(2)} ms, most ${
    sorted[199]?.toFixed(2)
  } ms`;
}

report("parsing plain lines", measureParsing([plainLines()]));
report("parsing coloured lines", measureParsing([colourfulLines()]));
for (const name of RECORDINGS) report(`parsing ${name}`, measureParsing(readRecording(name)));
measureSnapshot("plain lines", plainLines());
measureSnapshot("coloured lines", colourfulLines());
report("memory, blank screens", measureMemory(50, new Uint8Array(0)));
report("memory, full scrollback", measureMemory(50, plainLines()));
report("answer to a query while another session floods", await measureFairness());
