// Gives the memory of ended workers back to the system. The runtime keeps their pages for later until a collection that is
// short of memory, and a process with nothing to do has none: 50 sessions asleep would go on taking what they took awake.

/** A worker is gone for good after some seconds, its pages are there to be given back after some more: whenever that is. */
const AFTER_MS = 10_000;
const COLLECTIONS = 3;

/** There where the runtime was started with `--expose-gc`, as holders are. */
interface Collecting {
  gc?: (how: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;
}

export class MemoryReturn {
  readonly #runtime: Collecting;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(runtime: Collecting = globalThis as Collecting) {
    this.#runtime = runtime;
  }

  /** To be called when a worker was ended. */
  start(): void {
    this.stop();
    this.#collectLater(COLLECTIONS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #collectLater(times: number): void {
    if (times === 0) return;
    this.#timer = setTimeout(() => {
      this.#runtime.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
      this.#collectLater(times - 1);
    }, AFTER_MS);
    // Nothing waits for it.
    Deno.unrefTimer(this.#timer);
  }
}
