import assert from "node:assert/strict";
import { signal } from "@preact/signals";
import type { SessionView, Timeline } from "../../server/protocol.ts";
import { ReplayPlayer } from "../terminal/replay_player.ts";
import { FakeTimers } from "../testing/fake_timers.ts";
import { makeEnded, makeSession } from "../testing/sessions.ts";
import { type Scrub, ScrubModel } from "./scrub.ts";
import type { AttachState } from "./terminal.ts";

interface SetUp {
  scrub: Scrub;
  player: ReplayPlayer;
  mode: { value: "live" | "replay" };
  attach: { value: AttachState };
  session: { value: SessionView | undefined };
  timers: FakeTimers;
  places: (number | undefined)[];
  loads: () => number;
}

function setUp(initial: SessionView, timeline: Partial<Timeline> = {}): SetUp {
  let loads = 0;
  const full: Timeline = {
    end: 300,
    startedAtMs: 0,
    cols: 80,
    rows: 24,
    times: [[0, 0], [100, 1000], [200, 2000]],
    resizes: [],
    ...timeline,
  };
  const player = new ReplayPlayer({
    api: {
      getTimeline: () => {
        loads++;
        return Promise.resolve(full);
      },
      getKeyframe: () => Promise.reject(new Error("not shown here")),
      getOutput: () => Promise.reject(new Error("not shown here")),
    },
    sessionId: "s",
    frames: { request: () => 0, cancel: () => {} },
    onEnd: () => {},
  });
  const mode = signal<"live" | "replay">("live");
  const attach = signal<AttachState>("attached");
  const session = signal<SessionView | undefined>(initial);
  const timers = new FakeTimers();
  const places: (number | undefined)[] = [];
  const scrub = new ScrubModel({
    player,
    terminal: { mode, attach },
    session,
    rememberPlace: (offset) => places.push(offset),
    debounce: (callback) => timers.start(400, callback),
  });
  return { scrub, player, mode, attach, session, timers, places, loads: () => loads };
}

Deno.test("running sessions open live, ended ones at their last screen or end, links at their place", async () => {
  const running = setUp(makeSession());
  await running.scrub.open(undefined);
  assert.equal(running.mode.value, "live");
  const ended = setUp(makeEnded("s", 1));
  await ended.scrub.open(undefined);
  assert.deepEqual([ended.mode.value, ended.player.point.value.offset], ["replay", 300]);
  const screen = setUp(makeEnded("s", 1), { lastScreenOffset: 250 });
  await screen.scrub.open(undefined);
  assert.equal(screen.player.point.value.offset, 250);
  assert.equal(screen.scrub.isAtLastScreen.value, true);
  const linked = setUp(makeSession());
  await linked.scrub.open(120);
  assert.deepEqual([linked.mode.value, linked.player.point.value.offset], ["replay", 120]);
});

Deno.test("the timeline of a running session is asked for once its present screen is there", async () => {
  const { scrub, attach, loads } = setUp(makeSession());
  attach.value = "attaching";
  await scrub.open(undefined);
  assert.equal(loads(), 0);
  attach.value = "attached";
  assert.equal(loads(), 1);
  attach.value = "ended";
  assert.equal(loads(), 1);
});

Deno.test("scrubbing leaves live with a fresh timeline; the right end is live again", async () => {
  const { scrub, player, mode, loads } = setUp(makeSession());
  await scrub.open(undefined);
  await scrub.scrub(0);
  assert.deepEqual([mode.value, player.point.value.offset, loads()], ["replay", 0, 2]);
  await scrub.scrub(0.5);
  assert.equal(loads(), 2);
  await scrub.scrub(1);
  assert.equal(mode.value, "live");
});

Deno.test("the right end of an ended session is its end", async () => {
  const { scrub, player, mode } = setUp(makeEnded("s", 1));
  await scrub.open(undefined);
  await scrub.goStart();
  await scrub.scrub(1);
  assert.deepEqual([mode.value, player.point.value.offset], ["replay", 300]);
});

Deno.test("keys move by seconds and steps, from live too", async () => {
  const { scrub, player } = setUp(makeSession());
  await scrub.open(undefined);
  await scrub.seekBy(-1000);
  assert.equal(player.point.value.playMs, player.playback.value.durationMs - 1000);
  scrub.goLive();
  await scrub.step(-1);
  assert.equal(player.point.value.offset, 200);
  await scrub.togglePlay();
  assert.equal(player.playing.value, true);
  await scrub.togglePlay();
  assert.equal(player.playing.value, false);
});

Deno.test("a place the user rested at is remembered; live and opening are not", async () => {
  const { scrub, timers, places } = setUp(makeSession());
  await scrub.open(undefined);
  timers.advance(1000);
  assert.deepEqual(places, []);
  await scrub.goStart();
  await scrub.step(1);
  timers.advance(1000);
  assert.deepEqual(places, [100]);
  scrub.goLive();
  timers.advance(1000);
  assert.deepEqual(places, [100, undefined]);
  scrub[Symbol.dispose]();
  assert.equal(timers.pending, 0);
});

Deno.test("when the session ends its timeline is loaded for the last time", async () => {
  const { scrub, session, loads } = setUp(makeSession());
  await scrub.open(undefined);
  session.value = makeEnded("s", 1);
  assert.equal(loads(), 2);
});
