// Sessions that the user has paused: all their processes stand still until the user lets them go on.
import { AppError } from "../errors.ts";
import type { HolderApi } from "../holder/api.ts";
import type { MarkerKind } from "../protocol.ts";
import type { EventTable } from "../store/events.ts";
import type { SessionRow } from "../store/sessions.ts";

export interface PausesOptions {
  holder: Pick<HolderApi, "pause" | "resume">;
  events: Pick<EventTable, "getLatestKind">;
  mark: (id: string, marker: { kind: MarkerKind; text: string }) => void;
}

const REASON = "you asked for it; continue on the page";

export class Pauses {
  readonly #options: PausesOptions;

  constructor(options: PausesOptions) {
    this.#options = options;
  }

  /** Throws `conflict` for a session that does not run, or whose calls pass the gate. */
  async pause({ id, lifecycle, gateway }: SessionRow, isPaused: boolean): Promise<void> {
    if (lifecycle !== "running") throw new AppError("conflict", "Cannot pause: the session does not run");
    if (gateway !== null) {
      // Its answer under way would go on at the provider, and budgets would hold ever more money for it.
      throw new AppError(
        "conflict",
        "Cannot pause: its model calls pass the gate, which holds it at a limit",
      );
    }
    if (isPaused) return;
    await this.#options.holder.pause({ session: id, reason: REASON });
    this.#options.mark(id, { kind: "user_pause", text: "" });
  }

  /** Throws `conflict` for a session that does not run. */
  async end({ id, lifecycle }: SessionRow, isPaused: boolean): Promise<void> {
    if (lifecycle !== "running") throw new AppError("conflict", "Cannot continue: the session does not run");
    if (!isPaused) return;
    await this.#options.holder.resume({ session: id });
    this.#options.mark(id, { kind: "user_continue", text: "" });
  }

  /** Whether a session that stands still was paused by the user, and not for want of a server. */
  isByUser(id: string): boolean {
    return this.#options.events.getLatestKind(id, ["user_pause", "user_continue"]) === "user_pause";
  }
}
