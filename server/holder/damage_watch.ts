// Damage of the recordings that shows while they are in use: it is kept in mind, and ends the holder once nothing runs.
import type { Log } from "../log.ts";

export interface DamageWatchOptions {
  /** Has the next start look closely at the file. */
  markSuspect: () => void;
  isBusy: () => boolean;
  /** Nothing runs any more: whoever comes next begins with a file that works. */
  onIdle: () => void;
  log: Log;
}

const LOOK_EVERY_MS = 500;

export class DamageWatch {
  readonly #options: DamageWatchOptions;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: DamageWatchOptions) {
    this.#options = options;
  }

  /** Has the next start look closely, and waits for the end of what runs. */
  note(damage: string): void {
    if (this.#timer !== undefined) return;
    const { markSuspect, isBusy, onIdle, log } = this.#options;
    log.error("The recordings are damaged; they are put aside once nothing runs", { damage });
    try {
      markSuspect();
    } catch (cause) {
      log.warn("Cannot note that the recordings are damaged", { cause });
    }
    this.#timer = setInterval(() => isBusy() || onIdle(), LOOK_EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
