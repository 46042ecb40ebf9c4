// The points of a recording's time axis: when which byte came, thinned evenly.
import type { BlockInfo } from "../store/blocks.ts";
import { type BlockTime, sampleTimes } from "./block_times.ts";

export interface TimelineOptions {
  /** Ascending. */
  blocks: readonly BlockInfo[];
  maxPoints: number;
  /** Packed starts of the parts of the block at `offset`. */
  getTimes(offset: number): Uint8Array | undefined;
}

/** Start and time of at most `maxPoints` of the blocks as they came, merged or not; the first one is always there. */
export function sampleTimeline({ blocks, maxPoints, getTimes }: TimelineOptions): BlockTime[] {
  const total = blocks.reduce((sum, { parts }) => sum + parts, 0);
  const step = Math.max(1, Math.ceil(total / maxPoints));
  const points: BlockTime[] = [];
  let passed = 0;
  for (const block of blocks) {
    const wanted = firstMultiple(step, passed) - passed;
    if (wanted < block.parts) points.push(...pick(block, { first: wanted, step, getTimes }));
    passed += block.parts;
  }
  return points;
}

function pick(
  block: BlockInfo,
  { first, step, getTimes }: { first: number; step: number; getTimes: TimelineOptions["getTimes"] },
): BlockTime[] {
  const packed = block.parts === 1 ? undefined : getTimes(block.offset);
  if (!packed) return [{ offset: block.offset, atMs: block.atMs }];
  // It may have grown since the list was read.
  const end = block.offset + block.length;
  return sampleTimes(block, packed, { first, step }).filter(({ offset }) => offset < end);
}

/** The smallest multiple of `step` that is not below `least`. */
function firstMultiple(step: number, least: number): number {
  return Math.ceil(least / step) * step;
}
