// The time of day as a signal that ticks only while somebody looks at it.

import { createModel, signal } from "@preact/signals";

export interface ClockOptions {
  now(): number;
  /** Calls back about every second until the returned function is called. */
  everySecond(callback: () => void): () => void;
}

export const ClockModel = createModel((options: ClockOptions) => {
  let stop: (() => void) | undefined;
  const nowMs = signal(options.now(), {
    watched(): void {
      const tick = (): void => {
        nowMs.value = options.now();
      };
      stop = options.everySecond(tick);
      queueMicrotask(tick);
    },
    unwatched(): void {
      stop?.();
      stop = undefined;
    },
  });
  return {
    nowMs,
    /** The time right now, for a computation that does not tick. */
    read: (): number => options.now(),
  };
});

export type Clock = InstanceType<typeof ClockModel>;
