import assert from "node:assert/strict";
import type { Keyframe, Timeline } from "../../server/protocol.ts";
import { ApiError } from "../api/api_error.ts";
import { FakeTerminal } from "../testing/fake_terminal.ts";
import { until } from "../testing/until.ts";
import { type ReplayApi, ReplayPlayer } from "./replay_player.ts";

/** Frames that a test draws one by one. */
class FakeFrames {
  #callback: ((nowMs: number) => void) | undefined;
  #nowMs = 0;

  get waiting(): boolean {
    return this.#callback !== undefined;
  }
  request(callback: (nowMs: number) => void): number {
    this.#callback = callback;
    return 1;
  }
  cancel(): void {
    this.#callback = undefined;
  }
  draw(passedMs: number): void {
    const callback = this.#callback;
    this.#callback = undefined;
    this.#nowMs += passedMs;
    callback?.(this.#nowMs);
  }
}

interface Recording {
  text: string;
  timeline: Omit<Timeline, "end" | "startedAtMs" | "cols" | "rows">;
  /** Offsets at which a screen is stored: it holds everything before it. */
  keyframes?: number[];
}

function fakeApi(recording: Recording): ReplayApi & { screens: number[] } {
  const { text, timeline } = recording;
  const screens: number[] = [];
  return {
    screens,
    getTimeline: () => Promise.resolve({ end: text.length, startedAtMs: 0, cols: 80, rows: 24, ...timeline }),
    getKeyframe: (_id, { offset }): Promise<Keyframe> => {
      screens.push(offset);
      const at = keyframeAt(recording, offset);
      if (at === undefined) return Promise.reject(new ApiError({ code: "not_found", message: "none" }));
      return Promise.resolve({ offset: at, cols: 80, rows: 24, ansi: text.slice(0, at) });
    },
    getOutput: (_id, { from, to }) => {
      const offset = recording.timeline.gaps?.find((gap) => gap.from <= from && from < gap.to)?.to ?? from;
      const stop = recording.timeline.gaps?.find((gap) => gap.from > offset && gap.from < to)?.from ?? to;
      const bytes = new TextEncoder().encode(text.slice(offset, Math.max(offset, stop)));
      return Promise.resolve({ offset, bytes, next: stop < to ? stop : undefined });
    },
  };
}

/** As the server chooses: after a gap only screens that were stored after it are known. */
function keyframeAt({ timeline, keyframes = [] }: Recording, offset: number): number | undefined {
  const before = keyframes.findLast((each) => each <= offset);
  const gap = timeline.gaps?.findLast(({ from, to }) => from <= offset && to > (before ?? 0));
  return gap === undefined ? before : keyframes.find((each) => each >= gap.to);
}

interface SetUp {
  player: ReplayPlayer;
  terminal: FakeTerminal;
  frames: FakeFrames;
  api: ReturnType<typeof fakeApi>;
  ends: () => number;
}

async function setUp(recording: Recording): Promise<SetUp> {
  const api = fakeApi(recording);
  const frames = new FakeFrames();
  const terminal = new FakeTerminal({ automatic: true });
  let ends = 0;
  const player = new ReplayPlayer({
    api,
    sessionId: "s",
    frames,
    onEnd: () => {
      ends++;
    },
  });
  await player.load();
  player.attach(terminal);
  await until(() => terminal.log.includes("reset"), "the first screen");
  return { player, terminal, frames, api, ends: () => ends };
}

const SHORT: Recording = {
  text: "aaaabbbbcccc",
  timeline: { times: [[0, 0], [4, 1000], [8, 60_000]], resizes: [{ offset: 8, cols: 100, rows: 30 }] },
};

Deno.test("seeking shows exactly what was printed before a moment, forward and back", async () => {
  const { player, terminal } = await setUp(SHORT);
  for (const offset of [6, 12, 3, 8, 0, 5]) {
    player.seekOffset(offset);
    await until(() => terminal.text === SHORT.text.slice(0, offset), `offset ${offset}`);
  }
  player.close();
});

Deno.test("the terminal has the size it had at that moment", async () => {
  const { player, terminal } = await setUp(SHORT);
  player.seekEnd();
  await until(() => terminal.text === SHORT.text);
  assert.equal(terminal.cols, 100);
  player.seekOffset(7);
  await until(() => terminal.text === SHORT.text.slice(0, 7));
  assert.equal(terminal.cols, 80);
  player.seekOffset(8);
  await until(() => terminal.cols === 100);
  player.close();
});

Deno.test("playing follows the clock with idle time cut, and ends at the end", async () => {
  const { player, terminal, frames, ends } = await setUp(SHORT);
  player.play();
  frames.draw(0);
  frames.draw(50);
  await until(() => terminal.text === "aa");
  frames.draw(1050);
  await until(() => terminal.text === "aaaabbbb");
  frames.draw(1900);
  frames.draw(50);
  await until(() => terminal.text === "aaaabbbbcc");
  frames.draw(100);
  await until(() => terminal.text === SHORT.text);
  assert.equal(ends(), 1);
  assert.equal(player.playing.value, false);
  assert.equal(frames.waiting, false);
  player.close();
});

Deno.test("speed multiplies the clock; pause stops it; play at the end starts over", async () => {
  const { player, frames } = await setUp(SHORT);
  player.speed.value = 16;
  player.play();
  frames.draw(0);
  frames.draw(10);
  assert.equal(player.point.value.playMs, 160);
  player.pause();
  assert.equal(frames.waiting, false);
  player.seekEnd();
  player.play();
  assert.equal(player.point.value.playMs, 0);
  player.close();
});

Deno.test("the clock stands still while the terminal is behind", async () => {
  const { player, frames } = await setUp(SHORT);
  player.play();
  frames.draw(0);
  frames.draw(50);
  const at = player.point.value.playMs;
  frames.draw(50);
  assert.equal(player.point.value.playMs, at);
  player.close();
});

Deno.test("far away a stored screen is used, nearby the bytes between", async () => {
  const text = "0123456789".repeat(200_000);
  const recording: Recording = {
    text,
    timeline: { times: [[0, 0]], resizes: [] },
    keyframes: [0, 1_600_000],
  };
  const { player, terminal, api } = await setUp(recording);
  player.seekOffset(1_950_000);
  await until(() => terminal.text.length === 1_950_000);
  player.seekOffset(1_950_100);
  await until(() => terminal.text.length === 1_950_100);
  assert.equal(terminal.log.filter((each) => each === "reset").length, 2, "the near one needs no screen");
  assert.ok(api.screens.every((offset) => offset <= 1_950_000));
  assert.equal(terminal.text, text.slice(0, 1_950_100));
  player.close();
});

Deno.test("the nearest stored screen is shown first; lines above it are somebody else's concern", async () => {
  const recording: Recording = {
    text: "0123456789".repeat(100_000),
    timeline: { times: [[0, 0]], resizes: [] },
    keyframes: [300_000, 600_000, 900_000],
  };
  const { player, terminal } = await setUp(recording);
  const restored: number[] = [];
  player.attach(terminal, ({ offset }) => restored.push(offset));
  player.seekOffset(950_000);
  await until(() => terminal.text.length === 950_000);
  assert.equal(restored.at(-1), 900_000);
  player.close();
});

/** Nothing is known between `b` and `d`; the first screen after that is stored one byte into the `d`s. */
const GAPPED: Recording = {
  text: "aaaabbbbccccddddeeee",
  timeline: {
    times: [[0, 0], [4, 1000], [12, 60_000], [16, 61_000]],
    resizes: [],
    gaps: [{ from: 6, to: 12, reason: "storage" }],
  },
  keyframes: [13],
};

Deno.test("seeking into a gap, or to where no screen is known after it, shows the first screen that is", async () => {
  const { player, terminal } = await setUp(GAPPED);
  for (const offset of [7, 9, 12]) {
    player.seekOffset(0);
    await until(() => terminal.text === "");
    player.seekOffset(offset);
    await until(() => terminal.text === GAPPED.text.slice(0, 13), `offset ${offset}`);
    assert.equal(player.point.value.offset, 13);
  }
  player.seekOffset(6);
  await until(() => terminal.text === "aaaabb");
  assert.equal(player.point.value.offset, 6);
  player.close();
});

Deno.test("steps cross a gap in both directions", async () => {
  const { player, terminal } = await setUp(GAPPED);
  const shows = (offset: number): Promise<void> =>
    until(() => terminal.text === GAPPED.text.slice(0, offset), `offset ${offset}`);
  player.seekOffset(4);
  await shows(4);
  for (const offset of [6, 13, 16]) {
    player.step(1);
    await shows(offset);
  }
  for (const offset of [13, 6, 4]) {
    player.step(-1);
    await shows(offset);
  }
  player.close();
});

Deno.test("playing hops over a gap and comes to the end", async () => {
  const { player, terminal, frames, ends } = await setUp(GAPPED);
  const seen = new Set<string>();
  player.play();
  while (ends() === 0) {
    frames.draw(10);
    await until(() => terminal.text.length === player.point.value.offset);
    seen.add(terminal.text);
  }
  assert.equal(terminal.text, GAPPED.text);
  assert.ok([...seen].every(({ length }) => length <= 6 || length >= 13), "nothing from inside of the gap");
  assert.equal(player.error.value, undefined);
  player.close();
});

Deno.test("a recording thinned while it is watched is gone on with after the new gap", async () => {
  const recording: Recording = {
    ...GAPPED,
    text: "x".repeat(3_000_000),
    timeline: { times: [[0, 0]], resizes: [] },
    keyframes: [2_000_000],
  };
  const { player, terminal } = await setUp(recording);
  recording.timeline.gaps = [{ from: 600_000, to: 2_000_000, reason: "trimmed" }];
  player.seekOffset(1_000_000);
  await until(() => terminal.text.length === 2_000_000);
  assert.equal(player.point.value.offset, 2_000_000);
  player.seekOffset(2_500_000);
  await until(() => terminal.text.length === 2_500_000);
  assert.equal(player.error.value, undefined);
  player.close();
});

Deno.test("of several seeks in a row the last one counts", async () => {
  const { player, terminal } = await setUp(SHORT);
  for (const offset of [12, 2, 9, 1, 7]) player.seekOffset(offset);
  await until(() => terminal.text === SHORT.text.slice(0, 7));
  player.close();
});

Deno.test("steps go from block to block", async () => {
  const { player, terminal } = await setUp(SHORT);
  player.seekOffset(0);
  player.step(1);
  await until(() => terminal.text === "aaaa");
  player.step(1);
  await until(() => terminal.text === "aaaabbbb");
  player.step(-1);
  await until(() => terminal.text === "aaaa");
  player.close();
});

Deno.test("a failed load is said, not thrown", async () => {
  const api = fakeApi(SHORT);
  const player = new ReplayPlayer({
    api: { ...api, getTimeline: () => Promise.reject(new Error("gone")) },
    sessionId: "s",
    frames: new FakeFrames(),
    onEnd: () => {},
  });
  await player.load();
  assert.equal(player.error.value, "gone");
  player.close();
});
