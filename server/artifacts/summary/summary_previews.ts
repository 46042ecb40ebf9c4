// Remembers what users were shown, so that what is sent is what was shown.
import { AppError } from "../../errors.ts";
import type { Prepared } from "./summary_making.ts";

/** Of as many sessions the last preview is kept. */
const MAX_SESSIONS = 16;

export class SummaryPreviews {
  readonly #bySession = new Map<string, { id: string; prepared: Prepared }>();

  /** In place of the session's last one; of too many sessions the oldest is forgotten. */
  keep(sessionId: string, preview: { id: string; prepared: Prepared }): void {
    this.#bySession.delete(sessionId);
    this.#bySession.set(sessionId, preview);
    for (const oldest of [...this.#bySession.keys()].slice(0, -MAX_SESSIONS)) this.#bySession.delete(oldest);
  }

  /** Throws `conflict` when it is not the session's last one, or forgotten. */
  get(sessionId: string, id: string): Prepared {
    const preview = this.#bySession.get(sessionId);
    if (preview?.id === id) return preview.prepared;
    throw new AppError("conflict", "What was shown is not kept any more: look at it again");
  }
}
