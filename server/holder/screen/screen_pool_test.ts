import assert from "node:assert/strict";
import type { Keyframe } from "./screen_messages.ts";
import { ScreenPool, type ScreenPoolOptions } from "./screen_pool.ts";

const SIZE = { cols: 80, rows: 24 };
const MIB = 1 << 20;
const encoder = new TextEncoder();

type PoolSettings = Omit<ScreenPoolOptions, "events">;

/** A pool that notes what it is told, and writes text behind what was written. */
class PoolProbe {
  readonly pool: ScreenPool;
  readonly log: string[] = [];
  readonly keyframes: Keyframe[] = [];
  readonly parsed = new Map<string, number>();
  readonly #ends = new Map<string, number>();
  #waiting: (() => void)[] = [];

  constructor(options: PoolSettings = {}) {
    const note = (line: string) => {
      this.log.push(line);
      this.#wake();
    };
    this.pool = new ScreenPool({
      ...options,
      events: {
        onReply: (session, bytes) =>
          note(`${session} reply ${JSON.stringify(new TextDecoder().decode(bytes))}`),
        onNotice: (session, notice) => note(`${session} ${notice.type} ${notice.offset}`),
        onKeyframe: (session, keyframe) => {
          this.keyframes.push(keyframe);
          note(`${session} keyframe ${keyframe.kind} ${keyframe.offset}`);
        },
        onParsed: (session, offset) => {
          this.parsed.set(session, offset);
          this.#wake();
        },
        onBroken: (session, message) => note(`${session} broken ${message}`),
      },
    });
  }

