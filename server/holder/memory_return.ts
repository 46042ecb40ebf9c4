// Gives the memory of ended workers back to the system. The runtime keeps their pages for later until its own next
// collection, and a process with nothing to do has none: 50 sessions asleep would go on taking what they took awake.

/** A worker is gone for good after this. */
const AFTER_MS = 2000;
/** Buffers that are never touched take no memory, but make the runtime collect. */
const BUFFER_BYTES = 64 * 1024 * 1024;
const BUFFERS = 4;
/** Pages are returned in tasks that run only when the event loop turns. */
const TURNS = 4;
const TURN_EVERY_MS = 4000;

export class MemoryReturn {
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** To be called when a worker was ended. */
  start(): void {
    this.stop();
    this.#later(AFTER_MS, () => {
      makeCollect();
      this.#turn(TURNS);
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #turn(left: number): void {
    if (left > 0) this.#later(TURN_EVERY_MS, () => this.#turn(left - 1));
  }

  /** Nothing waits for it. */
  #later(delayMs: number, work: () => void): void {
    this.#timer = setTimeout(work, delayMs);
    Deno.unrefTimer(this.#timer);
  }
}

function makeCollect(): void {
  try {
    for (let count = 0; count < BUFFERS; count++) new ArrayBuffer(BUFFER_BYTES);
  } catch (cause) {
    // Where so much may not even be asked for, memory stays as it is.
    if (!(cause instanceof RangeError)) throw cause;
  }
}
