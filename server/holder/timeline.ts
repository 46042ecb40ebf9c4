// The points of a recording's time axis: when which byte came, thinned evenly.
import type { BlockInfo } from "../store/blocks.ts";
import { type BlockTime, decodeTimes } from "./block_times.ts";

export interface TimelineOptions {
  /** Ascending. */
  blocks: readonly BlockInfo[];
  maxPoints: number;
  /** Packed starts of the parts of the block at `offset`. */
  getTimes(offset: number): Uint8Array | undefined;
}

/** Start and time of at most `maxPoints` of the blocks as they came, merged or not; the first one is always there. */
export function sampleTimes({ blocks, maxPoints, getTimes }: TimelineOptions): BlockTime[] {
  const total = blocks.reduce((sum, { parts }) => sum + parts, 0);
  const step = Math.max(1, Math.ceil(total / maxPoints));
  const points: BlockTime[] = [];
  let passed = 0;
  for (const block of blocks) {
    const wanted = firstMultiple(step, passed) - passed;
    if (wanted < block.parts) points.push(...everyNth(partsOf(block, getTimes), wanted, step));
    passed += block.parts;
  }
  return points;
}

function partsOf(block: BlockInfo, getTimes: TimelineOptions["getTimes"]): BlockTime[] {
  const packed = block.parts === 1 ? undefined : getTimes(block.offset);
  // It may have grown since the list was read.
  return packed
    ? decodeTimes(block, packed).slice(0, block.parts)
    : [{ offset: block.offset, atMs: block.atMs }];
}

function everyNth(parts: BlockTime[], first: number, step: number): BlockTime[] {
  return parts.filter((_, n) => n >= first && (n - first) % step === 0);
}

/** The smallest multiple of `step` that is not below `least`. */
function firstMultiple(step: number, least: number): number {
  return Math.ceil(least / step) * step;
}
