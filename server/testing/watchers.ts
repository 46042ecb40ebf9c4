// Lets tests wait for something to change: they look again after every change instead of again and again.

const DEFAULT_TIMEOUT_MS = 30_000;

export class Watchers {
  readonly #checks = new Set<() => void>();

  /** To be called after every change. */
  notify(): void {
    for (const check of [...this.#checks]) check();
  }

  /** Resolves once the condition holds; rejects after the time with what `failure` says then. */
  until(
    condition: () => boolean,
    { failure, timeoutMs = DEFAULT_TIMEOUT_MS }: { failure: () => string; timeoutMs?: number | undefined },
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = (): void => {
      if (condition()) resolve();
    };
    const timer = setTimeout(() => reject(new Error(failure())), timeoutMs);
    this.#checks.add(check);
    check();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#checks.delete(check);
    });
  }
}
