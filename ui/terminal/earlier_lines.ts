// Brings the lines above a restored screen: replays what was recorded before it out of sight, then puts its lines on top.

import type { Keyframe, Timeline } from "../../server/protocol.ts";
import type { OutputRange } from "../api/recordings.ts";
import { OrderedWriter, type ScreenState, type WritableTerminal } from "./ordered_writer.ts";
import { ResizeCursor } from "./resize_cursor.ts";
import { findHistoryScreen } from "./screen_finder.ts";
import { type BufferTerminal, prepareLending, ScrollbackTop } from "./scrollback_top.ts";

/** The parts of `Api` that are used. */
export interface HistoryApi {
  getTimeline(id: string, signal?: AbortSignal): Promise<Timeline>;
  getKeyframe(id: string, at: { offset: number; signal?: AbortSignal }): Promise<Keyframe>;
  getOutput(id: string, range: { from: number; to: number; signal?: AbortSignal }): Promise<OutputRange>;
}

/** A terminal that nobody sees. */
export type HiddenTerminal = BufferTerminal & WritableTerminal & { dispose(): void };

export interface EarlierLinesOptions {
  terminal: BufferTerminal;
  api: HistoryApi;
  sessionId: string;
  openHidden(size: { cols: number; rows: number }): HiddenTerminal;
  /** Calls back once the screen was painted; the returned function gives it up. */
  afterPaint(callback: () => void): () => void;
  /** Resolves when the pointer drags nothing: neither a selection nor the scroll bar. */
  released(): Promise<void>;
  onLoading(isLoading: boolean): void;
  /** Lines came on top. */
  onAdded(): void;
}

type ScreenPlace = Pick<ScreenState, "offset" | "cols" | "rows">;

/** Parsed at once by the hidden terminal, which takes a pause every 12 ms anyway. */
const PIECE_BYTES = 64 * 1024;

export class EarlierLines {
  readonly #options: EarlierLinesOptions;
  #stop: (() => void) | undefined;

  constructor(options: EarlierLinesOptions) {
    this.#options = options;
  }

  /** The terminal shows a screen and nothing newer yet: what is above it is wanted, instead of what was before. */
  follow(screen: ScreenPlace): void {
    this.stop();
    if (screen.offset === 0) return;
    const top = new ScrollbackTop(this.#options.terminal);
    const abort = new AbortController();
    const cancelStart = this.#options.afterPaint(() => void this.#load(screen, top, abort.signal));
    this.#stop = () => {
      cancelStart();
      abort.abort();
      top.dispose();
    };
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#options.onLoading(false);
  }

  /** Never rejects: without the lines the terminal is as good as it was. */
  async #load(screen: ScreenPlace, top: ScrollbackTop, signal: AbortSignal): Promise<void> {
    if (top.isGone) return;
    this.#options.onLoading(true);
    let hidden: HiddenTerminal | undefined;
    try {
      hidden = await this.#replay(screen, signal);
      await this.#options.released();
      if (hidden !== undefined && !signal.aborted && top.addFrom(hidden) > 0) this.#options.onAdded();
    } catch {
      // Aborted, or not to be had now: a recording can always be looked at by itself.
    } finally {
      hidden?.dispose();
      if (!signal.aborted) this.stop();
    }
  }

  /** A terminal that shows the same moment and more lines above it; undefined where a gap is in between. */
  async #replay(screen: ScreenPlace, signal: AbortSignal): Promise<HiddenTerminal | undefined> {
    const { api, sessionId } = this.#options;
    const timeline = await api.getTimeline(sessionId, signal);
    const getScreen = (offset: number): Promise<Keyframe> => api.getKeyframe(sessionId, { offset, signal });
    const start = await findHistoryScreen(screen.offset, { getScreen, timeline });
    if (start === undefined) return undefined;
    const range = { from: start.offset, to: screen.offset };
    const { offset, bytes } = await api.getOutput(sessionId, { ...range, signal });
    if (offset !== range.from || bytes.length !== range.to - range.from) return undefined;
    return await this.#write({ start, bytes, screen, resizes: timeline.resizes }, signal);
  }

  async #write(
    { start, bytes, screen, resizes }: {
      start: Keyframe;
      bytes: Uint8Array;
      screen: ScreenPlace;
      resizes: Timeline["resizes"];
    },
    signal: AbortSignal,
  ): Promise<HiddenTerminal | undefined> {
    const hidden = this.#options.openHidden(start);
    prepareLending(hidden);
    let onParsed = (_offset: number): void => {};
    const writer = new OrderedWriter(hidden, { parsed: (offset) => onParsed(offset) });
    const cursor = new ResizeCursor(resizes);
    cursor.startAt(start);
    writer.restore(start);
    for (let at = 0; at < bytes.length && !signal.aborted; at += PIECE_BYTES) {
      const piece = { offset: start.offset + at, bytes: bytes.subarray(at, at + PIECE_BYTES) };
      await new Promise<void>((resolve) => {
        onParsed = (offset) => offset === piece.offset + piece.bytes.length && resolve();
        cursor.write(writer, piece);
      });
    }
    hidden.resize(screen.cols, screen.rows);
    return hidden;
  }
}
