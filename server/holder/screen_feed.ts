// Feeds a session's output to its screen, no faster than the screen parses it: what it cannot take now is read again later.
import type { Screens } from "./live_session.ts";
import type { TerminalResize } from "./output_stream.ts";

/** Output on its way to the screen. */
const WINDOW_BYTES = 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
/**
 * A screen further behind makes the program wait: a flood would otherwise leave it minutes behind, and pages with it. No
 * agent writes like that for long; shorter bursts run at full speed.
 */
export const MAX_SCREEN_LAG_BYTES = 64 * 1024 * 1024;

export interface ScreenFeedOptions {
  session: string;
  screens: Pick<Screens, "write" | "resize">;
  /** Some bytes from `from`, at most `maxBytes`. */
  read: (from: number, maxBytes: number) => Uint8Array;
  /** The program must wait, or may go on. */
  setHeldUp: (heldUp: boolean) => void;
}

export class ScreenFeed {
  readonly #options: ScreenFeedOptions;
  #resizes: TerminalResize[] = [];
  /** Offsets: end of the output, of what was given to the screen, of what it has parsed. */
  #end = 0;
  #fed = 0;
  #parsed = 0;
  #heldUp = false;
  #waiting: (() => void)[] = [];

  constructor(options: ScreenFeedOptions) {
    this.#options = options;
  }

  /** New output that ends at `end`. */
  offer(bytes: Uint8Array, end: number): void {
    const isNext = this.#fed === end - bytes.length && this.#resizes.length === 0;
    this.#end = end;
    if (isNext && this.#hasRoom()) this.#give(bytes);
    else this.#pump();
    this.#holdUp();
  }

  /** A size that counts from the end of the output on. */
  resize(cols: number, rows: number): void {
    this.#resizes.push({ offset: this.#end, cols, rows });
    this.#pump();
  }

  /** The screen has dealt with the output up to `offset`. */
  parsed(offset: number): void {
    this.#parsed = Math.max(this.#parsed, offset);
    this.#pump();
    this.#holdUp();
  }

  /** Resolves once the screen was given everything there is so far. */
  whenFed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#tellFed();
    });
  }

  #hasRoom(): boolean {
    return this.#fed - this.#parsed < WINDOW_BYTES;
  }

  #pump(): void {
    for (;;) {
      const resize = this.#resizes[0];
      if (resize && resize.offset <= this.#fed) {
        this.#options.screens.resize(this.#options.session, resize.cols, resize.rows);
        this.#resizes.shift();
      } else if (this.#fed < this.#end && this.#hasRoom()) {
        const until = Math.min(this.#end, resize?.offset ?? this.#end);
        const bytes = this.#options.read(this.#fed, Math.min(PIECE_BYTES, until - this.#fed));
        if (bytes.length === 0) return;
        this.#give(bytes);
      } else {
        return this.#tellFed();
      }
    }
  }

  #tellFed(): void {
    if (this.#fed < this.#end) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #give(bytes: Uint8Array): void {
    this.#fed += bytes.length;
    this.#options.screens.write(this.#options.session, bytes, this.#fed);
  }

  #holdUp(): void {
    const lag = this.#end - this.#parsed;
    const heldUp = lag > (this.#heldUp ? MAX_SCREEN_LAG_BYTES / 2 : MAX_SCREEN_LAG_BYTES);
    if (heldUp === this.#heldUp) return;
    this.#heldUp = heldUp;
    this.#options.setHeldUp(heldUp);
  }
}
