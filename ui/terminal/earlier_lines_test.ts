import assert from "node:assert/strict";
import headless from "@xterm/headless";
import type { Timeline } from "../../server/protocol.ts";
import { until } from "../testing/until.ts";
import { EarlierLines, type HistoryApi } from "./earlier_lines.ts";

type Terminal = InstanceType<typeof headless.Terminal>;

const SIZE = { cols: 30, rows: 6 };

function open(size = SIZE): Terminal {
  return new headless.Terminal({ ...size, scrollback: 20_000, allowProposedApi: true });
}

function write(terminal: Terminal, text: string): Promise<void> {
  return new Promise((resolve) => terminal.write(text, resolve));
}

function rows({ buffer: { normal } }: Terminal): string[] {
  return Array.from({ length: normal.length }, (_, y) => normal.getLine(y)?.translateToString(true) ?? "");
}

const TEXT = Array.from({ length: 16_000 }, (_, n) => `${n} ${"=".repeat(n % 40)}\r\n`).join("");
/** A screen is stored here; the terminal on the page was restored at the other. */
const [STORED, RESTORED] = [100_000, 400_000];
const RESIZES = [{ offset: 0, ...SIZE }, { offset: 250_000, cols: 40, rows: 8 }];

/** The lines above are few in a stored screen. */
async function screenAt(
  offset: number,
): Promise<{ offset: number; cols: number; rows: number; ansi: string }> {
  const start = TEXT.lastIndexOf("\n", offset - 2000) + 1;
  const { cols, rows } = RESIZES.findLast((each) => each.offset < offset) ?? SIZE;
  return await Promise.resolve({ offset, cols, rows, ansi: TEXT.slice(start, offset) });
}

interface SetUp {
  shown: Terminal;
  lines: EarlierLines;
  log: string[];
  paint: () => void;
  release: () => void;
}

async function setUp(options: { gaps?: Timeline["gaps"]; api?: Partial<HistoryApi> } = {}): Promise<SetUp> {
  const log: string[] = [];
  const screen = await screenAt(RESTORED);
  const shown = open(screen);
  await write(shown, screen.ansi);
  let paint = (): void => {};
  const held = Promise.withResolvers<void>();
  const api: HistoryApi = {
    getTimeline: () =>
      Promise.resolve({
        end: TEXT.length,
        startedAtMs: 0,
        ...SIZE,
        times: [],
        resizes: RESIZES,
        ...(options.gaps ? { gaps: options.gaps } : {}),
      }),
    getKeyframe: (_id, { offset }) => screenAt(offset >= STORED ? STORED : 0),
    getOutput: (_id, { from, to }) =>
      Promise.resolve({
        offset: from,
        bytes: new TextEncoder().encode(TEXT.slice(from, to)),
        next: undefined,
      }),
    ...options.api,
  };
  const lines = new EarlierLines({
    terminal: shown,
    api,
    sessionId: "s",
    openHidden: (size) => {
      const hidden = open(size);
      const dispose = hidden.dispose.bind(hidden);
      hidden.dispose = () => {
        log.push("disposed");
        dispose();
      };
      return hidden;
    },
    afterPaint: (callback) => {
      paint = callback;
      return () => {
        paint = () => {};
      };
    },
    released: () => {
      log.push("parsed");
      return held.promise;
    },
    onLoading: (isLoading) => log.push(isLoading ? "loading" : "idle"),
    onAdded: () => log.push("added"),
  });
  lines.follow(screen);
  log.length = 0;
  return { shown, lines, log, paint: () => paint(), release: held.resolve };
}

/** As if the terminal had been there since the stored screen. */
async function wholeTerminal(): Promise<Terminal> {
  const start = await screenAt(STORED);
  const whole = open(start);
  await write(whole, start.ansi + TEXT.slice(STORED, 250_000));
  whole.resize(40, 8);
  await write(whole, TEXT.slice(250_000, RESTORED));
  return whole;
}

Deno.test("lines above a screen come from a stored screen before it, with sizes and output in between", async () => {
  const { shown, log, paint, release } = await setUp();
  assert.equal(log.length, 0, "nothing is asked for before the screen is painted");
  paint();
  release();
  const meanwhile = "printed meanwhile\r\n".repeat(30);
  await write(shown, meanwhile);
  await until(() => log.includes("added"), "lines on top");
  const whole = await wholeTerminal();
  await write(whole, meanwhile);
  assert.deepEqual(rows(shown), rows(whole));
  await until(() => log.includes("disposed"));
});

Deno.test("rows do not move while the pointer drags", async () => {
  const { shown, log, paint, release } = await setUp();
  const before = rows(shown).length;
  paint();
  await until(() => log.includes("parsed"));
  assert.equal(rows(shown).length, before);
  release();
  await until(() => log.includes("added"));
});

Deno.test("what was stopped, or followed by another screen, adds nothing and leaves nothing behind", async () => {
  const { shown, lines, log, paint, release } = await setUp();
  const before = rows(shown);
  paint();
  await until(() => log.includes("loading"));
  lines.stop();
  release();
  await until(() => log.includes("disposed"));
  assert.deepEqual([rows(shown), log], [before, ["loading", "idle", "parsed", "disposed"]]);
});

Deno.test("nothing is added across a gap, nor when the recording cannot be had", async () => {
  const failure = Promise.reject(new Error("gone"));
  failure.catch(() => {});
  const cases = [
    { gaps: [{ from: 200_000, to: 210_000, reason: "trimmed" as const }] },
    { api: { getOutput: () => failure } },
    { api: { getTimeline: () => failure } },
  ];
  for (const each of cases) {
    const { shown, log, paint, release } = await setUp(each);
    const before = rows(shown);
    paint();
    release();
    await until(() => log.includes("idle"));
    assert.deepEqual([rows(shown), log.includes("added")], [before, false]);
  }
});
