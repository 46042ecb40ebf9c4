// Decides when a screen is stored: after so much output, a little later while it cannot be written exactly.
import type { ScreenSnapshot } from "./screen.ts";

/** Tries within one interval; then an inexact screen is better than none. */
const TRIES = 4;

export class KeyframeClock {
  readonly #everyBytes: number;
  #dueAt: number;
  #lastOffset: number;
  #failed = 0;

  constructor(everyBytes: number, offset: number) {
    this.#everyBytes = everyBytes;
    this.#lastOffset = offset;
    this.#dueAt = offset + everyBytes;
  }

  isDue(offset: number): boolean {
    return offset >= this.#dueAt;
  }

  /** Whether to store the snapshot that was taken at `offset`; decides when the next is due. */
  accept(snapshot: ScreenSnapshot, offset: number): boolean {
    const isGood = snapshot.exact && snapshot.offset > this.#lastOffset;
    if (!isGood && ++this.#failed < TRIES) {
      this.#dueAt = offset + this.#everyBytes / TRIES;
      return false;
    }
    this.#failed = 0;
    this.#dueAt = offset + this.#everyBytes;
    if (snapshot.offset <= this.#lastOffset) return false;
    this.#lastOffset = snapshot.offset;
    return true;
  }
}
