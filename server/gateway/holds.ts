// Sessions at their limit: their requests wait here until the user has decided.
import type { GateRuling } from "../budget/gate_node.ts";

/** Why a call may not go on. */
export type Obstacle =
  | { kind: "budget"; ruling: GateRuling; budgetName: string }
  /** There is a limit in dollars, and nobody has stated what the model costs. */
  | { kind: "unpriced"; model: string };

export interface HoldView {
  sessionId: string;
  sinceMs: number;
  obstacle: Obstacle;
}

/** What ended the wait: something has changed and the call may ask again, its time is up, or its client has gone. */
export type HoldEnd = "changed" | "time_up" | "gone";

/** Between two tries of a client the hold lasts: it is the same one when the next comes. */
const LINGER_MS = 3 * 60_000;

interface Hold extends HoldView {
  waiters: Set<(end: HoldEnd) => void>;
  linger: ReturnType<typeof setTimeout> | undefined;
}

export interface HoldsOptions {
  now: () => number;
  /** A session is held from now on, or (undefined) goes on. */
  onChange: (sessionId: string, hold: HoldView | undefined) => void;
  lingerMs?: number;
}

export class Holds {
  readonly #options: Required<HoldsOptions>;
  readonly #holds = new Map<string, Hold>();

  constructor(options: HoldsOptions) {
    this.#options = { lingerMs: LINGER_MS, ...options };
  }

  get(sessionId: string): HoldView | undefined {
    return this.#holds.get(sessionId);
  }

  /** Holds a call of a session. The session stays held until `release`, or until nothing of it has waited for a while. */
  wait(
    sessionId: string,
    { obstacle, timeoutMs, signal }: { obstacle: Obstacle; timeoutMs: number; signal: AbortSignal },
  ): Promise<HoldEnd> {
    const hold = this.#enter(sessionId, obstacle);
    return new Promise((resolve) => {
      const end = (how: HoldEnd): void => {
        hold.waiters.delete(end);
        clearTimeout(timer);
        signal.removeEventListener("abort", leave);
        if (hold.waiters.size === 0 && how !== "changed") this.#startLinger(hold);
        resolve(how);
      };
      const leave = (): void => end("gone");
      const timer = setTimeout(() => end("time_up"), Math.max(0, timeoutMs));
      hold.waiters.add(end);
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave);
    });
  }

  /** Lets every call that is held ask again. */
  wakeAll(): void {
    for (const hold of this.#holds.values()) {
      for (const end of [...hold.waiters]) end("changed");
      if (hold.linger === undefined) this.#startLinger(hold);
    }
  }

  /** A call of the session has got through, or the session is over. */
  release(sessionId: string): void {
    const hold = this.#holds.get(sessionId);
    if (hold === undefined) return;
    clearTimeout(hold.linger);
    this.#holds.delete(sessionId);
    for (const end of [...hold.waiters]) end("changed");
    this.#options.onChange(sessionId, undefined);
  }

  /** Lets go of everything without a word. */
  close(): void {
    for (const hold of this.#holds.values()) {
      clearTimeout(hold.linger);
      for (const end of [...hold.waiters]) end("gone");
      clearTimeout(hold.linger);
    }
    this.#holds.clear();
  }

  #enter(sessionId: string, obstacle: Obstacle): Hold {
    const known = this.#holds.get(sessionId);
    if (known !== undefined) {
      clearTimeout(known.linger);
      known.linger = undefined;
      known.obstacle = obstacle;
      return known;
    }
    const sinceMs = this.#options.now();
    const hold: Hold = { sessionId, sinceMs, obstacle, waiters: new Set(), linger: undefined };
    this.#holds.set(sessionId, hold);
    this.#options.onChange(sessionId, { sessionId, sinceMs, obstacle });
    return hold;
  }

  #startLinger(hold: Hold): void {
    clearTimeout(hold.linger);
    hold.linger = setTimeout(() => {
      if (hold.waiters.size === 0) this.release(hold.sessionId);
    }, this.#options.lingerMs);
  }
}
