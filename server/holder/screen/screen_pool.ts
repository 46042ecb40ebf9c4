// The main thread's side of the screens: one worker holds them all, so that a flood delays nothing here. Screens of
// sessions that say nothing are put away as snapshots, and the worker with the last of them.
import { AppError } from "../../errors.ts";
import type { Notice } from "./notices.ts";
import { isComplete, lastKeyframes, type RestState } from "./rest_state.ts";
import type { RestorePoint, ScreenSnapshot } from "./screen.ts";
import { ScreenLink, type WorkerReport } from "./screen_link.ts";
import type { Keyframe, ScreenSize } from "./screen_messages.ts";

export interface ScreenEvents {
  /** An answer to the program's query, to be written to its terminal. */
  onReply(session: string, bytes: Uint8Array): void;
  onNotice(session: string, notice: Notice): void;
  onKeyframe(session: string, keyframe: Keyframe): void;
  /** The screen has dealt with the output up to this offset. */
  onParsed(session: string, offset: number): void;
  /** The screen failed: it shows nothing new and answers no query from now on. */
  onBroken?(session: string, message: string): void;
}

export interface ScreenPoolOptions {
  events: ScreenEvents;
  /** Bytes of output between two stored screens. */
  keyframeEveryBytes?: number;
  /** Lines kept above each screen. */
  scrollback?: number;
  /** A screen that was not used for so long is put away. */
  sleepAfterMs?: number;
  /** The worker's memory is free now. */
  onWorkerEnded?: () => void;
  /** Milliseconds of a monotonic clock. */
  now?: () => number;
}

interface Session {
  usedAtMs: number;
  /** What its screen goes on from; undefined while it is in the worker. */
  asleep: RestState | undefined;
  broken: boolean;
}

const DEFAULT_KEYFRAME_EVERY_BYTES = 1 << 20;
const DEFAULT_SCROLLBACK_LINES = 500;
const DEFAULT_SLEEP_AFTER_MS = 60_000;

