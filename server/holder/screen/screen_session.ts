// One session inside the worker: its screen, what waits to be done to it in order, its keyframes.
import { type RestorePoint, Screen, type ScreenOptions } from "./screen.ts";
import { KeyframeClock } from "./keyframe_clock.ts";
import { lastKeyframes, restState } from "./rest_state.ts";
import type { Keyframe, ScreenSize } from "./screen_messages.ts";

interface WriteJob {
  type: "write";
  bytes: Uint8Array;
  endOffset: number;
}

/** Something to be done once everything before it was parsed. */
export type Job =
  | WriteJob
  | { type: "resize"; size: ScreenSize }
  | {
    type: "ask";
    /** Not before everything, however much that is. */
    isLast: boolean;
    answer(screen: Screen): void;
    fail(message: string): void;
  };

export interface ScreenSessionOptions {
  screen: ScreenOptions;
  from: RestorePoint | undefined;
  keyframeEveryBytes: number;
  onKeyframe(keyframe: Keyframe): void;
  onParsed(offset: number): void;
  /** The screen failed and shows nothing new from now on. */
  onBroken(message: string): void;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}

/** A turn ends after this much output or time. */
const MAX_TURN_BYTES = 16 * 1024;
const MAX_TURN_MS = 4;
/** Parsed between two looks at the clock; output that is slow to parse gets less. */
const MAX_CHUNK_BYTES = 8 * 1024;
const MIN_CHUNK_BYTES = 64;

/** Told at least this often how far it is; always when nothing is left to do. */
const TELL_PARSED_EVERY_BYTES = 64 * 1024;

/** Questions do not wait behind more output than this: an answer says which offset it shows. */
const MAX_BYTES_BEFORE_ANSWER = 1 << 20;

export class ScreenSession {
  readonly #options: ScreenSessionOptions;
  readonly #keyframes: KeyframeClock;
  readonly #screen: Screen;
  #jobs: Job[] = [];
  #waitingBytes = 0;
  #chunkBytes = MAX_CHUNK_BYTES;
  #parsed: number;
  #toldParsed: number;
  #broken: string | undefined;

  constructor(options: ScreenSessionOptions) {
    this.#options = options;
    this.#screen = new Screen(options.screen, options.from);
    this.#parsed = this.#toldParsed = this.#screen.offset;
    this.#keyframes = new KeyframeClock(options.keyframeEveryBytes, this.#screen.offset);
  }

  get hasWork(): boolean {
    return this.#jobs.length > 0;
  }

  add(job: Job): void {
    const isImpatient = job.type === "ask" && !job.isLast;
    if (isImpatient && this.#waitingBytes > MAX_BYTES_BEFORE_ANSWER) return this.#do(job);
    if (job.type === "write") this.#waitingBytes += job.bytes.length;
    this.#jobs.push(job);
  }

  /** Does some of the work: as much as a turn may take. */
  work(): void {
    const { now } = this.#options;
    const startedAt = now();
    let bytesLeft = MAX_TURN_BYTES;
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      const part = job.type === "write" ? this.#takePart(job) : job;
      if (part.type === "ask") this.#tellParsed();
      const partStartedAt = now();
      this.#do(part);
      if (part.type !== "write") continue;
      this.#parsed = part.endOffset;
      bytesLeft -= part.bytes.length;
      this.#adaptChunk(now() - partStartedAt);
      if (bytesLeft <= 0 || now() - startedAt >= MAX_TURN_MS) break;
    }
    this.#guard(() => this.#keepKeyframe());
    this.#tellParsed();
  }

  /** Stores the last screens. To be called when no work is left. */
  finish(): void {
    this.#guard(() => {
      for (const keyframe of lastKeyframes(restState(this.#screen))) this.#options.onKeyframe(keyframe);
    });
  }

  dispose(): void {
    for (const job of this.#jobs) if (job.type === "ask") job.fail("The session was dropped");
    this.#jobs = [];
    this.#broken ??= "The session was dropped";
    this.#screen.dispose();
  }

  /** The job, or its first part; then the rest goes back to the front. */
  #takePart(job: WriteJob): WriteJob {
    const taken = Math.min(job.bytes.length, this.#chunkBytes);
    this.#waitingBytes -= taken;
    if (taken === job.bytes.length) return job;
    this.#jobs.unshift({ ...job, bytes: job.bytes.subarray(taken) });
    const left = job.bytes.length - taken;
    return { type: "write", bytes: job.bytes.subarray(0, taken), endOffset: job.endOffset - left };
  }

  #do(job: Job): void {
    if (this.#broken !== undefined) {
      if (job.type === "ask") job.fail(this.#broken);
      return;
    }
    const isDone = this.#guard(() => {
      if (job.type === "write") this.#screen.write(job.bytes, job.endOffset);
      else if (job.type === "resize") this.#screen.resize(job.size.cols, job.size.rows);
      else job.answer(this.#screen);
    });
    if (!isDone && job.type === "ask") job.fail(this.#broken ?? "");
  }

  /** A failure of one screen must reach neither the others nor the process. */
  #guard(action: () => void): boolean {
    try {
      if (this.#broken === undefined) action();
      return true;
    } catch (thrown) {
      this.#broken = thrown instanceof Error ? thrown.message : String(thrown);
      this.#options.onBroken(this.#broken);
      return false;
    }
  }

  #tellParsed(): void {
    const news = this.#parsed - this.#toldParsed;
    if (news === 0 || (this.hasWork && news < TELL_PARSED_EVERY_BYTES)) return;
    this.#toldParsed = this.#parsed;
    this.#options.onParsed(this.#parsed);
  }

  #adaptChunk(tookMs: number): void {
    if (tookMs > MAX_TURN_MS) this.#chunkBytes = Math.max(MIN_CHUNK_BYTES, this.#chunkBytes >> 2);
    else if (tookMs < MAX_TURN_MS / 4) this.#chunkBytes = Math.min(MAX_CHUNK_BYTES, this.#chunkBytes << 1);
  }

  #keepKeyframe(): void {
    if (!this.#keyframes.isDue(this.#screen.offset)) return;
    const snapshot = this.#screen.snapshot();
    if (this.#keyframes.accept(snapshot, this.#screen.offset)) {
      this.#options.onKeyframe({ ...snapshot, kind: "periodic" });
    }
  }
}
