// Timers that run when a test says so.

export class FakeTimers {
  #nowMs = 0;
  #lastId = 0;
  readonly #pending = new Map<number, { atMs: number; callback: () => void }>();

  get nowMs(): number {
    return this.#nowMs;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** A `StartTimer`, usable on its own. */
  readonly start = (delayMs: number, callback: () => void): () => void => {
    const id = ++this.#lastId;
    this.#pending.set(id, { atMs: this.#nowMs + delayMs, callback });
    return () => {
      this.#pending.delete(id);
    };
  };

  /** Lets time pass; what is due runs in order, also what was set meanwhile. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#pending].filter(([, each]) => each.atMs <= end)
        .sort((a, b) => a[1].atMs - b[1].atMs || a[0] - b[0])[0];
      if (due === undefined) break;
      this.#pending.delete(due[0]);
      this.#nowMs = due[1].atMs;
      due[1].callback();
    }
    this.#nowMs = end;
  }
}
