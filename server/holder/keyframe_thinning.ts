// Decides which stored screens of older output are given up, so that they stay small beside the output itself.

/** From any offset the next stored screen before it is at most this far back, if screens were stored that often. */
export const MAX_REPLAY_BYTES = 4 * 1024 * 1024;
/** Stored screens may take this part of what the output takes. */
const MAX_SHARE = 0.1;

export interface ThinningOptions {
  /** Ascending. */
  keyframes: readonly { offset: number; size: number }[];
  /** What the output takes, compressed. */
  outputBytes: number;
  /** Screens before this are old enough. */
  before: number;
  /** Screens that something else refers to. */
  protectedOffsets: ReadonlySet<number>;
}

/** Offsets of screens to delete; none while all of them together are small. */
export function decideKeyframesToDrop(options: ThinningOptions): number[] {
  const { keyframes, outputBytes, before, protectedOffsets } = options;
  let excess = keyframes.reduce((total, { size }) => total + size, 0) - outputBytes * MAX_SHARE;
  const dropped: number[] = [];
  let lastKept = 0;
  for (const [n, { offset, size }] of keyframes.entries()) {
    const next = keyframes[n + 1];
    if (excess <= 0 || !next || next.offset > before) break;
    if (protectedOffsets.has(offset) || next.offset - lastKept > MAX_REPLAY_BYTES) lastKept = offset;
    else {
      dropped.push(offset);
      excess -= size;
    }
  }
  return dropped;
}
