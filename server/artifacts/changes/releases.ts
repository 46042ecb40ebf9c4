// Gives objects back that no snapshot needs any more. What is noted survives a crash and is done at the next start.
import { AppError, errorText } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { SnapshotTable } from "../../store/snapshots.ts";
import type { Clock } from "../../clock.ts";
import type { Vault } from "../git/vault_api.ts";

export interface ReleasesOptions extends Pick<Clock, "later"> {
  vault: Vault;
  table: SnapshotTable;
  /** What nobody keeps is gone from a store. */
  onTidied: (store: string) => void;
  log: Log;
}

/** Deletions come in bunches. */
const GATHER_MS = 5000;

export class Releases {
  readonly #options: ReleasesOptions;
  readonly #untidy = new Set<string>();
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  /** Called before anything is captured: notes what a run that was killed has kept and not stored. */
  addOrphans(): void {
    const { vault, table } = this.#options;
    const known = table.listKeeps();
    for (const kept of vault.listKept()) if (!known.has(kept.keep)) table.addRelease(kept);
  }

  /** Notes a capture that is of no use. */
  add(capture: { store: string; keep: string }): void {
    this.#options.table.addRelease(capture);
    this.soon();
  }

  /** A store has trees that nobody keeps. */
  tidySoon(store: string): void {
    this.#untidy.add(store);
    this.soon();
  }

  /** Sessions may have been deleted. */
  soon(): void {
    this.#cancel ??= this.#options.later(() => {
      this.#cancel = undefined;
      this.#running = this.#running.then(() => this.#run());
    }, GATHER_MS);
  }

  /** Resolves when what is under way is done; what is only noted is left to the next start. */
  async close(): Promise<void> {
    this.#cancel?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { vault, table, log } = this.#options;
    const stores = new Set(this.#untidy);
    this.#untidy.clear();
    try {
      for (const { keep, store } of table.listReleases()) {
        await unlessGone(() => vault.release(store, keep));
        table.removeRelease(keep);
        stores.add(store);
      }
      for (const store of stores) {
        await unlessGone(() => vault.tidy(store));
        this.#options.onTidied(store);
      }
    } catch (cause) {
      log.warn("Snapshots could not be tidied up; the next start tries again", { cause: errorText(cause) });
    }
  }
}

/** A store that is not there any more holds nothing. */
async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (!(cause instanceof AppError && cause.code === "not_found")) throw cause;
  }
}