  write(session: string, text: string): number {
    const bytes = encoder.encode(text);
    const end = (this.#ends.get(session) ?? 0) + bytes.length;
    this.#ends.set(session, end);
    this.pool.write(session, bytes, end);
    return end;
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const woken = this.#waiting;
    this.#waiting = [];
    for (const wake of woken) wake();
  }
}

async function withPool(
  run: (probe: PoolProbe) => Promise<void>,
  options: PoolSettings = {},
): Promise<void> {
  const probe = new PoolProbe(options);
  try {
    await run(probe);
  } finally {
    probe.pool.close();
  }
}

Deno.test("a pool's screen shows, answers and tells what its session wrote", () =>
  withPool(async (probe) => {
    probe.pool.open("a", SIZE);
    const end = probe.write("a", "hello\x1b[6n\x1b]0;t\x07");
    const { ansi, ...rest } = await probe.pool.snapshot("a");
    assert.match(ansi, /hello/);
    assert.deepEqual(rest, { offset: end, ...SIZE, exact: true });
    assert.deepEqual((await probe.pool.text("a"))[0], "hello");
    assert.deepEqual(probe.log, ['a reply "\\u001b[1;6R"', "a title 15"]);
    await probe.until(() => probe.parsed.get("a") === end);
  }));

Deno.test("the bytes that were written stay the caller's", () =>
  withPool(async ({ pool }) => {
    pool.open("a", SIZE);
    const bytes = encoder.encode("kept");
    pool.write("a", bytes, 4);
    await pool.text("a");
    assert.equal(new TextDecoder().decode(bytes), "kept");
  }));

Deno.test("a resize is ordered with the output around it", () =>
  withPool(async (probe) => {
    probe.pool.open("a", { cols: 4, rows: 3 });
    probe.write("a", "abcdef\r\n");
    probe.pool.resize("a", 8, 3);
    probe.write("a", "abcdef");
    assert.deepEqual(await probe.pool.text("a"), ["abcdef", "abcdef", ""]);
  }));

Deno.test("screens are stored after every so many bytes", () =>
  withPool(async (probe) => {
    probe.pool.open("a", SIZE);
    const end = probe.write("a", "0123456789abcdef\r\n".repeat(20_000));
    await probe.until(() => probe.parsed.get("a") === end);
    assert.ok(probe.keyframes.length >= 2 && probe.keyframes.length <= 4, probe.log.join());
    assert.ok(probe.keyframes.every(({ kind, exact }) => kind === "periodic" && exact));
  }, { keyframeEveryBytes: 100_000 }));

Deno.test("the end stores the last full screen and the last screen, and drops it", () =>
  withPool(async (probe) => {
    probe.pool.open("a", SIZE);
    probe.write("a", "\x1b[?1049hfull");
    const end = probe.write("a", "\x1b[?1049lbye\x1b[");
    await probe.pool.end("a");
    assert.deepEqual(probe.log.filter((line) => line.includes("keyframe")), [
      "a keyframe last_screen 12",
      `a keyframe end ${end - 2}`,
    ]);
    await assert.rejects(probe.pool.snapshot("a"), { code: "unavailable" });
  }));

Deno.test("a screen goes on from a snapshot", () =>
  withPool(async ({ pool }) => {
    pool.open("a", SIZE, { offset: 100, ansi: "\x1b[31mred" });
    pool.write("a", encoder.encode(" more"), 105);
    assert.equal((await pool.text("a"))[0], "red more");
    assert.equal((await pool.snapshot("a")).offset, 105);
  }));

Deno.test("a flood of one session delays another's answers by turns, not by the flood", () =>
  withPool(async (probe) => {
    probe.pool.open("flood", SIZE);
    probe.pool.open("calm", SIZE);
    let flood = 0;
    for (let count = 0; count < 32; count++) {
      flood = probe.write("flood", "all work and no play\r\n".repeat(MIB / 22));
    }
    probe.write("calm", "\x1b[6n");
    assert.equal((await probe.pool.text("calm")).length, SIZE.rows);
    assert.deepEqual(probe.log.filter((line) => line.startsWith("calm")), ['calm reply "\\u001b[1;1R"']);
    assert.ok((probe.parsed.get("flood") ?? 0) < flood / 2);
    const behind = await probe.pool.snapshot("flood");
    assert.ok(behind.offset < flood && behind.exact);
    await probe.until(() => probe.parsed.get("flood") === flood);
  }));

Deno.test("output that is slow to parse does not hold up the others", () =>
  withPool(async (probe) => {
    probe.pool.open("slow", { cols: 200, rows: 100 });
    probe.pool.open("calm", SIZE);
    const slow = probe.write("slow", "x\x1b[999999b".repeat(50_000));
    probe.write("calm", "here");
    assert.equal((await probe.pool.text("calm"))[0], "here");
    assert.ok((probe.parsed.get("slow") ?? 0) < slow / 2);
  }));

Deno.test("a broken screen tells so, rejects, and leaves the others alone", () =>
  withPool(async (probe) => {
    probe.pool.open("a", SIZE);
    probe.pool.open("b", SIZE);
    probe.write("b", "fine");
    probe.pool.write("a", encoder.encode("gap"), 1000);
    await assert.rejects(probe.pool.snapshot("a"), { code: "unavailable" });
    assert.match(probe.log.join(), /a broken Cannot write output from 997/);
    probe.pool.write("a", encoder.encode("more"), 1004);
    assert.equal(probe.parsed.get("a"), 1004);
    await probe.pool.end("a");
    assert.equal((await probe.pool.text("b"))[0], "fine");
  }));

Deno.test("closing rejects what was asked and not answered", async () => {
  const { pool } = new PoolProbe();
  pool.open("a", SIZE);
  const asked = pool.snapshot("a");
  pool.close();
  await assert.rejects(asked, { code: "unavailable" });
  await assert.rejects(pool.text("a"), { code: "unavailable" });
});

Deno.test("dropping a session rejects what waits for it", () =>
  withPool(async (probe) => {
    probe.pool.open("a", SIZE);
    probe.write("a", "x".repeat(MIB / 2));
    const asked = probe.pool.snapshot("a");
    probe.pool.drop("a");
    await assert.rejects(asked, { code: "unavailable" });
  }));

/** A pool whose screens fall asleep when they are told to. */
async function withSleepers(
  run: (probe: PoolProbe, sleep: (exceptFor?: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  let nowMs = 0;
  await withPool((probe) => {
    return run(probe, async (exceptFor) => {
      nowMs += 60_000;
      if (exceptFor !== undefined) await probe.pool.text(exceptFor);
      await probe.pool.putIdleAway();
    });
  }, { now: () => nowMs });
}

Deno.test("a screen that slept shows and goes on as if it had not", () =>
  withSleepers(async (probe, sleep) => {
    probe.pool.open("sleeper", { cols: 30, rows: 5 });
    probe.pool.open("awake", { cols: 30, rows: 5 });
    const texts = [
      "\x1b]0;t\x07\x1b[2;4r\x1b[31mone\r\n",
      "\x1b[?1049hfull",
      "\x1b[?1049l\x1b[6n\x07",
      "e",
      "\u0301",
    ];
    for (const text of texts) {
      probe.write("sleeper", text);
      probe.write("awake", text);
      await sleep("awake");
      assert.deepEqual(await probe.pool.snapshot("sleeper"), await probe.pool.snapshot("awake"));
      assert.deepEqual(await probe.pool.text("sleeper"), await probe.pool.text("awake"));
    }
    await probe.pool.end("sleeper");
    await probe.pool.end("awake");
    const told = (session: string) =>
      probe.log.filter((line) => line.startsWith(session)).map((line) => line.slice(session.length));
    assert.deepEqual(told("sleeper"), told("awake"));
    assert.equal(told("awake").length, 7);
  }));

Deno.test("a sleeping screen's last screens are stored at its end", () =>
  withSleepers(async (probe, sleep) => {
    probe.pool.open("a", SIZE);
    const end = probe.write("a", "\x1b[?1049hfull\x1b[?1049lbye");
    await sleep();
    await probe.pool.end("a");
    const stored = probe.log.filter((line) => line.includes("keyframe"));
    assert.deepEqual(stored, ["a keyframe last_screen 12", `a keyframe end ${end}`]);
  }));

Deno.test("a screen with half a sequence does not sleep", () =>
  withSleepers(async (probe, sleep) => {
    probe.pool.open("a", SIZE);
    probe.write("a", "abc\x1b[3");
    await sleep();
    probe.write("a", "1mred");
    assert.equal((await probe.pool.text("a"))[0], "abcred");
  }));

Deno.test("a screen that is used while it falls asleep stays", () =>
  withSleepers(async (probe, sleep) => {
    probe.pool.open("a", SIZE);
    probe.write("a", "abc");
    const slept = sleep();
    probe.write("a", "def");
    await slept;
    probe.write("a", "ghi");
    assert.equal((await probe.pool.text("a"))[0], "abcdefghi");
  }));
