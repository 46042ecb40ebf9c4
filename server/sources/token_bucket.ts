// Limits how much one session may report: a burst, then a steady rate.

export class TokenBucket {
  readonly #options: { burst: number; perSecond: number; now: () => number };
  #tokens: number;
  #atMs: number;

  constructor(options: { burst: number; perSecond: number; now: () => number }) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#atMs = options.now();
  }

  /** Takes `count` if there are any left at all, so that a large batch is late and not lost; false when there are none. */
  take(count: number): boolean {
    const { burst, perSecond, now } = this.#options;
    const nowMs = now();
    this.#tokens = Math.min(burst, this.#tokens + (nowMs - this.#atMs) * perSecond / 1000);
    this.#atMs = nowMs;
    if (this.#tokens <= 0) return false;
    this.#tokens -= count;
    return true;
  }
}
