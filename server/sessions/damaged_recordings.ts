// Files of recordings that were damaged and put aside: told of once each, and listed for as long as they are there.
import { errorText } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Notice } from "../protocol.ts";
import type { SettingTable } from "../store/settings.ts";

export interface DamagedRecordingsOptions {
  /** Paths of the files that were put aside, the oldest first. */
  list: () => string[];
  settings: Pick<SettingTable, "getAll" | "set">;
  /** Keeps a notice and tells every page. */
  addNotice: (notice: Omit<Notice, "id" | "seen">) => void;
  now: () => number;
  log: Log;
}

/** Of the setting that keeps which were told of. */
const TOLD = "damagedRecordingsTold";

export class DamagedRecordings {
  readonly #options: DamagedRecordingsOptions;

  constructor(options: DamagedRecordingsOptions) {
    this.#options = options;
  }

  list(): string[] {
    return this.#options.list();
  }

  /** To be called when a holder was connected to: that is when files are put aside. */
  tellNew(): void {
    const { settings, addNotice, now, log } = this.#options;
    try {
      const paths = this.list();
      const told = settings.getAll()[TOLD];
      const fresh = paths.filter((path) => !Array.isArray(told) || !told.includes(path));
      if (fresh.length === 0) return;
      for (const path of fresh) {
        addNotice({
          kind: "recordings",
          title: "Recordings were damaged",
          text: `Their file could not be read and is now ${path}; new recordings go to a new one.`,
          atMs: now(),
        });
      }
      settings.set({ [TOLD]: paths });
    } catch (cause) {
      log.warn("Cannot tell of damaged recordings", { cause: errorText(cause) });
    }
  }
}
