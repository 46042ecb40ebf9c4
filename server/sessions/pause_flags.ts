// Keeps the holder in step with budgets: who has one that only this program watches is paused when it is not there.
import { errorText } from "../errors.ts";
import type { HolderApi } from "../holder/api.ts";
import type { Log } from "../log.ts";
import type { SessionRow } from "../store/sessions.ts";

export interface PauseFlagsOptions {
  holder: Pick<HolderApi, "setPauseUnsupervised">;
  /** Sessions that have not ended. */
  listLive: () => SessionRow[];
  /** Whether any limit lies above a session. */
  isLimited: (session: SessionRow) => boolean;
  log: Log;
}

export class PauseFlags {
  readonly #options: PauseFlagsOptions;
  /** What the holder was told of each session. */
  #told = new Map<string, boolean>();

  constructor(options: PauseFlagsOptions) {
    this.#options = options;
  }

  /** To be called when limits have changed, and once what runs is known after a start. */
  refresh(): void {
    const { listLive, isLimited } = this.#options;
    const before = this.#told;
    this.#told = new Map();
    for (const session of listLive()) {
      // Behind the gate nothing is spent without this program.
      if (session.gateway !== null || session.lifecycle === "starting") continue;
      const on = isLimited(session);
      this.#told.set(session.id, on);
      if (before.get(session.id) !== on) this.#tell(session.id, on);
    }
  }

  #tell(session: string, on: boolean): void {
    this.#options.holder.setPauseUnsupervised({ session, on }).catch((cause) => {
      this.#told.delete(session);
      this.#options.log.warn("Cannot tell whether a session is to be paused without this program", {
        session,
        cause: errorText(cause),
      });
    });
  }
}
