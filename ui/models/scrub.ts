// Moves a session's terminal tab between live and any moment of its recording.

import { computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { SessionView } from "../../server/protocol.ts";
import { isLive } from "../session_status.ts";
import type { ReplayPlayer, Speed } from "../terminal/replay_player.ts";
import type { TerminalState } from "./terminal.ts";

export interface ScrubOptions {
  player: ReplayPlayer;
  terminal: Pick<TerminalState, "mode" | "attach">;
  session: ReadonlySignal<SessionView | undefined>;
  /** Keeps the place in the address; undefined is where the tab opens by itself. */
  rememberPlace(offset: number | undefined): void;
  /** Waits until the user rests; returns the function that gives it up. */
  debounce(callback: () => void): () => void;
}

/** Above this share of the recording, scrubbing a running session means live. */
const LIVE_SHARE = 0.998;

export const ScrubModel = createModel((options: ScrubOptions) => {
  const { player, terminal } = options;
  /** The user chose a place, so that it is worth remembering. */
  const chosen = signal(false);
  const running = computed(() => options.session.value !== undefined && isLive(options.session.value));
  /** The timeline of a long session takes its time: the present screen goes first. */
  const awaitsScreen = signal(false);
  const isAtLive = computed(() => terminal.mode.value === "live");

  function goLive(): void {
    player.pause();
    chosen.value = false;
    terminal.mode.value = "live";
    options.rememberPlace(undefined);
  }
  /** Switches to the replay; the timeline of a session that has grown is loaded anew. */
  async function enter(): Promise<void> {
    const wasLive = terminal.mode.value === "live";
    terminal.mode.value = "replay";
    chosen.value = true;
    const known = player.timeline.value;
    if (known !== undefined && !wasLive) return;
    const recorded = options.session.value?.recordedBytes ?? 0;
    if (known === undefined || running.value || recorded > known.end) await player.load();
  }
  async function seek(to: () => number): Promise<void> {
    await enter();
    player.seekPlayTime(to());
  }
  /** When the session ends, the recording has got its last bytes. */
  effect(() => {
    if (!running.value && player.timeline.peek() !== undefined) void player.load();
  });
  effect(() => {
    if (!awaitsScreen.value || terminal.attach.value === "attaching") return;
    awaitsScreen.value = false;
    void player.load();
  });
  const duration = (): number => player.playback.value.durationMs;

  effect(() => {
    const offset = player.point.value.offset;
    if (!chosen.value || terminal.mode.value === "live" || player.playing.value) return;
    return options.debounce(() => options.rememberPlace(offset));
  });

  return {
    isAtLive,
    /** Whether there is a live end to go to. */
    running,
    /** Whether the last screen before the program's clean-up is shown. */
    isAtLastScreen: computed(() =>
      terminal.mode.value === "replay" &&
      player.timeline.value?.lastScreenOffset === player.point.value.offset
    ),
    goLive,
    /** Opens the tab: running sessions live, ended ones at their last screen, links at their place. */
    async open(at: number | undefined): Promise<void> {
      if (running.value && at === undefined) {
        terminal.mode.value = "live";
        awaitsScreen.value = true;
        return;
      }
      terminal.mode.value = "replay";
      await player.load();
      player.seekOffset(at ?? player.timeline.value?.lastScreenOffset ?? Infinity);
    },
    /** Goes to a share of the recording, 0 to 1. */
    async scrub(share: number): Promise<void> {
      if (running.value && share >= LIVE_SHARE) return goLive();
      await seek(() => share * duration());
    },
    async seekBy(ms: number): Promise<void> {
      const from = isAtLive.value ? undefined : player.point.value.playMs;
      await seek(() => (from ?? duration()) + ms);
    },
    async goStart(): Promise<void> {
      await seek(() => 0);
    },
    async goEnd(): Promise<void> {
      if (running.value) return goLive();
      await seek(duration);
    },
    async step(direction: 1 | -1): Promise<void> {
      const fromLive = isAtLive.value;
      await enter();
      if (fromLive) player.seekEnd();
      player.step(direction);
    },
    /** Plays or pauses; from the live end, plays from the start. */
    async togglePlay(): Promise<void> {
      if (player.playing.value) return player.pause();
      if (isAtLive.value) await seek(() => 0);
      player.play();
    },
    setSpeed(speed: Speed): void {
      player.speed.value = speed;
    },
    /** Playing came to the end of what was recorded. */
    onEnd(): void {
      if (running.value) goLive();
    },
  };
});

export type Scrub = InstanceType<typeof ScrubModel>;
