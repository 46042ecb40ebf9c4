// Brings a database's write-ahead log to the disk a moment after it was written, while nobody waits.

/** The most that a power cut can take of what was committed without waiting. */
const SYNC_AFTER_MS = 100;

export interface LogSyncOptions {
  /** The database's path; the log lies beside it. */
  path: string;
  afterMs?: number;
  sync?: (path: string) => Promise<void>;
}

export class LogSync {
  readonly #path: string;
  readonly #afterMs: number;
  readonly #sync: (path: string) => Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasFailed = false;

  constructor({ path, afterMs = SYNC_AFTER_MS, sync = syncFile }: LogSyncOptions) {
    this.#path = `${path}-wal`;
    this.#afterMs = afterMs;
    this.#sync = sync;
  }

  /** Something was committed without waiting for the disk. */
  note(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#run();
    }, this.#afterMs);
  }

  /** The disk could not be written to: commits should wait for it, and hear of it. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #run(): Promise<void> {
    try {
      await this.#sync(this.#path);
    } catch {
      this.#hasFailed = true; // the next commit waits for the disk itself, and throws what is wrong with it
    }
  }
}

/** SQLite has no locks on its log: unlike the database itself, it may be opened and closed beside it. */
async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path);
  await file.syncData();
}
