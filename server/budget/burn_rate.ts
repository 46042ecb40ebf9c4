// How fast money goes, and when the limit is reached if it goes on like this.

export interface SpendSample {
  atMs: number;
  nanoUsd: number;
}

/** Long enough to cover a few turns, short enough to notice that an agent has stopped. */
export const BURN_WINDOW_MS = 15 * 60_000;
/** A first call a second ago says nothing about an hour. */
const SHORTEST_SPAN_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Nano-dollars per hour over the window that ends now, or over the time since the first sample if that is
 * shorter; 0 when nothing was spent in it. `samples` in any order.
 */
export function burnRateNanoUsdPerHour(
  samples: readonly SpendSample[],
  options: { nowMs: number; windowMs?: number },
): number {
  const windowMs = options.windowMs ?? BURN_WINDOW_MS;
  const recent = samples.filter((sample) =>
    sample.atMs > options.nowMs - windowMs && sample.atMs <= options.nowMs
  );
  const hasOlder = samples.some((sample) => sample.atMs <= options.nowMs - windowMs);
  const firstAtMs = recent.reduce((first, sample) => Math.min(first, sample.atMs), options.nowMs);
  const spanMs = hasOlder ? windowMs : Math.max(SHORTEST_SPAN_MS, options.nowMs - firstAtMs);
  const spent = recent.reduce((sum, sample) => sum + sample.nanoUsd, 0);
  return Math.round((spent * HOUR_MS) / spanMs);
}

/** Milliseconds until nothing is left at this rate; 0 if that is so now, undefined while nothing is spent. */
export function timeToLimitMs(remainingNanoUsd: number, nanoUsdPerHour: number): number | undefined {
  if (remainingNanoUsd <= 0) return 0;
  return nanoUsdPerHour > 0 ? Math.floor((remainingNanoUsd / nanoUsdPerHour) * HOUR_MS) : undefined;
}
