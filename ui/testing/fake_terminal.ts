// A terminal that parses only when a test says so, and remembers what happened in order.

import type { WritableTerminal } from "../terminal/ordered_writer.ts";

export class FakeTerminal implements WritableTerminal {
  cols = 80;
  rows = 24;
  /** What was parsed, resized and reset so far. */
  readonly log: string[] = [];
  readonly #pending: { text: string; parsed: () => void }[] = [];
  readonly #automatic: boolean;

  constructor(options: { automatic?: boolean } = {}) {
    this.#automatic = options.automatic ?? false;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** Everything written since the last reset. */
  get text(): string {
    const start = this.log.lastIndexOf("reset");
    return this.log.slice(start + 1).filter((each) => !each.startsWith("size ") && each !== "\x18").join("");
  }

  write(data: string | Uint8Array, callback: () => void): void {
    const text = typeof data === "string" ? data : new TextDecoder("latin1").decode(data);
    this.#pending.push({ text, parsed: callback });
    if (this.#automatic) queueMicrotask(() => this.parse());
  }

  resize(cols: number, rows: number): void {
    this.cols = cols;
    this.rows = rows;
    this.log.push(`size ${cols}x${rows}`);
  }

  reset(): void {
    this.log.push("reset");
  }

  /** Parses the oldest write. */
  parse(): void {
    const next = this.#pending.shift();
    if (next === undefined) return;
    this.log.push(next.text);
    next.parsed();
  }

  parseAll(): void {
    while (this.#pending.length > 0) this.parse();
  }
}
