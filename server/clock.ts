// Time, as an argument: whatever depends on it is given a clock, so that a test can give it another.

export interface Clock {
  /** Unix milliseconds UTC. */
  now: () => number;
  wait: (milliseconds: number) => Promise<void>;
  /** Runs work after a while; the answer takes it back. */
  later: (work: () => void, delayMs: number) => () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  later: (work, delayMs) => {
    const timer = setTimeout(work, delayMs);
    return () => clearTimeout(timer);
  },
};
