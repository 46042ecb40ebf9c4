// Attaches a terminal to a screen somewhere in a stream and compares it, then and at the end, with one that saw it all.
import { Screen, type ScreenSnapshot } from "../screen.ts";
import { findDifference } from "./compare_terminals.ts";
import { PlainTerminal, type TerminalShape } from "./plain_terminal.ts";
import type { Random } from "./random.ts";
import type { OutputStep } from "./random_output.ts";

export interface AttachOutcome {
  /** The first difference found, in words. */
  difference: string | undefined;
  /** Whether the snapshot said that it is exact. */
  exact: boolean;
  /** Whether the snapshot was of an earlier offset, because the present state could not be written. */
  fellBack: boolean;
}

/** Throws what xterm throws when it cannot parse its input. */
export function checkAttach(random: Random, output: TerminalShape & { steps: OutputStep[] }): AttachOutcome {
  const run = new AttachRun(random, output);
  const attachAt = random.below(output.steps.length);
  for (const [index, step] of output.steps.entries()) {
    if ("bytes" in step) run.write(step.bytes);
    else run.resize(step);
    if (index === attachAt) run.attach();
  }
  return run.outcome();
}

class AttachRun {
  readonly #random: Random;
  readonly #shape: TerminalShape;
  readonly #screen: Screen;
  /** Reads everything from the start, in the same pieces as the screen: where a print ends matters to xterm. */
  readonly #truth: PlainTerminal;
  #output = new Uint8Array(0);
  /** Offsets where pieces ended. */
  readonly #ends: number[] = [0];
  #client: PlainTerminal | undefined;
  #snapshot: ScreenSnapshot | undefined;
  #fellBack = false;
  #difference: string | undefined;

  constructor(random: Random, shape: TerminalShape) {
    this.#random = random;
    this.#shape = shape;
    this.#screen = new Screen({ ...shape, onReply: () => {}, onNotice: () => {} });
    this.#truth = new PlainTerminal(shape);
  }

  write(bytes: Uint8Array): void {
    const start = this.#output.length;
    const output = new Uint8Array(start + bytes.length);
    output.set(this.#output);
    output.set(bytes, start);
    this.#output = output;
    for (let at = 0; at < bytes.length;) {
      const size = this.#random.chance(0.3) ? 1 : this.#random.between(1, bytes.length - at);
      const piece = bytes.subarray(at, at + size);
      at += piece.length;
      this.#screen.write(piece, start + at);
      this.#follow();
    }
  }

  resize(size: { cols: number; rows: number }): void {
    this.#screen.resize(size.cols, size.rows);
    this.#truth.resize(size);
    this.#client?.resize(size);
  }

  attach(): void {
    const snapshot = this.#screen.snapshot();
    this.#snapshot = snapshot;
    this.#fellBack = snapshot.offset !== this.#screen.offset;
    if (!snapshot.exact) return;
    this.#client = PlainTerminal.from(snapshot, this.#shape.scrollback);
    for (const [index, end] of this.#ends.entries()) {
      if (end > snapshot.offset) this.#client.write(this.#output.subarray(this.#ends[index - 1], end));
    }
    this.#compare("when attached");
  }

  outcome(): AttachOutcome {
    this.#compare("at the end");
    return { difference: this.#difference, exact: this.#snapshot?.exact ?? true, fellBack: this.#fellBack };
  }

  #follow(): void {
    const start = this.#ends.at(-1) ?? 0;
    const end = this.#screen.offset;
    if (end === start) return;
    this.#ends.push(end);
    this.#truth.write(this.#output.subarray(start, end));
    this.#client?.write(this.#output.subarray(start, end));
  }

  #compare(when: string): void {
    if (this.#client === undefined || this.#difference !== undefined) return;
    const difference = findDifference(this.#truth.core, this.#client.core);
    if (difference !== undefined) this.#difference = `${when}: ${difference}`;
  }
}
