// Maps a recording's bytes to playing time, with idle time cut short; pure.

import type { Timeline } from "../../server/protocol.ts";

/** While nothing is printed, playing waits no longer than this. */
export const MAX_IDLE_MS = 2000;

/** A recorded block holds at most this much time when the timeline lists every block. */
const BLOCK_MS = 100;

/** A timeline of this many blocks may be thinned: its blocks can be long. */
const THINNED_BLOCKS = 1000;

/** One stretch of output: printed between two playing times, evenly. */
interface Stretch {
  offset: number;
  endOffset: number;
  /** Since the start of the session. */
  realMs: number;
  playMs: number;
  printMs: number;
}

/** Where the replay is, in every unit. */
export interface PlayPoint {
  offset: number;
  playMs: number;
  realMs: number;
}

export class Playback {
  readonly #stretches: Stretch[];
  readonly end: number;
  /** Playing time of the whole recording. */
  readonly durationMs: number;
  /** Real time of the whole recording. */
  readonly realDurationMs: number;

  constructor(timeline: Pick<Timeline, "end" | "times">) {
    this.end = timeline.end;
    this.#stretches = buildStretches(timeline);
    const last = this.#stretches.at(-1);
    this.durationMs = last === undefined ? 0 : last.playMs + last.printMs;
    this.realDurationMs = last === undefined ? 0 : last.realMs + last.printMs;
  }

  /** The point at a playing time; before the start and after the end it is clamped. */
  atPlayTime(playMs: number): PlayPoint {
    if (playMs >= this.durationMs) return this.#endPoint();
    const at = Math.max(0, playMs);
    const stretch = this.#find((each) => each.playMs <= at);
    if (stretch === undefined) return { offset: 0, playMs: 0, realMs: 0 };
    const inside = Math.min(stretch.printMs, at - stretch.playMs);
    const share = stretch.printMs === 0 ? 1 : inside / stretch.printMs;
    const offset = stretch.offset + Math.floor((stretch.endOffset - stretch.offset) * share);
    return { offset, playMs: at, realMs: stretch.realMs + Math.max(inside, at - stretch.playMs) };
  }

  /** The point at which everything before an offset is shown. */
  atOffset(offset: number): PlayPoint {
    if (offset >= this.end) return this.#endPoint();
    const stretch = this.#find((each) => each.offset <= offset);
    if (stretch === undefined) return { offset: 0, playMs: 0, realMs: 0 };
    const share = (offset - stretch.offset) / (stretch.endOffset - stretch.offset);
    const inside = share * stretch.printMs;
    return { offset, playMs: stretch.playMs + inside, realMs: stretch.realMs + inside };
  }

  /** The next or previous block boundary: what a single step goes to. */
  step(offset: number, direction: 1 | -1): PlayPoint {
    if (direction > 0) {
      const next = this.#stretches.find((each) => each.endOffset > offset);
      return this.atOffset(next?.endOffset ?? this.end);
    }
    const before = this.#find((each) => each.offset < offset);
    return this.atOffset(before?.offset ?? 0);
  }

  #endPoint(): PlayPoint {
    return { offset: this.end, playMs: this.durationMs, realMs: this.realDurationMs };
  }

  /** The last stretch that fulfils a condition which holds for all before it. */
  #find(holds: (stretch: Stretch) => boolean): Stretch | undefined {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const stretch = this.#stretches[middle];
      if (stretch !== undefined && holds(stretch)) low = middle + 1;
      else high = middle;
    }
    return this.#stretches[low - 1];
  }
}

function buildStretches(timeline: Pick<Timeline, "end" | "times">): Stretch[] {
  const longest = timeline.times.length >= THINNED_BLOCKS ? MAX_IDLE_MS : BLOCK_MS;
  const stretches: Stretch[] = [];
  let playMs = 0;
  for (const [index, [offset, realMs]] of timeline.times.entries()) {
    const next = timeline.times[index + 1];
    const endOffset = next?.[0] ?? timeline.end;
    const gapMs = next === undefined ? BLOCK_MS : Math.max(0, next[1] - realMs);
    if (endOffset > offset) {
      stretches.push({ offset, endOffset, realMs, playMs, printMs: Math.min(gapMs, longest) });
    }
    playMs += Math.min(gapMs, MAX_IDLE_MS);
  }
  return stretches;
}
