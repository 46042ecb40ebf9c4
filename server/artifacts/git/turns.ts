// Order among things that happen at the same time: one after the other by name, and so many at once.

/** Runs work one after the other for each key. */
export class TurnsByKey {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Whether work of a key is under way or waits. */
  has(key: string): boolean {
    return this.#last.has(key);
  }

  /** Resolves when there is no work of a key, or of any. */
  async finished(key?: string): Promise<void> {
    while (key === undefined ? this.#last.size > 0 : this.#last.has(key)) {
      await Promise.allSettled(key === undefined ? this.#last.values() : [this.#last.get(key)]);
    }
  }

  /** The result of `work`, which starts when all earlier work of the key has settled. */
  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}

/** Lets at most `count` pieces of work run at once; the others wait in order. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