export class ScreenPool {
  readonly #events: ScreenEvents;
  readonly #now: () => number;
  readonly #sleepAfterMs: number;
  readonly #link: ScreenLink;
  readonly #sessions = new Map<string, Session>();
  readonly #onWorkerEnded: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: ScreenPoolOptions) {
    this.#events = options.events;
    this.#onWorkerEnded = options.onWorkerEnded ?? (() => {});
    this.#now = options.now ?? (() => performance.now());
    this.#sleepAfterMs = options.sleepAfterMs ?? DEFAULT_SLEEP_AFTER_MS;
    this.#link = new ScreenLink({
      settings: {
        type: "configure",
        keyframeEveryBytes: options.keyframeEveryBytes ?? DEFAULT_KEYFRAME_EVERY_BYTES,
        scrollback: options.scrollback ?? DEFAULT_SCROLLBACK_LINES,
      },
      onReport: (report) => this.#report(report),
      onCrash: (message) => this.#crash(message),
    });
  }

  /** Opens a blank screen, or goes on `from` a snapshot of the same size. Replaces a screen the session has. */
  open(session: string, size: ScreenSize, from?: RestorePoint): void {
    this.#sessions.set(session, { usedAtMs: this.#now(), asleep: undefined, broken: false });
    this.#link.post({ type: "open", session, size: { cols: size.cols, rows: size.rows }, from });
    this.#timer ??= setInterval(() => void this.putIdleAway(), this.#sleepAfterMs / 2);
  }

  /** Takes the output that ends at `endOffset`; the bytes stay the caller's. */
  write(session: string, bytes: Uint8Array, endOffset: number): void {
    if (this.#sessions.get(session)?.broken === true) return this.#events.onParsed(session, endOffset);
    if (!this.#use(session)) return;
    const copy = bytes.slice();
    this.#link.post({ type: "write", session, bytes: copy, endOffset }, [copy.buffer]);
  }

  /** Changes the size behind everything written so far. */
  resize(session: string, cols: number, rows: number): void {
    if (this.#use(session)) this.#link.post({ type: "resize", session, size: { cols, rows } });
  }

  /**
   * The screen after everything written so far; while the screen is more than 1 MiB behind, as far as it is. Rejects
   * with `unavailable` when the session has no working screen.
   */
  async snapshot(session: string): Promise<ScreenSnapshot> {
    const asleep = this.#sessions.get(session)?.asleep;
    return asleep?.snapshot ?? await this.#ask(session, "snapshot") as ScreenSnapshot;
  }

  /** Plain lines of the screen. Rejects like `snapshot`. */
  async text(session: string): Promise<string[]> {
    return await this.#ask(session, "text") as string[];
  }

  /** Emits the last keyframes, then drops the screen. A screen that is broken or missing is only dropped. */
  async end(session: string): Promise<void> {
    const ended = this.#sessions.get(session);
    try {
      if (ended?.asleep !== undefined) {
        for (const keyframe of lastKeyframes(ended.asleep)) this.#events.onKeyframe(session, keyframe);
      } else if (ended?.broken === false) await this.#ask(session, "end");
    } finally {
      this.drop(session);
    }
  }

  drop(session: string): void {
    const dropped = this.#sessions.get(session);
    this.#sessions.delete(session);
    if (dropped !== undefined && dropped.asleep === undefined) this.#leave(session);
  }

  /** Ends the worker; what is asked and not answered rejects. */
  close(): void {
    this.#sessions.clear();
    this.#rest();
    this.#link.rejectRequests("The screens were closed");
  }

  /** Puts away the screens that were not used for a while. Called by a timer of its own. */
  async putIdleAway(): Promise<void> {
    const usedBefore = this.#now() - this.#sleepAfterMs;
    for (const [session, { asleep, broken, usedAtMs }] of this.#sessions) {
      if (asleep === undefined && !broken && usedAtMs <= usedBefore) await this.#putAway(session);
    }
  }

  /** A screen with half a sequence, or in a state that no sequences lead to, stays. So does one that is used meanwhile. */
  async #putAway(session: string): Promise<void> {
    const before = this.#sessions.get(session);
    const usedAtMs = before?.usedAtMs;
    // A screen that fails or goes meanwhile needs no putting away.
    const state = await this.#link.ask(session, "rest").catch(() => undefined) as RestState | undefined;
    const now = this.#sessions.get(session);
    if (state === undefined || now === undefined || now !== before || now.usedAtMs !== usedAtMs) return;
    if (!isComplete(state)) return;
    now.asleep = state;
    this.#leave(session);
  }

  /** Whether the session has a working screen, which is in the worker from now on. */
  #use(session: string): boolean {
    const used = this.#sessions.get(session);
    if (used === undefined || used.broken) return false;
    used.usedAtMs = this.#now();
    if (used.asleep === undefined) return true;
    const { snapshot, lastScreen } = used.asleep;
    this.open(session, snapshot, { offset: snapshot.offset, ansi: snapshot.ansi, lastScreen });
    return true;
  }

  #ask(session: string, what: "snapshot" | "text" | "end"): Promise<unknown> {
    if (this.#use(session)) return this.#link.ask(session, what);
    return Promise.reject(new AppError("unavailable", "The session has no working screen"));
  }

  /** The session's screen leaves the worker; when it was the last one there, the worker ends. */
  #leave(session: string): void {
    const isNeeded = [...this.#sessions.values()].some(({ asleep, broken }) =>
      asleep === undefined && !broken
    );
    if (isNeeded) this.#link.post({ type: "drop", session });
    else this.#rest();
    this.#link.rejectRequests("The screen was dropped", session);
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#link.close();
    this.#onWorkerEnded();
  }

  #report(report: WorkerReport): void {
    const { session } = report;
    if (!this.#sessions.has(session)) return;
    if (report.type === "reply") this.#events.onReply(session, report.bytes);
    else if (report.type === "notice") this.#events.onNotice(session, report.notice);
    else if (report.type === "keyframe") this.#events.onKeyframe(session, report.keyframe);
    else if (report.type === "parsed") this.#events.onParsed(session, report.offset);
    else this.#break(session, report.message);
  }

  #break(session: string, message: string): void {
    const broken = this.#sessions.get(session);
    if (broken === undefined || broken.broken) return;
    broken.broken = true;
    this.#link.rejectRequests(message, session);
    this.#events.onBroken?.(session, message);
  }

  /** Screens that are put away are safe; the others are lost. Screens opened from now on get a new worker. */
  #crash(message: string): void {
    for (const [session, { asleep }] of [...this.#sessions]) {
      if (asleep === undefined) this.#break(session, message);
    }
  }
}
