// Plays a recording into a terminal: seeks by stored screens, keeps pace with a clock, never types anything.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Keyframe, Timeline } from "../../server/protocol.ts";
import { errorMessage, isAbort } from "../api/api_error.ts";
import { OrderedWriter, type WritableTerminal, type WriterEvents } from "./ordered_writer.ts";
import { Playback, type PlayPoint } from "./playback.ts";
import { type RangeApi, RecordingReader } from "./recording_reader.ts";
import { ResizeCursor } from "./resize_cursor.ts";
import { findScreen } from "./screen_finder.ts";

/** The parts of `Api` that are used. */
export interface ReplayApi extends RangeApi {
  getTimeline(id: string, signal?: AbortSignal): Promise<Timeline>;
  getKeyframe(id: string, at: { offset: number; signal?: AbortSignal }): Promise<Keyframe>;
}

/** Calls back before the next frame is drawn. */
export interface FrameClock {
  request(callback: (nowMs: number) => void): number;
  cancel(request: number): void;
}

export interface ReplayOptions {
  api: ReplayApi;
  sessionId: string;
  frames: FrameClock;
  /** Playing reached the end of what is recorded. */
  onEnd(): void;
}

export const SPEEDS = [1, 2, 4, 16] as const;
export type Speed = typeof SPEEDS[number];

/** Further ahead than this, a stored screen is a shorter way than the bytes between. */
const JUMP_BYTES = 512 * 1024;
const PIECE_BYTES = 64 * 1024;
const MAX_BACKLOG_BYTES = 2 * 1024 * 1024;
const START: PlayPoint = { offset: 0, playMs: 0, realMs: 0 };

export class ReplayPlayer {
  readonly #options: ReplayOptions;
  readonly #reader: RecordingReader;
  readonly #abort = new AbortController();
  readonly #timeline = signal<Timeline | undefined>(undefined);
  readonly #point = signal<PlayPoint>(START);
  readonly #playing = signal(false);
  readonly #loading = signal<number | undefined>(undefined);
  readonly #error = signal<string | undefined>(undefined);
  readonly speed = signal<Speed>(1);
  readonly sessionId: string;
  readonly api: ReplayApi;

  readonly timeline: ReadonlySignal<Timeline | undefined> = this.#timeline;
  readonly playback: ReadonlySignal<Playback> = computed(() =>
    new Playback(this.#timeline.value ?? { end: 0, times: [] })
  );
  /** What is asked for; the terminal follows. */
  readonly point: ReadonlySignal<PlayPoint> = this.#point;
  readonly playing: ReadonlySignal<boolean> = this.#playing;
  /** Share of a seek that is done, while one is under way. */
  readonly loading: ReadonlySignal<number | undefined> = this.#loading;
  readonly error: ReadonlySignal<string | undefined> = this.#error;

  #writer: OrderedWriter | undefined;
  /** Offset after the last byte given to the terminal; undefined when it shows nothing of the recording. */
  #shown: number | undefined;
  #resizes = new ResizeCursor([]);
  #seekStart = 0;
  #pumping = false;
  #frame: number | undefined;
  #lastFrameMs: number | undefined;
  #drainWaiter: PromiseWithResolvers<void> | undefined;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.sessionId = options.sessionId;
    this.api = options.api;
    this.#reader = new RecordingReader(options.api, options.sessionId);
  }

