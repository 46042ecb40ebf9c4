// Keeps a limited session from spending what nobody can count: while its usage cannot be stored (a full disk), it is paused.
import { errorText } from "../errors.ts";
import type { HolderApi } from "../holder/api.ts";
import type { Log } from "../log.ts";
import type { SessionRow } from "../store/sessions.ts";

export interface UncountedSessionsOptions {
  holder: Pick<HolderApi, "pause" | "resume">;
  /** Whether a limit lies above a session. */
  isLimited: (session: SessionRow) => boolean;
  /** Whether it stands still already. */
  isPaused: (id: string) => boolean;
  now: () => number;
  log: Log;
}

/** What passes in a moment (a lock, a file that is just being freed) pauses nobody. */
const PATIENCE_MS = 10_000;
const REASON = "what it spends cannot be stored; it goes on when it can, or continue on the page";

export class UncountedSessions {
  readonly #options: UncountedSessionsOptions;
  /** Since when nothing of a session could be stored. */
  readonly #since = new Map<string, number>();
  readonly #paused = new Set<string>();

  constructor(options: UncountedSessionsOptions) {
    this.#options = options;
  }

  /** Usage of a session could not be stored. Behind the gate nothing is spent that was not stored before. */
  failed(session: SessionRow): void {
    const { isLimited, isPaused, now } = this.#options;
    const { id, lifecycle, gateway } = session;
    const sinceMs = this.#since.get(id) ?? now();
    this.#since.set(id, sinceMs);
    if (now() - sinceMs < PATIENCE_MS || lifecycle !== "running" || gateway !== null) return;
    // Whoever lets it go on all the same has decided so.
    if (this.#paused.has(id) || isPaused(id) || !isLimited(session)) return;
    this.#paused.add(id);
    this.#run(id, this.#options.holder.pause({ session: id, reason: REASON }));
  }

  /** Usage of a session was stored. */
  stored(id: string): void {
    this.#since.delete(id);
    if (this.#paused.delete(id)) this.#run(id, this.#options.holder.resume({ session: id }));
  }

  /** The session has ended. */
  forget(id: string): void {
    this.#since.delete(id);
    this.#paused.delete(id);
  }

  #run(session: string, work: Promise<void>): void {
    work.catch((cause) => {
      this.#paused.delete(session);
      this.#options.log.error("A session whose usage cannot be stored could not be paused or continued", {
        session,
        cause: errorText(cause),
      });
    });
  }
}
