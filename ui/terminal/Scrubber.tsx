// The bar under a terminal: from the start of the recording to its end, which is live while the session runs.

import { useComputed, useSignal } from "@preact/signals";
import { ChevronLeft, ChevronRight, Pause, Play } from "lucide";
import type { VNode } from "preact";
import type { SessionView } from "../../server/protocol.ts";
import { formatBytes, formatClock, formatCount } from "../format.ts";
import type { Clock } from "../models/clock.ts";
import type { Scrub } from "../models/scrub.ts";
import { IconButton } from "../parts/Button.tsx";
import type { Playback } from "./playback.ts";
import type { ReplayPlayer, Speed } from "./replay_player.ts";
import { SPEEDS } from "./replay_player.ts";
import { GapList, gapNear, gapText, ScrubberGaps } from "./ScrubberGaps.tsx";

export interface ScrubberProps {
  player: ReplayPlayer;
  scrub: Scrub;
  session: SessionView;
  clock: Clock;
  /** What is shown is from before the connection was lost. */
  offline: boolean;
}

type TrackProps = Pick<ScrubberProps, "player" | "scrub">;

const SEEK_MS = 5000;

/** What a key does to the replay; returns whether it was one of these. */
export function scrubKey(event: KeyboardEvent, scrub: Scrub): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const acts: Record<string, () => Promise<void>> = {
    " ": () => scrub.togglePlay(),
    ArrowLeft: () => scrub.seekBy(-SEEK_MS),
    ArrowRight: () => scrub.seekBy(SEEK_MS),
    ",": () => scrub.step(-1),
    ".": () => scrub.step(1),
    Home: () => scrub.goStart(),
    End: () => scrub.goEnd(),
  };
  const act = acts[event.key];
  if (act === undefined) return false;
  event.preventDefault();
  void act();
  return true;
}

export function Scrubber({ player, scrub, session, clock, offline }: ScrubberProps): VNode {
  const live = scrub.isAtLive.value;
  const playing = player.playing.value;
  return (
    <div class="scrubber" role="group" aria-label="Replay">
      <IconButton
        icon={playing ? Pause : Play}
        label={playing ? "Pause" : live ? "Replay from the start" : "Play"}
        testId="play"
        onClick={() => void scrub.togglePlay()}
      />
      <span class="steps">
        <IconButton icon={ChevronLeft} label="Step back" shortcut="," onClick={() => void scrub.step(-1)} />
        <IconButton
          icon={ChevronRight}
          label="Step forward"
          shortcut="."
          disabled={live}
          onClick={() => void scrub.step(1)}
        />
      </span>
      <select
        class="select select-bare number"
        aria-label="Speed"
        value={player.speed.value}
        data-testid="speed"
        onChange={(event) => scrub.setSpeed(Number(event.currentTarget.value) as Speed)}
      >
        {SPEEDS.map((speed) => <option key={speed} value={speed}>{speed}×</option>)}
      </select>
      <Track player={player} scrub={scrub} />
      <GapList id="scrubber-gaps" playback={player.playback.value} />
      {scrub.isAtLive.value
        ? <LivePosition session={session} clock={clock} />
        : <ReplayPosition player={player} />}
      <EndButton scrub={scrub} player={player} offline={offline} />
    </div>
  );
}

function Track({ player, scrub }: TrackProps): VNode {
  const dragging = useSignal(false);
  const hover = useSignal<number | undefined>(undefined);
  const playback = player.playback.value;
  const live = scrub.isAtLive.value;
  const total = Math.max(1, playback.durationMs);
  const share = live ? 1 : Math.min(1, player.point.value.playMs / total);
  const shareAt = (event: PointerEvent & { currentTarget: HTMLElement }): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / Math.max(1, box.width)));
  };
  return (
    <div
      class="track"
      role="slider"
      tabIndex={0}
      aria-label="Position in the recording"
      aria-valuemin={0}
      aria-valuemax={Math.round(total / 1000)}
      aria-valuenow={Math.round(share * total / 1000)}
      aria-valuetext={live ? "Live" : positionText(player)}
      aria-describedby={playback.gapMarks.length === 0 ? undefined : "scrubber-gaps"}
      data-testid="scrubber"
      data-offset={live ? undefined : player.point.value.offset}
      onKeyDown={(event) => scrubKey(event, scrub)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        dragging.value = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        void scrub.scrub(shareAt(event));
      }}
      onPointerMove={(event) => {
        hover.value = shareAt(event);
        if (dragging.value) void scrub.scrub(hover.value);
      }}
      onPointerUp={() => {
        dragging.value = false;
      }}
      onPointerCancel={() => {
        dragging.value = false;
      }}
      onPointerLeave={() => {
        hover.value = undefined;
      }}
    >
      <span class="track-line">
        <span class="track-done" style={{ width: `${share * 100}%` }} />
      </span>
      <ScrubberGaps playback={playback} />
      <span class="track-thumb" style={{ left: `${share * 100}%` }} />
      {hover.value !== undefined && <TrackTip playback={playback} share={hover.value} />}
    </div>
  );
}

function TrackTip({ playback, share }: { playback: Playback; share: number }): VNode {
  const gap = gapNear(playback, share);
  return (
    <span class="track-tip number" style={{ left: `${share * 100}%` }} data-testid="track-tip">
      {formatClock(playback.atPlayTime(share * playback.durationMs).realMs)}
      {gap && ` · ${gapText(gap)}`}
    </span>
  );
}

/** As wide as the replay's position, so that the track does not move under the pointer that grabs it. */
function LivePosition({ session, clock }: { session: SessionView; clock: Clock }): VNode {
  const fromMs = session.startedAtMs ?? session.createdAtMs;
  const text = useComputed(() => formatClock(clock.nowMs.value - fromMs));
  return (
    <span class="position number">{session.endedAtMs ? formatClock(session.endedAtMs - fromMs) : text}</span>
  );
}

function ReplayPosition({ player }: { player: ReplayPlayer }): VNode {
  const { offset } = player.point.value;
  return (
    <span class="position number" title={`Byte ${formatCount(offset)}`} data-testid="position">
      {positionText(player)}
      <span class="position-bytes muted">{formatBytes(offset)}</span>
    </span>
  );
}

function positionText(player: ReplayPlayer): string {
  return `${formatClock(player.point.value.realMs)} / ${formatClock(player.playback.value.realDurationMs)}`;
}

/** While the session runs, the right end is live; later it is just the end. */
function EndButton({ scrub, player, offline }: TrackProps & { offline: boolean }): VNode {
  const live = scrub.isAtLive.value;
  if (scrub.running.value) {
    return (
      <button
        type="button"
        class={live && !offline ? "live-pill live-pill-on" : "live-pill"}
        disabled={live}
        data-testid="back-to-live"
        onClick={() => scrub.goLive()}
      >
        <span class="live-dot" aria-hidden="true" />
        {live ? (offline ? "Offline" : "Live") : "Back to live"}
      </button>
    );
  }
  const atEnd = live || player.point.value.offset >= player.playback.value.end;
  return (
    <button
      type="button"
      class="live-pill"
      disabled={atEnd}
      data-testid="go-end"
      onClick={() => void scrub.goEnd()}
    >
      End
    </button>
  );
}
