// The file of recordings: a damaged one is put aside before it is opened, and damage that shows later is kept in mind.
import type { Log } from "../log.ts";
import { isDamage } from "../store/database.ts";
import { inspectDatabase, markSuspect, moveAside } from "../store/integrity.ts";
import { RecordingStore } from "../store/recordings.ts";

export interface OpenOptions {
  path: string;
  /** No other process uses the file. */
  isOwner: boolean;
  log: Log;
}

/** Opens recordings that can be used; what was there and cannot is moved aside. Says whether the file is still to be checked. */
export function openRecordings(
  { path, isOwner, log }: OpenOptions,
): { store: RecordingStore; needsCheck: boolean } {
  if (!isOwner) return { store: new RecordingStore(path), needsCheck: false };
  const { needsCheck, movedTo, damage } = inspectDatabase({ path, now: () => new Date() });
  if (movedTo !== undefined) tellMoved(log, { movedTo, damage });
  try {
    return { store: openProbed(path), needsCheck };
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    tellMoved(log, { movedTo: moveAside(path, new Date()), damage: cause.message });
    return { store: new RecordingStore(path), needsCheck: false };
  }
}

function openProbed(path: string): RecordingStore {
  const store = new RecordingStore(path);
  try {
    store.probe();
    return store;
  } catch (cause) {
    store.close();
    throw cause;
  }
}

function tellMoved(log: Log, details: { movedTo: string; damage: string | undefined }): void {
  log.error("The recordings were damaged; they are moved aside and new ones begin", details);
}

export interface DamageWatchOptions {
  path: string;
  isBusy: () => boolean;
  /** Nothing runs any more: whoever comes next begins with a file that works. */
  onIdle: () => void;
  log: Log;
}

const LOOK_EVERY_MS = 500;

/** Damage that shows while the file is in use. */
export class DamageWatch {
  readonly #options: DamageWatchOptions;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: DamageWatchOptions) {
    this.#options = options;
  }

  /** Has the next start look closely, and waits for the end of what runs. */
  note(damage: string): void {
    if (this.#timer !== undefined) return;
    const { path, isBusy, onIdle, log } = this.#options;
    log.error("The recordings are damaged; they are put aside once nothing runs", { damage });
    try {
      markSuspect(path);
    } catch (cause) {
      log.warn("Cannot note that the recordings are damaged", { cause });
    }
    this.#timer = setInterval(() => isBusy() || onIdle(), LOOK_EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
