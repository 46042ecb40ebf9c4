// The recording of one session: takes output, sizes and screens, and gives them back by offset.
import type { Timeline } from "../protocol.ts";
import type { GapReason, GapRow } from "../store/gaps.ts";
import type { KeyframeRow } from "../store/keyframes.ts";
import type { RecordingEnd, RecordingStore } from "../store/recordings.ts";
import type { ScreenSnapshot } from "./api.ts";
import type { BlockCache } from "./block_cache.ts";
import { decodeBlock, encodeBlock } from "./codec.ts";
import { concatenate } from "../concatenate.ts";
import { PendingOutput } from "./pending_output.ts";
import { sampleTimeline } from "./timeline.ts";

const MAX_TIMELINE_POINTS = 2000;

/** A range of output without bytes: thinned because the session grew too large, or never stored. */
export interface RecordingGap {
  from: number;
  to: number;
  reason: GapReason;
}

/** Commits for all recordings. */
export interface Committer {
  /** Notes that a recording has something to be stored. */
  touch(recording: Recording, bytes: number): void;
  /** Stores everything pending, unless that has just failed. */
  settle(): void;
}

export interface RecordingOptions {
  id: number;
  session: string;
  startedAtMs: number;
  /** Offset after the last stored byte. */
  end: number;
  store: RecordingStore;
  recorder: Committer;
  cache: BlockCache;
  now: () => number;
}

interface PendingNotes {
  resizes: { offset: number; cols: number; rows: number }[];
  keyframes: KeyframeRow[];
  lastScreenOffset?: number;
  end?: RecordingEnd;
}

export class Recording {
  readonly id: number;
  readonly session: string;
  readonly startedAtMs: number;
  readonly #store: RecordingStore;
  readonly #recorder: Committer;
  readonly #cache: BlockCache;
  readonly #now: () => number;
  readonly #pending = new PendingOutput();
  #notes: PendingNotes = { resizes: [], keyframes: [] };
  #end: number;
  #stored = { bytes: 0, blocks: 0 };

  constructor(options: RecordingOptions) {
    this.id = options.id;
    this.session = options.session;
    this.startedAtMs = options.startedAtMs;
    this.#end = options.end;
    this.#store = options.store;
    this.#recorder = options.recorder;
    this.#cache = options.cache;
    this.#now = options.now;
  }

  /** The time by the recording's own clock. */
  get nowMs(): number {
    return this.#now();
  }

  /** Offset after the last byte, stored or not. */
  get end(): number {
    return this.#end;
  }

  /** When the oldest output came that is not stored; infinite when all is. */
  get oldestPendingAtMs(): number {
    return this.#pending.oldestAtMs ?? Infinity;
  }

  /** Takes output; the bytes must not change afterwards. */
  append(bytes: Uint8Array): void {
    this.#pending.append(bytes, { offset: this.#end, atMs: this.#now() });
    this.#end += bytes.length;
    this.#recorder.touch(this, bytes.length);
  }

  resize(cols: number, rows: number): void {
    this.#notes.resizes.push({ offset: this.#end, cols, rows });
    this.#recorder.touch(this, 0);
  }

  addKeyframe({ ansi, ...place }: ScreenSnapshot): void {
    const { offset, cols, rows } = place;
    this.#notes.keyframes.push({ offset, cols, rows, ...encodeBlock(new TextEncoder().encode(ansi)) });
    this.#recorder.touch(this, 0);
  }

  setLastScreen(offset: number): void {
    this.#notes.lastScreenOffset = offset;
    this.#recorder.touch(this, 0);
  }

  /** Stores the end of the program; nothing is appended afterwards. */
  finish(end: RecordingEnd): void {
    this.#notes.end = end;
    this.#recorder.touch(this, 0);
    this.#recorder.settle();
  }

