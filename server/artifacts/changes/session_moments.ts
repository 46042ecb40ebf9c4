// Tells the moments of running sessions at which their work trees are worth a snapshot: turns, stops, ends.
import type { Clock } from "../../clock.ts";
import type { Activity, Lifecycle, SessionView } from "../../protocol.ts";

/** `end` comes once, with the session's last view. */
export interface MomentListener {
  onTurn: (sessionId: string, turn: number) => void;
  onStop: (sessionId: string) => void;
  onEnd: (session: SessionView) => void;
}

export interface SessionMomentsOptions extends MomentListener, Pick<Clock, "later"> {
  /** The newest turn that is known of a session; 0 for none. */
  lastTurn: (sessionId: string) => number;
}

/** A turn is over when the agent has rested for this long: a prompt that was waiting begins the next one at once. */
const TURN_QUIET_MS = 1500;

interface Followed {
  lifecycle: Lifecycle;
  activity: Activity;
  /** The newest turn that is over. */
  turn: number;
  cancelTurn: (() => void) | undefined;
}

export class SessionMoments {
  readonly #options: SessionMomentsOptions;
  readonly #followed = new Map<string, Followed>();

  constructor(options: SessionMomentsOptions) {
    this.#options = options;
  }

  /** Follows a session that went on while nobody looked. */
  adopt({ id, lifecycle }: { id: string; lifecycle: Lifecycle }): void {
    if (!this.#followed.has(id)) this.#follow(id, { lifecycle, activity: "unknown" });
  }

  /** Called for every change of a session. */
  sessionChanged(session: SessionView): void {
    const { id, lifecycle, activity } = session;
    const known = this.#followed.get(id);
    if (lifecycle === "ended") {
      if (known) this.#ended(session, known);
      return;
    }
    const followed = known ?? this.#follow(id, { lifecycle, activity });
    if (lifecycle === "stopping" && followed.lifecycle === "running") this.#options.onStop(id);
    if (followed.activity !== activity) this.#activityChanged(id, { followed, activity });
    followed.lifecycle = lifecycle;
    followed.activity = activity;
  }

  close(): void {
    for (const { cancelTurn } of this.#followed.values()) cancelTurn?.();
    this.#followed.clear();
  }

  #follow(id: string, state: Pick<Followed, "lifecycle" | "activity">): Followed {
    const followed = { ...state, turn: this.#options.lastTurn(id), cancelTurn: undefined };
    this.#followed.set(id, followed);
    return followed;
  }

  #ended(session: SessionView, { cancelTurn }: Followed): void {
    cancelTurn?.();
    this.#followed.delete(session.id);
    this.#options.onEnd(session);
  }

  #activityChanged(
    id: string,
    { followed, activity }: { followed: Followed; activity: Activity },
  ): void {
    if (activity === "working") {
      followed.cancelTurn?.();
      followed.cancelTurn = undefined;
    }
    const wasBusy = followed.activity === "working" || followed.activity === "needs_you";
    if (activity !== "idle" || !wasBusy) return;
    followed.cancelTurn?.();
    followed.cancelTurn = this.#options.later(() => {
      followed.turn++;
      if (followed.lifecycle === "running") this.#options.onTurn(id, followed.turn);
    }, TURN_QUIET_MS);
  }
}
