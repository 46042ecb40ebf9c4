// One session inside the worker: its screen, what waits to be done to it in order, its keyframes.
import { type RestorePoint, Screen, type ScreenOptions } from "./screen.ts";
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
  | { type: "ask"; answer(screen: Screen): void; fail(message: string): void };

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

/** A turn parses at most this much, and less when that takes too long. */
const MAX_SLICE_BYTES = 64 * 1024;
const MIN_SLICE_BYTES = 256;
const SLOW_SLICE_MS = 8;
const FAST_SLICE_MS = 2;

/** Questions do not wait behind more output than this: an answer says which offset it shows. */
const MAX_BYTES_BEFORE_ANSWER = 1 << 20;

/** The last full-screen program's screen is of interest only if nearly nothing came after it. */
const LAST_SCREEN_WINDOW_BYTES = 64 * 1024;

export class ScreenSession {
  readonly #options: ScreenSessionOptions;
  readonly #screen: Screen;
  #jobs: Job[] = [];
  #waitingBytes = 0;
  #sliceBytes = MAX_SLICE_BYTES;
  #keyframeAt: number;
  #broken: string | undefined;

  constructor(options: ScreenSessionOptions) {
    this.#options = options;
    this.#screen = new Screen(options.screen, options.from);
    this.#keyframeAt = this.#screen.offset;
  }

  get hasWork(): boolean {
    return this.#jobs.length > 0;
  }

  add(job: Job): void {
    if (job.type === "ask" && this.#waitingBytes > MAX_BYTES_BEFORE_ANSWER) return this.#do(job);
    if (job.type === "write") this.#waitingBytes += job.bytes.length;
    this.#jobs.push(job);
  }

  /** Does a slice of the work. */
  work(): void {
    const startedAt = this.#options.now();
    let bytesLeft = this.#sliceBytes;
    let parsed: number | undefined;
    while (bytesLeft > 0) {
      const job = this.#jobs.shift();
      if (job === undefined) break;
      if (job.type === "write") {
        const slice = this.#takeSlice(job, bytesLeft);
        bytesLeft -= slice.bytes.length;
        parsed = slice.endOffset;
        this.#do(slice);
      } else this.#do(job);
    }
    if (parsed === undefined) return;
    this.#guard(() => this.#keepKeyframe());
    this.#adaptSlice(this.#options.now() - startedAt);
    this.#options.onParsed(parsed);
  }

  /** Stores the last screens. To be called when no work is left. */
  finish(): void {
    this.#guard(() => {
      const { lastScreen } = this.#screen;
      if (lastScreen !== undefined && this.#screen.end - lastScreen.offset <= LAST_SCREEN_WINDOW_BYTES) {
        this.#options.onKeyframe({ ...lastScreen, kind: "last_screen" });
      }
      this.#options.onKeyframe({ ...this.#screen.snapshot(), kind: "end" });
    });
  }

  dispose(): void {
    for (const job of this.#jobs) if (job.type === "ask") job.fail("The session was dropped");
    this.#jobs = [];
    this.#screen.dispose();
  }

  /** The job, or its first part; then the rest goes back to the front. */
  #takeSlice(job: WriteJob, maxBytes: number): WriteJob {
    const taken = Math.min(job.bytes.length, maxBytes);
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

  #adaptSlice(tookMs: number): void {
    if (tookMs > SLOW_SLICE_MS) this.#sliceBytes = Math.max(MIN_SLICE_BYTES, this.#sliceBytes >> 1);
    else if (tookMs < FAST_SLICE_MS) this.#sliceBytes = Math.min(MAX_SLICE_BYTES, this.#sliceBytes << 1);
  }

  #keepKeyframe(): void {
    const { keyframeEveryBytes } = this.#options;
    const due = this.#screen.offset - this.#keyframeAt;
    if (due < keyframeEveryBytes) return;
    const snapshot = this.#screen.snapshot();
    if (!snapshot.exact && due < 2 * keyframeEveryBytes) return;
    this.#keyframeAt = this.#screen.offset;
    this.#options.onKeyframe({ ...snapshot, kind: "periodic" });
  }
}