  /** Bytes from `from`, at most `maxBytes`; fewer before a gap, none in a gap and at the end. */
  read(from: number, maxBytes: number): Uint8Array {
    const parts: Uint8Array[] = [];
    const until = Math.min(this.#end, from + maxBytes);
    for (let at = from; at < until;) {
      const part = this.#readAt(at)?.subarray(0, until - at);
      if (!part) break;
      parts.push(part);
      at += part.length;
    }
    return concatenate(parts);
  }

  /** The gap that holds `offset`; gaps that follow each other are one. */
  gapAt(offset: number): RecordingGap | undefined {
    const first = this.#gapRowAt(offset);
    if (!first) return undefined;
    let to = first.offset + first.length;
    for (let next = this.#gapRowAt(to); next; next = this.#gapRowAt(to)) to = next.offset + next.length;
    return { from: first.offset, to, reason: first.reason };
  }

  listGaps(): RecordingGap[] {
    return [...this.#store.gaps.list(this.id), ...this.#pending.gaps]
      .map(({ offset, length, reason }) => ({ from: offset, to: offset + length, reason }));
  }

  /**
   * The newest stored screen from which output goes on to `offset` without a gap; undefined means the empty screen at
   * 0. When only a gap is before `offset`, the first screen after that gap: its offset is then the larger one.
   */
  getKeyframe(offset: number): ScreenSnapshot | undefined {
    this.#recorder.settle();
    const { keyframes } = this.#store;
    const before = keyframes.getBefore(this.id, offset);
    const gap = this.gapAt(offset) ?? this.#lastGapBetween(before?.offset ?? 0, offset);
    if (!gap) return before && toSnapshot(before);
    const after = keyframes.getAfter(this.id, gap.to);
    return after ? toSnapshot(after) : this.#emptyScreenAt(Math.min(gap.to, this.#end));
  }

  listResizes(): { offset: number; cols: number; rows: number }[] {
    return [...this.#store.listResizes(this.id), ...this.#notes.resizes];
  }

  /** What a scrubber needs. */
  timeline(): Timeline & { gaps: RecordingGap[] } {
    this.#recorder.settle();
    const row = this.#store.getRecordingById(this.id);
    const times = sampleTimeline({
      blocks: this.#store.blocks.list(this.id),
      maxPoints: MAX_TIMELINE_POINTS,
      getTimes: (offset) => this.#store.blocks.getTimes(this.id, offset),
    });
    return {
      end: this.#end,
      startedAtMs: this.startedAtMs,
      cols: row?.cols ?? 0,
      rows: row?.rows ?? 0,
      times: times.map(({ offset, atMs }) => [offset, atMs - this.startedAtMs]),
      resizes: this.listResizes(),
      gaps: this.listGaps().map((gap) => ({ ...gap, ...this.#shownAfter(gap) })),
      ...(row?.endedAtMs === null || row === undefined ? {} : { endedAtMs: row.endedAtMs }),
      ...(row?.lastScreenOffset === null || row === undefined
        ? {}
        : { lastScreenOffset: row.lastScreenOffset }),
    };
  }

  /** Writes everything pending; called by the recorder inside its transaction. Does nothing when it was deleted. */
  store(): void {
    this.#stored = { bytes: 0, blocks: 0 };
    if (!this.#store.getRecordingById(this.id)) return;
    for (const block of this.#pending.encode()) {
      this.#store.blocks.insert(this.id, { ...block, times: null });
      this.#stored.bytes += block.data.length;
      this.#stored.blocks++;
    }
    for (const gap of this.#pending.gaps) this.#store.gaps.put(this.id, gap);
    this.#storeNotes(this.#notes);
  }

  /** The commit succeeded: forgets what was stored and says what it was. */
  forgetStored(): { bytes: number; blocks: number; ended: boolean; gaps: readonly GapRow[] } {
    const { gaps } = this.#pending;
    const ended = this.#notes.end !== undefined;
    this.#pending.clear();
    this.#notes = { resizes: [], keyframes: [] };
    return { ...this.#stored, ended, gaps };
  }

  /** Gives up the oldest output that is not stored. Answers how many bytes that were. */
  dropOldest(): number {
    const bytes = this.#pending.drop();
    const from = this.#pending.start ?? this.#end;
    this.#notes.keyframes = this.#notes.keyframes.filter(({ offset }) => offset >= from);
    return bytes;
  }

  #storeNotes({ resizes, keyframes, lastScreenOffset, end }: PendingNotes): void {
    for (const resize of resizes) this.#store.insertResize(this.id, resize);
    for (const keyframe of keyframes) this.#store.keyframes.insert(this.id, keyframe);
    if (lastScreenOffset !== undefined) this.#store.setLastScreen(this.id, lastScreenOffset);
    if (end) this.#store.endRecording(this.id, end);
  }

  #readAt(at: number): Uint8Array | undefined {
    const pending = at >= (this.#pending.start ?? Infinity) ? this.#pending.read(at) : undefined;
    if (pending) return pending;
    const block = this.#cache.find(this.id, at) ?? this.#decodeAt(at);
    return block?.bytes.subarray(at - block.offset);
  }

  #decodeAt(at: number): { offset: number; bytes: Uint8Array } | undefined {
    const row = this.#store.blocks.getAt(this.id, at);
    return row && this.#cache.decode(this.id, row);
  }

  #gapRowAt(offset: number): GapRow | undefined {
    return this.#store.gaps.getAt(this.id, offset) ??
      this.#pending.gaps.find((gap) => gap.offset <= offset && offset < gap.offset + gap.length);
  }

  #lastGapBetween(after: number, until: number): RecordingGap | undefined {
    const row = this.#store.gaps.getLastBetween(this.id, { after, until });
    return row && { from: row.offset, to: row.offset + row.length, reason: row.reason };
  }

  /** Where a stream goes on after a gap, unless that is right at its end. */
  #shownAfter({ to }: RecordingGap): { shownFrom?: number } {
    const offset = this.#store.keyframes.getAfter(this.id, to)?.offset ?? to;
    return offset > to ? { shownFrom: offset } : {};
  }

  /** Nobody knows what was on the screen. */
  #emptyScreenAt(offset: number): ScreenSnapshot {
    const row = this.#store.getRecordingById(this.id);
    const size = this.listResizes().findLast((resize) => resize.offset <= offset) ?? row;
    return { offset, cols: size?.cols ?? 80, rows: size?.rows ?? 24, ansi: "" };
  }
}

function toSnapshot(row: KeyframeRow): ScreenSnapshot {
  const { offset, cols, rows } = row;
  return { offset, cols, rows, ansi: new TextDecoder().decode(decodeBlock(row)) };
}