  /** Loads the timeline, again for a session that has grown. Failures are shown in `error`. */
  async load(): Promise<void> {
    try {
      const { api, sessionId } = this.#options;
      const timeline = await api.getTimeline(sessionId, this.#abort.signal);
      this.#resizes.grow(timeline.resizes);
      this.#timeline.value = timeline;
      this.#error.value = undefined;
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Shows the replay in a terminal from now on; `restored` is told whenever a stored screen was put into it. */
  attach(terminal: WritableTerminal, restored: WriterEvents["restored"] = () => {}): void {
    this.detach();
    this.#writer = new OrderedWriter(terminal, {
      restored,
      parsed: () => {
        if ((this.#writer?.backlogBytes ?? 0) <= MAX_BACKLOG_BYTES / 2) this.#releaseWaiter();
      },
    });
    this.#follow();
  }

  detach(): void {
    this.#writer?.close();
    this.#writer = undefined;
    this.#shown = undefined;
    this.#releaseWaiter();
  }

  seekPlayTime(playMs: number): void {
    this.#seek(this.playback.peek().atPlayTime(playMs));
  }

  seekOffset(offset: number): void {
    this.#seek(this.playback.peek().atOffset(offset));
  }

  seekEnd(): void {
    this.#seek(this.playback.peek().atOffset(Infinity));
  }

  /** One recorded block forward or back; pauses. */
  step(direction: 1 | -1): void {
    this.pause();
    this.#seek(this.playback.peek().step(this.#point.peek().offset, direction));
  }

  play(): void {
    if (this.#playing.peek()) return;
    if (this.#point.peek().offset >= this.playback.peek().end) this.#seek(START);
    this.#playing.value = true;
    this.#lastFrameMs = undefined;
    this.#requestFrame();
  }

  pause(): void {
    this.#playing.value = false;
    if (this.#frame !== undefined) this.#options.frames.cancel(this.#frame);
    this.#frame = undefined;
  }

  close(): void {
    this.pause();
    this.detach();
    this.#abort.abort();
  }

  #seek(point: PlayPoint): void {
    this.#point.value = point;
    this.#seekStart = this.#shown ?? 0;
    this.#follow();
  }

  #requestFrame(): void {
    this.#frame = this.#options.frames.request((nowMs) => this.#tick(nowMs));
  }

  /** The clock stands still while the terminal is behind. */
  #tick(nowMs: number): void {
    const passedMs = nowMs - (this.#lastFrameMs ?? nowMs);
    this.#lastFrameMs = nowMs;
    if (this.#shown === this.#point.peek().offset) {
      const playback = this.playback.peek();
      const next = playback.atPlayTime(this.#point.peek().playMs + passedMs * this.speed.peek());
      this.#point.value = next;
      this.#follow();
      if (next.offset >= playback.end && next.playMs >= playback.durationMs) {
        this.pause();
        return this.#options.onEnd();
      }
    }
    this.#requestFrame();
  }

  /** Starts bringing the terminal to the wanted point, unless that is under way. */
  #follow(): void {
    if (this.#pumping || this.#writer === undefined || this.#timeline.peek() === undefined) return;
    this.#pumping = true;
    void this.#pump();
  }

  /** Never rejects. The wanted point may move meanwhile: nothing is awaited between the last look at it and the end. */
  async #pump(): Promise<void> {
    try {
      for (;;) {
        const writer = this.#writer;
        const shown = this.#shown;
        const wanted = this.#point.peek().offset;
        if (writer === undefined || shown === wanted) return;
        const isFar = shown === undefined || wanted < shown || wanted - shown > JUMP_BYTES ||
          this.playback.peek().lastGapIn({ from: shown, to: wanted }) !== undefined;
        await (isFar ? this.#jump(writer, wanted) : this.#advance(writer, shown, wanted));
      }
    } catch (thrown) {
      this.#fail(thrown);
    } finally {
      this.#pumping = false;
      this.#loading.value = undefined;
    }
  }

  /** Goes to the newest stored screen before an offset, if that is nearer than what is shown. */
  async #jump(writer: OrderedWriter, wanted: number): Promise<void> {
    this.#loading.value = 0;
    const screen = await findScreen(wanted, {
      timeline: this.#timeline.peek(),
      getScreen: (offset) => this.#getScreen(offset),
    });
    if (writer !== this.#writer) return;
    if (screen.offset > wanted && !this.#hop(wanted, screen.offset)) return;
    const shown = this.#shown;
    if (shown === undefined || wanted < shown || screen.offset > shown) {
      writer.restore(screen);
      this.#shown = this.#seekStart = screen.offset;
      this.#resizes = new ResizeCursor(this.#timeline.peek()?.resizes ?? []);
      this.#resizes.startAt(screen);
    }
    if (this.#shown !== undefined && wanted > this.#shown) await this.#advance(writer, this.#shown, wanted);
  }

  /**
   * After a gap, screens are unknown up to `known`: the wanted point moves there; or to before the gap for who comes
   * back from there. Answers whether the screen at `known` is the one to show.
   */
  #hop(wanted: number, known: number): boolean {
    if (this.#point.peek().offset !== wanted) return false;
    const playback = this.playback.peek();
    const gap = playback.lastGapIn({ from: 0, to: wanted });
    const comesBack = this.#shown !== undefined && wanted < this.#shown && this.#shown <= known;
    const goesBefore = comesBack && gap !== undefined && gap.from > 0;
    this.#point.value = goesBefore
      ? playback.atOffset(gap.from)
      : { ...playback.atOffset(known), offset: known };
    return !goesBefore;
  }

  /** Writes a whole range; gives up early when the wanted point moved back or far away. */
  async #advance(writer: OrderedWriter, from: number, to: number): Promise<void> {
    let at = from;
    while (at < to) {
      const piece = this.#reader.peek(at, Math.min(to, at + PIECE_BYTES)) ?? await this.#loadPiece(at, to);
      if (writer !== this.#writer || this.#point.peek().offset < at) return;
      if (piece === undefined || piece.length === 0) return await this.#leaveNewGap(at);
      this.#resizes.write(writer, { offset: at, bytes: piece });
      at += piece.length;
      this.#shown = at;
      this.#showProgress(at, to);
      if (writer.backlogBytes > MAX_BACKLOG_BYTES) await this.#drained();
    }
    for (const next of this.#resizes.takeBefore(at + 1)) writer.resize(next.cols, next.rows);
  }

  /** A recording that was thinned since its timeline was loaded has a gap where bytes were. */
  async #leaveNewGap(at: number): Promise<void> {
    await this.load();
    const playback = this.playback.peek();
    if (playback.gapAt(at) === undefined) throw new RangeError(`Nothing is recorded at ${at}`);
    this.#point.value = playback.atOffset(this.#point.peek().offset);
  }

  async #loadPiece(at: number, to: number): Promise<Uint8Array | undefined> {
    const end = Math.max(to, Math.min(at + JUMP_BYTES, this.playback.peek().end));
    await this.#reader.load({ from: at, to: Math.min(end, at + JUMP_BYTES) }, { signal: this.#abort.signal });
    return this.#reader.peek(at, Math.min(to, at + PIECE_BYTES));
  }

  #getScreen(offset: number): Promise<Keyframe> {
    const { api, sessionId } = this.#options;
    return api.getKeyframe(sessionId, { offset, signal: this.#abort.signal });
  }

  #showProgress(at: number, to: number): void {
    const from = this.#seekStart;
    this.#loading.value = to - from > JUMP_BYTES || this.#loading.peek() !== undefined
      ? Math.min(1, (at - from) / Math.max(1, to - from))
      : undefined;
  }

  /** Waits until the terminal has parsed enough of what it was given, or was detached. */
  #drained(): Promise<void> {
    this.#drainWaiter = Promise.withResolvers();
    return this.#drainWaiter.promise;
  }

  #releaseWaiter(): void {
    this.#drainWaiter?.resolve();
    this.#drainWaiter = undefined;
  }

  #fail(thrown: unknown): void {
    if (isAbort(thrown)) return;
    this.pause();
    this.#error.value = errorMessage(thrown);
  }
}
