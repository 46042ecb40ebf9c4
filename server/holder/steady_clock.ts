// A clock for one recording: Unix time that never runs backwards, whatever becomes of the system's clock meanwhile.

export interface ClockSources {
  /** Unix milliseconds; may jump. */
  now: () => number;
  /** Milliseconds that only grow, and may stand still while the machine sleeps. */
  monotonicMs: () => number;
}

/** A difference up to this is the two clocks' own; above it the system's clock was set, or the machine slept. */
const JUMP_MS = 1000;

/** Goes along with a clock that is set ahead, and with a sleep; ignores one that is set back. */
export function startSteadyClock({ now, monotonicMs }: ClockSources): () => number {
  let aheadMs = now() - monotonicMs();
  return () => {
    const wallMs = now();
    const steadyMs = monotonicMs() + aheadMs;
    if (wallMs - steadyMs < JUMP_MS) return Math.floor(steadyMs);
    aheadMs += wallMs - steadyMs;
    return Math.floor(wallMs);
  };
}
