// Tokens of a program that tells us nothing: a quarter of the characters it shows and of those typed to it.

import { AnsiStripper } from "./ansi_stripper.ts";

/** The usual rule of thumb for English text and code. */
const CHARS_PER_TOKEN = 4;
/** Typed characters that may still be echoed; older ones are taken for never shown (a password, an editor key). */
const MAX_AWAITED_ECHO = 4096;
const ECHO_WINDOW_MS = 2000;

/** `ceil(characters / 4)`. */
function estimateTokens(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN);
}

/**
 * Counts over the running totals, so that the size of chunks does not matter. Echo is not output: a shown
 * character that equals the next typed one within two seconds is not counted. A program that does not echo
 * therefore loses at most as many characters of output as were typed.
 */
export class UsageEstimator {
  readonly #output = new AnsiStripper();
  readonly #input = new AnsiStripper();
  #outputChars: number;
  #inputChars: number;
  #awaited: string[] = [];
  #typedAtMs = -Infinity;

  /** Starts from an earlier estimator's `state`, e.g. after a restart. */
  constructor(state: { outputChars: number; inputChars: number } = { outputChars: 0, inputChars: 0 }) {
    this.#outputChars = state.outputChars;
    this.#inputChars = state.inputChars;
  }

  get state(): { outputChars: number; inputChars: number } {
    return { outputChars: this.#outputChars, inputChars: this.#inputChars };
  }

  /** Running totals; they only grow. */
  get totals(): { input: number; output: number } {
    return { input: estimateTokens(this.#inputChars), output: estimateTokens(this.#outputChars) };
  }

  /** Keys that were sent to the program. */
  addInput(keys: string, atMs: number): void {
    const typed = this.#input.strip(keys.replaceAll("\r", "\n"));
    this.#inputChars += typed.length;
    this.#awaited = [...this.#awaited, ...typed].slice(-MAX_AWAITED_ECHO);
    this.#typedAtMs = atMs;
  }

  /** What the program wrote to its terminal. */
  addOutput(text: string, atMs: number): void {
    const shown = this.#output.strip(text);
    if (atMs - this.#typedAtMs > ECHO_WINDOW_MS) this.#awaited = [];
    this.#outputChars += this.#awaited.length === 0 ? shown.length : this.#withoutEcho(shown);
  }

  /** Characters of output that nobody looked at, counted as shown. */
  addSkipped(chars: number): void {
    this.#outputChars += chars;
  }

  #withoutEcho(shown: string): number {
    let echoed = 0;
    let chars = 0;
    for (const char of shown) {
      if (char === this.#awaited[echoed]) echoed += 1;
      else chars += char.length;
    }
    this.#awaited = this.#awaited.slice(echoed);
    return chars;
  }
}
