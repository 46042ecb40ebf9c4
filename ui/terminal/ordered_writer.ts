// Applies writes, resizes and restored screens to a terminal strictly in the order they were given.

import { WholeCharacters } from "./whole_characters.ts";

/** The parts of an xterm terminal that are used. */
export interface WritableTerminal {
  readonly cols: number;
  readonly rows: number;
  write(data: string | Uint8Array, callback: () => void): void;
  resize(cols: number, rows: number): void;
  reset(): void;
}

/** A whole screen: what a fresh terminal of this size shows after these escape sequences. */
export interface ScreenState {
  cols: number;
  rows: number;
  ansi: string | Uint8Array;
  offset: number;
}

type Step =
  | { kind: "write"; bytes: Uint8Array; end: number }
  | { kind: "resize"; cols: number; rows: number }
  | { kind: "screen"; screen: ScreenState };

export interface WriterEvents {
  /** The terminal shows the stream up to `offset`. */
  parsed(offset: number): void;
  /** The terminal shows a restored screen, and nothing newer yet. */
  restored?(screen: ScreenState): void;
}

/** Cancels whatever sequence the parser is in the middle of. */
const CANCEL = "\x18";

/**
 * xterm parses writes later but resizes at once, so a resize must wait until everything before it was parsed.
 */
export class OrderedWriter {
  readonly #terminal: WritableTerminal;
  readonly #events: WriterEvents;
  readonly #characters = new WholeCharacters();
  #steps: Step[] = [];
  #unparsedBytes = 0;
  #pendingWrites = 0;
  #restoring = false;
  #generation = 0;

  constructor(terminal: WritableTerminal, events: WriterEvents) {
    this.#terminal = terminal;
    this.#events = events;
  }

  /** Bytes handed over that the terminal has not parsed yet. */
  get backlogBytes(): number {
    return this.#unparsedBytes;
  }

  get isIdle(): boolean {
    return this.#pendingWrites === 0 && this.#steps.length === 0;
  }

  /** Output bytes; `end` is the offset after them. */
  write(bytes: Uint8Array, end: number): void {
    this.#unparsedBytes += bytes.length;
    this.#push({ kind: "write", bytes, end });
  }

  resize(cols: number, rows: number): void {
    this.#push({ kind: "resize", cols, rows });
  }

  /** Replaces everything by a screen; what is queued and not yet written is dropped. */
  restore(screen: ScreenState): void {
    for (const step of this.#steps) if (step.kind === "write") this.#unparsedBytes -= step.bytes.length;
    this.#steps = [];
    this.#push({ kind: "screen", screen });
  }

  /** Forgets everything queued; late callbacks report nothing any more. */
  close(): void {
    this.#generation++;
    this.#steps = [];
    this.#unparsedBytes = 0;
    this.#restoring = false;
  }

  #push(step: Step): void {
    this.#steps.push(step);
    this.#advance();
  }

  #advance(): void {
    for (let step = this.#steps[0]; step !== undefined && !this.#restoring; step = this.#steps[0]) {
      if (step.kind !== "write" && this.#pendingWrites > 0) return;
      this.#steps.shift();
      if (step.kind === "write") this.#writeNow(step);
      else if (step.kind === "resize") this.#terminal.resize(step.cols, step.rows);
      else this.#restoreNow(step.screen);
    }
  }

  #writeNow(step: { bytes: Uint8Array; end: number }): void {
    this.#handOver(this.#characters.take(step.bytes), () => {
      this.#unparsedBytes -= step.bytes.length;
      this.#events.parsed(step.end);
    });
  }

  /** What comes after waits until the old screen is gone: from then on the order of writes is enough. */
  #restoreNow(screen: ScreenState): void {
    this.#restoring = true;
    this.#characters.reset();
    this.#handOver(CANCEL, () => {
      this.#restoring = false;
      this.#terminal.reset();
      this.#terminal.resize(screen.cols, screen.rows);
      this.#handOver(screen.ansi, () => {
        this.#events.parsed(screen.offset);
        this.#events.restored?.(screen);
      });
    });
  }

  #handOver(data: string | Uint8Array, parsed: () => void): void {
    const generation = this.#generation;
    this.#pendingWrites++;
    this.#terminal.write(data, () => {
      if (generation !== this.#generation) return;
      parsed();
      this.#pendingWrites--;
      this.#advance();
    });
  }
}
