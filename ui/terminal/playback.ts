// Maps a recording's bytes to playing time, with idle time cut short and around what is missing; pure.

import type { RecordingGap, Timeline } from "../../server/protocol.ts";

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

/** A gap on the playing time's line; often of no length there. */
export interface GapMark extends RecordingGap {
  fromMs: number;
  toMs: number;
}

type PlaybackTimeline = Pick<Timeline, "end" | "times" | "gaps">;

export class Playback {
  readonly #stretches: Stretch[];
  readonly #gaps: readonly RecordingGap[];
  /** After the last byte that is there. */
  readonly end: number;
  /** Playing time of the whole recording. */
  readonly durationMs: number;
  /** Real time of the whole recording. */
  readonly realDurationMs: number;
  /** Where the gaps are while it plays. */
  readonly gapMarks: readonly GapMark[];

  constructor(timeline: PlaybackTimeline) {
    this.#gaps = joinGaps(timeline.gaps ?? []);
    const last = this.#gaps.at(-1);
    this.end = last !== undefined && last.to >= timeline.end ? last.from : timeline.end;
    this.#stretches = buildStretches(timeline, this.#gaps);
    const final = this.#stretches.at(-1);
    this.durationMs = final === undefined ? 0 : final.playMs + final.printMs;
    this.realDurationMs = final === undefined ? 0 : final.realMs + final.printMs;
    this.gapMarks = this.#gaps.map((gap) => this.#mark(gap));
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

  /** The point at which everything before an offset is shown; inside of a gap, the point after it. */
  atOffset(wanted: number): PlayPoint {
    const offset = this.#afterGap(wanted);
    if (offset >= this.end) return this.#endPoint();
    const stretch = this.#find((each) => each.offset <= offset);
    if (stretch === undefined) return { offset: 0, playMs: 0, realMs: 0 };
    const share = Math.min(1, (offset - stretch.offset) / (stretch.endOffset - stretch.offset));
    const inside = share * stretch.printMs;
    return { offset, playMs: stretch.playMs + inside, realMs: stretch.realMs + inside };
  }

  /** The next or previous block boundary: what a single step goes to. Both sides of a gap are boundaries. */
  step(offset: number, direction: 1 | -1): PlayPoint {
    if (direction > 0) {
      const next = this.#stretches.find((each) => each.endOffset > offset);
      return this.atOffset(
        next === undefined ? this.end : next.offset > offset ? next.offset : next.endOffset,
      );
    }
    const before = this.#find((each) => each.offset < offset);
    if (before === undefined) return this.atOffset(0);
    return this.atOffset(before.endOffset < offset ? before.endOffset : before.offset);
  }

  /** The gap in which a byte is missing. */
  gapAt(offset: number): RecordingGap | undefined {
    return this.#gaps.find(({ from, to }) => from <= offset && offset < to);
  }

  /** The last gap that lies at least partly in a range. */
  lastGapIn({ from, to }: { from: number; to: number }): RecordingGap | undefined {
    return this.#gaps.findLast((gap) => gap.from < to && gap.to > from);
  }

  #mark(gap: RecordingGap): GapMark {
    const next = this.#stretches.find(({ offset }) => offset >= gap.to);
    return { ...gap, fromMs: this.atOffset(gap.from).playMs, toMs: next?.playMs ?? this.durationMs };
  }

  /** Right before a gap everything is known, unless it is the beginning. */
  #afterGap(offset: number): number {
    const gap = this.gapAt(offset);
    return gap === undefined || (gap.from === offset && offset > 0) ? offset : gap.to;
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

function buildStretches(timeline: PlaybackTimeline, gaps: readonly RecordingGap[]): Stretch[] {
  const longest = timeline.times.length >= THINNED_BLOCKS ? MAX_IDLE_MS : BLOCK_MS;
  const stretches: Stretch[] = [];
  let playMs = 0;
  for (const [index, [from, realMs]] of timeline.times.entries()) {
    const next = timeline.times[index + 1];
    const to = next?.[0] ?? timeline.end;
    const pauseMs = next === undefined ? BLOCK_MS : Math.max(0, next[1] - realMs);
    stretches.push(
      ...printEvenly(keptRanges({ from, to }, gaps), { realMs, playMs, printMs: Math.min(pauseMs, longest) }),
    );
    playMs += Math.min(pauseMs, MAX_IDLE_MS);
  }
  return stretches;
}

function printEvenly(
  ranges: readonly { from: number; to: number }[],
  { realMs, playMs, printMs }: { realMs: number; playMs: number; printMs: number },
): Stretch[] {
  const bytes = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  let passedMs = 0;
  return ranges.map(({ from, to }) => {
    const stretch = {
      offset: from,
      endOffset: to,
      realMs: realMs + passedMs,
      playMs: playMs + passedMs,
      printMs: printMs * ((to - from) / bytes),
    };
    passedMs += stretch.printMs;
    return stretch;
  });
}

function keptRanges(
  { from, to }: { from: number; to: number },
  gaps: readonly RecordingGap[],
): { from: number; to: number }[] {
  const kept: { from: number; to: number }[] = [];
  let at = from;
  for (const gap of gaps) {
    if (gap.to <= at || gap.from >= to) continue;
    if (gap.from > at) kept.push({ from: at, to: gap.from });
    at = gap.to;
  }
  if (at < to) kept.push({ from: at, to });
  return kept;
}

/** Gaps that follow each other are one, with the reason of the first. */
function joinGaps(gaps: readonly RecordingGap[]): RecordingGap[] {
  const joined: RecordingGap[] = [];
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last !== undefined && gap.from <= last.to) {
      if (gap.to > last.to) joined[joined.length - 1] = { ...gap, from: last.from, reason: last.reason };
    } else joined.push({ ...gap });
  }
  return joined;
}
