// Stores what terminals print: groups it into commits, keeps it in memory while the disk takes nothing.
import { AppError, errorText } from "../errors.ts";
import type { GapRow } from "../store/gaps.ts";
import type { RecordingRow, RecordingStore } from "../store/recordings.ts";
import { BlockCache } from "./block_cache.ts";
import { Recording } from "./recording.ts";

export type { Recording } from "./recording.ts";

/** Output is stored at most this long after it came. */
export const FLUSH_AFTER_MS = 100;
/** A flood is committed earlier than the timer says. */
const FLUSH_AT_BYTES = 1024 * 1024;
/** While nothing can be stored, this much of all sessions together is kept; then the oldest is given up. */
export const MAX_PENDING_BYTES = 16 * 1024 * 1024;
/** Somebody else's lock is not waited for longer: terminals are read on this thread. */
const LOCK_PATIENCE_MS = 50;
const RETRY_FIRST_MS = 50;
const RETRY_LAST_MS = 30_000;
/** Three quarters of a second: the first failures may be a lock held for a moment. */
const FAILURES_UNTIL_PAUSED = 5;
const SQLITE_BUSY = 5;

/** Output that was given up while nothing could be stored. */
export interface LostOutput {
  session: string;
  gaps: readonly GapRow[];
}

export interface RecorderOptions {
  store: RecordingStore;
  now: () => number;
  /** A clock of a new recording's own, which never runs backwards; `now` when missing. */
  startClock?: () => () => number;
  /** Told when a commit failed; the output is kept and tried again, ever more rarely. */
  onError: (cause: unknown) => void;
  /** Nothing can be stored for the time being; sessions run on. */
  onPaused?: (cause: unknown) => void;
  /** Everything that was kept is stored. Sessions that lost output should store a screen soon. */
  onResumed?: (lost: LostOutput[]) => void;
  /** A commit succeeded. */
  onStored?: (stored: { bytes: number; blocks: number; ended: number }) => void;
}

/** Owns the timer and the commits; one per process. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #cache = new BlockCache();
  readonly #dirty = new Set<Recording>();
  #pendingBytes = 0;
  #failures = 0;
  #lastFailure = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Nothing can be stored for the time being. */
  get paused(): boolean {
    return this.#failures >= FAILURES_UNTIL_PAUSED;
  }

  /** Why that is; undefined when all is well. */
  get pausedReason(): string | undefined {
    return this.paused ? this.#lastFailure : undefined;
  }

  /** Whether something is only in memory. */
  get hasUnstored(): boolean {
    return this.#dirty.size > 0;
  }

  /** Begins the recording of a session. Throws `unavailable` when the disk takes nothing. */
  start(session: { session: string; cols: number; rows: number }): Recording {
    const now = this.#options.startClock?.() ?? this.#options.now;
    const startedAtMs = now();
    try {
      const id = this.#options.store.createRecording({ ...session, startedAtMs });
      return this.#recording({ id, session: session.session, startedAtMs, end: 0, now });
    } catch (cause) {
      throw new AppError("unavailable", `Cannot record the session: ${errorText(cause)}`, { cause });
    }
  }

  /** A recording made before; undefined when there is none. */
  open(session: string): { recording: Recording; row: RecordingRow } | undefined {
    const row = this.#options.store.getRecording(session);
    if (!row) return undefined;
    const unsaved = [...this.#dirty].find(({ id }) => id === row.id);
    const recording = unsaved ??
      this.#recording({ ...row, end: this.#options.store.getEnd(row.id), now: this.#options.now });
    return { row, recording };
  }

  /** Notes that a recording has something to be stored. */
  touch(recording: Recording, bytes: number): void {
    this.#dirty.add(recording);
    this.#pendingBytes += bytes;
    if (this.#failures > 0) this.#giveUpOldest();
    else if (this.#pendingBytes >= FLUSH_AT_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS);
  }

  /** Stores everything pending, unless that has just failed. */
  settle(): void {
    if (this.#failures === 0) this.flush();
  }

  /** Stores everything pending in one commit. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#dirty.size === 0) return;
    try {
      this.#options.store.transaction(
        () => this.#dirty.forEach((recording) => recording.store()),
        { patienceMs: LOCK_PATIENCE_MS },
      );
    } catch (cause) {
      return this.#fail(cause);
    }
    this.#succeed();
  }

  close(): void {
    this.flush();
    clearTimeout(this.#timer);
    this.#cache.clear();
  }

  #recording(
    row: { id: number; session: string; startedAtMs: number; end: number; now: () => number },
  ): Recording {
    const { store } = this.#options;
    const { id, session, startedAtMs, end, now } = row;
    return new Recording({ id, session, startedAtMs, end, store, now, recorder: this, cache: this.#cache });
  }

  #fail(cause: unknown): void {
    this.#failures++;
    this.#lastFailure = errorText(cause);
    if (this.paused || !isLocked(cause)) this.#options.onError(cause);
    if (this.#failures === FAILURES_UNTIL_PAUSED) this.#options.onPaused?.(cause);
    this.#giveUpOldest();
    const retryMs = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** Math.min(this.#failures - 1, 20));
    this.#timer = setTimeout(() => this.flush(), retryMs);
  }

  #succeed(): void {
    const wasPaused = this.paused;
    const stored = { bytes: 0, blocks: 0, ended: 0 };
    const lost: LostOutput[] = [];
    for (const recording of this.#dirty) {
      const part = recording.forgetStored();
      stored.bytes += part.bytes;
      stored.blocks += part.blocks;
      stored.ended += part.ended ? 1 : 0;
      if (part.gaps.length > 0) lost.push({ session: recording.session, gaps: part.gaps });
    }
    this.#dirty.clear();
    this.#pendingBytes = 0;
    this.#failures = 0;
    this.#options.onStored?.(stored);
    if (wasPaused || lost.length > 0) this.#options.onResumed?.(lost);
  }

  #giveUpOldest(): void {
    while (this.#pendingBytes > MAX_PENDING_BYTES) {
      const oldest = [...this.#dirty].reduce((a, b) => a.oldestPendingAtMs <= b.oldestPendingAtMs ? a : b);
      const dropped = oldest.dropOldest();
      if (dropped === 0) return;
      this.#pendingBytes -= dropped;
    }
  }
}

/** Somebody else is writing. */
function isLocked(cause: unknown): boolean {
  return cause instanceof Error && "errcode" in cause && cause.errcode === SQLITE_BUSY;
}
