// One client's view of one session: sends output from an offset as fast as the client acknowledges it.
import { CREDIT_WINDOW_BYTES } from "../protocol.ts";
import type { HolderEvent, ScreenSnapshot } from "./api.ts";

/** Where a stream's bytes come from: a live session or a recording. */
export interface StreamSource {
  /** Offset after the last byte so far. */
  readonly end: number;
  /** No more bytes will come. */
  readonly ended: boolean;
  /** Ascending by offset; grows while the session lives. */
  readonly resizes: readonly TerminalResize[];
  /** Size before the first resize. */
  readonly initialSize: { cols: number; rows: number };
  /** Some bytes from `from`, at most `maxBytes`; empty only in a gap and at the end. */
  read(from: number, maxBytes: number): Uint8Array;
  /** The range without bytes that holds `offset`. */
  gapAt?(offset: number): { from: number; to: number } | undefined;
  /** The newest screen. */
  snapshot(): Promise<ScreenSnapshot>;
  /** The newest stored screen at or before `offset`, or the first one after a gap that is before it. */
  keyframe(offset: number): ScreenSnapshot | undefined;
}

export interface TerminalResize {
  offset: number;
  cols: number;
  rows: number;
}

/** Body of one output frame. */
const MAX_FRAME_BYTES = 64 * 1024;
/** A client further behind than this gets a snapshot instead of everything in between. */
export const SKIP_AFTER_BYTES = 8 * 1024 * 1024;
/** A session this short is sent whole, scrollback included, rather than as a snapshot. */
const WHOLE_SESSION_BYTES = 256 * 1024;
/** A client that resumes is sent what it missed up to this much. */
const MAX_RESUME_BYTES = 1024 * 1024;

export interface OutputStreamOptions {
  channel: number;
  source: StreamSource;
  send: (event: HolderEvent) => void;
}

/** Starts idle: `begin` decides where, then `pump` is called whenever there may be something to send. */
export class OutputStream {
  readonly #channel: number;
  readonly #source: StreamSource;
  readonly #send: (event: HolderEvent) => void;
  #sent = 0;
  #acknowledged = 0;
  #nextResize = 0;
  #maySkip = true;
  #state: "waiting" | "flowing" | "done" = "waiting";

  constructor(options: OutputStreamOptions) {
    this.#channel = options.channel;
    this.#source = options.source;
    this.#send = options.send;
  }

  /** Decides where to begin, says so, and lets output flow. */
  async begin(wish: { from?: number }): Promise<void> {
    const begin = await this.#plan(wish);
    if (this.#state === "done") return;
    this.#state = "flowing";
    const { offset, cols, rows } = begin;
    this.#send({ type: "attached", channel: this.#channel, offset, cols, rows });
    this.#continueAt(begin);
    this.pump();
  }

  async #plan(wish: { from?: number }): Promise<StreamBegin> {
    const { end } = this.#source;
    if (wish.from !== undefined && wish.from <= end && end - wish.from <= MAX_RESUME_BYTES) {
      return this.#sizeAt(wish.from);
    }
    if (end <= WHOLE_SESSION_BYTES) return this.#sizeAt(0);
    const snapshot = await this.#source.snapshot();
    return { ...snapshot, snapshot };
  }

  /** The client has parsed everything up to `offset`. */
  acknowledge(offset: number): void {
    if (offset > this.#acknowledged && offset <= this.#sent) {
      this.#acknowledged = offset;
      this.#maySkip = true;
    }
    this.pump();
  }

  close(): void {
    this.#state = "done";
  }

  /** Sends what credit allows; skips ahead when the client is hopelessly behind. */
  pump(): void {
    while (this.#state === "flowing" && this.#sendNext());
  }

  #sendNext(): boolean {
    const { end } = this.#source;
    const resize = this.#source.resizes[this.#nextResize];
    if (resize && resize.offset <= this.#sent) {
      this.#nextResize++;
      this.#send({ type: "resized", channel: this.#channel, ...resize });
      return true;
    }
    if (this.#sent >= end) return this.#finishIfEnded();
    if (end - this.#acknowledged > SKIP_AFTER_BYTES && this.#maySkip) {
      this.#skip();
      return false;
    }
    const credit = CREDIT_WINDOW_BYTES - (this.#sent - this.#acknowledged);
    if (credit <= 0) return false;
    const until = Math.min(end, resize?.offset ?? end);
    const bytes = this.#source.read(this.#sent, Math.min(credit, MAX_FRAME_BYTES, until - this.#sent));
    if (bytes.length === 0) return this.#skipGap();
    this.#send({ type: "output", channel: this.#channel, offset: this.#sent, bytes });
    this.#sent += bytes.length;
    return true;
  }

  #finishIfEnded(): boolean {
    if (!this.#source.ended) return false;
    this.#state = "done";
    this.#send({ type: "end", channel: this.#channel, offset: this.#sent });
    return false;
  }

  /** Goes on at the first screen after the gap. Answers whether there was a gap. */
  #skipGap(): boolean {
    const gap = this.#source.gapAt?.(this.#sent);
    const screen = gap && this.#source.keyframe(gap.to);
    if (!gap || !screen || screen.offset < gap.to) return false;
    const missingBytes = gap.to - this.#sent;
    this.#send({
      type: "skipped",
      channel: this.#channel,
      from: this.#sent,
      to: screen.offset,
      missingBytes,
    });
    this.#continueAt({ ...screen, snapshot: screen });
    return true;
  }

  #skip(): void {
    this.#state = "waiting";
    this.#source.snapshot().then((snapshot) => {
      if (this.#state === "done") return;
      this.#state = "flowing";
      const from = this.#sent;
      if (snapshot.offset > from) {
        this.#send({ type: "skipped", channel: this.#channel, from, to: snapshot.offset });
        this.#continueAt({ ...snapshot, snapshot });
      } else {
        // The screen is no further than the client: on as before, until the client has moved.
        this.#maySkip = false;
      }
      this.pump();
    }, () => this.close());
  }

  #continueAt(begin: StreamBegin): void {
    this.#sent = begin.offset;
    this.#acknowledged = begin.offset;
    this.#nextResize = this.#firstResizeAfter(begin);
    if (begin.snapshot) this.#send({ type: "snapshot", channel: this.#channel, snapshot: begin.snapshot });
  }

  /** A snapshot may have been taken before or after resizes at its own offset; its size tells which were in it. */
  #firstResizeAfter({ offset, snapshot }: StreamBegin): number {
    const { resizes } = this.#source;
    const first = resizes.findIndex((resize) => resize.offset >= offset);
    if (first < 0) return resizes.length;
    if (!snapshot) return first;
    const matching = resizes.findLastIndex((resize) =>
      resize.offset === offset && resize.cols === snapshot.cols && resize.rows === snapshot.rows
    );
    return matching < 0 ? first : matching + 1;
  }

  #sizeAt(offset: number): StreamBegin {
    const last = this.#source.resizes.findLast((resize) => resize.offset < offset);
    const { cols, rows } = last ?? this.#source.initialSize;
    return { offset, cols, rows };
  }
}

interface StreamBegin {
  offset: number;
  cols: number;
  rows: number;
  snapshot?: ScreenSnapshot;
}
