// Writes what must reach the database: at once where that is possible, in order and again later where it is not.
import type { Clock } from "../clock.ts";
import { errorText, isStorageFailure } from "../errors.ts";
import type { Log } from "../log.ts";

export interface PatientWriterOptions extends Pick<Clock, "later"> {
  /** Everything that waited is written, but for so many notes of these sessions. */
  onLost: (notes: ReadonlyMap<string, number>) => void;
  log: Log;
}

const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 10_000;
/** Of notes, which are many; ends of sessions are few and always wait. */
const MAX_WAITING_NOTES = 2000;

interface Waiting {
  write: () => void;
  /** The session it is a note of; undefined for what may not be lost. */
  noteOf?: string;
}

export class PatientWriter {
  readonly #options: PatientWriterOptions;
  readonly #waiting: Waiting[] = [];
  readonly #lost = new Map<string, number>();
  #waitingNotes = 0;
  #failures = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(options: PatientWriterOptions) {
    this.#options = options;
  }

  /** Writes now, or after everything that waits. Never throws: a failure that is not the disk's is logged. */
  write(write: () => void): void {
    this.#take({ write });
  }

  /** The same for something that may be given up, and counted, when too much waits. */
  writeNote(session: string, write: () => void): void {
    this.#take({ write, noteOf: session });
  }

  /** Tries once more; what cannot be written now is left to whoever else remembers it. */
  close(): void {
    this.#drain();
    this.#cancelRetry?.();
  }

  #take(next: Waiting): void {
    if (this.#waiting.length > 0) return this.#wait(next);
    if (this.#try(next)) return;
    this.#wait(next);
    this.#retryLater();
  }

  #wait(next: Waiting): void {
    const { noteOf } = next;
    if (noteOf !== undefined && this.#waitingNotes >= MAX_WAITING_NOTES) {
      this.#lost.set(noteOf, (this.#lost.get(noteOf) ?? 0) + 1);
      return;
    }
    if (noteOf !== undefined) this.#waitingNotes++;
    this.#waiting.push(next);
  }

  #drain(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (!this.#try(next)) return this.#retryLater();
      this.#waiting.shift();
      if (next.noteOf !== undefined) this.#waitingNotes--;
    }
    this.#failures = 0;
    if (this.#lost.size === 0) return;
    const lost = new Map(this.#lost);
    this.#lost.clear();
    this.#options.onLost(lost);
  }

  /** Answers whether there is nothing left to do about it. */
  #try({ write }: Waiting): boolean {
    try {
      write();
    } catch (cause) {
      if (isStorageFailure(cause)) return this.#blame(cause);
      this.#options.log.error("Something could not be noted", { cause });
    }
    return true;
  }

  #blame(cause: Error): false {
    if (this.#failures++ === 0) {
      this.#options.log.error("Nothing can be stored; trying again", { cause: errorText(cause) });
    }
    return false;
  }

  #retryLater(): void {
    this.#cancelRetry?.();
    const delayMs = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** Math.min(this.#failures - 1, 10));
    this.#cancelRetry = this.#options.later(() => this.#drain(), delayMs);
  }
}
