// Merges a recording's small blocks into large ones, which compress many times better.
import type { BlockInfo } from "../store/blocks.ts";
import type { RecordingStore } from "../store/recordings.ts";
import { type BlockTime, decodeTimes, encodeTimes } from "./block_times.ts";
import { decodeBlock, encodeMergedBlock } from "./codec.ts";

/** Raw bytes of a full merged block: what a read decodes at most, in some 3 ms. */
export const MERGED_BLOCK_BYTES = 4 * 1024 * 1024;
/** A run that is not full is merged once it has gained this many blocks, or this many bytes. */
const MIN_RUN_BLOCKS = 256;
const MIN_RUN_BYTES = 1024 * 1024;
/** Rows of one merge, so that its transaction stays short. */
const MAX_RUN_BLOCKS = 1024;

/** Blocks that follow each other without a gap and become one. */
export interface MergeRun {
  from: number;
  to: number;
  blocks: BlockInfo[];
}

export interface MergeOptions {
  /** Ascending. */
  blocks: readonly BlockInfo[];
  /** Later ones are left as they are, unless the recording has ended. */
  olderThanMs: number;
  ended: boolean;
}

/** What to merge; nothing is merged for a few small blocks unless no more will come. */
export function decideMerges({ blocks, olderThanMs, ended }: MergeOptions): MergeRun[] {
  const runs: MergeRun[] = [];
  let run: BlockInfo[] = [];
  const close = (isFull: boolean): void => {
    const [first, last] = [run[0], run.at(-1)];
    if (first && last && run.length > 1 && (isFull || isWorthMerging(run))) {
      runs.push({ from: first.offset, to: last.offset + last.length, blocks: run });
    }
    run = [];
  };
  // The last one tells when a session that is cut off was last heard of.
  for (const block of ended ? blocks : blocks.slice(0, -1)) {
    if (!ended && block.atMs > olderThanMs) break;
    if (!fits(run, block)) close(true);
    run.push(block);
  }
  close(ended);
  return runs;
}

/** Stores a run as one block in one transaction. Answers false when the run is no longer as it was. */
export function mergeRun(store: RecordingStore, recording: number, run: MergeRun): boolean {
  const whole = readRun(store, recording, run);
  if (!whole) return false;
  const times = encodeTimes(whole.parts);
  const encoded = encodeMergedBlock(whole.bytes);
  return store.transaction(() => {
    const now = store.blocks.sum(recording, run);
    if (now.count !== run.blocks.length || now.length !== whole.bytes.length) return false;
    store.blocks.deleteRange(recording, run);
    store.blocks.insert(recording, {
      offset: run.from,
      length: whole.bytes.length,
      atMs: run.blocks[0]?.atMs ?? 0,
      parts: whole.parts.length,
      times,
      ...encoded,
    });
    return true;
  });
}

function readRun(
  store: RecordingStore,
  recording: number,
  run: MergeRun,
): { bytes: Uint8Array; parts: BlockTime[] } | undefined {
  const bytes = new Uint8Array(run.to - run.from);
  const parts: BlockTime[] = [];
  for (const { offset, length } of run.blocks) {
    const row = store.blocks.getAt(recording, offset);
    if (row?.offset !== offset || row.length !== length) return undefined;
    bytes.set(decodeBlock(row), offset - run.from);
    for (const part of row.times ? decodeTimes(row, row.times) : [row]) {
      parts.push({ offset: part.offset, atMs: part.atMs });
    }
  }
  return { bytes, parts };
}

function fits(run: BlockInfo[], block: BlockInfo): boolean {
  const [first, last] = [run[0], run.at(-1)];
  if (!first || !last) return true;
  const follows = last.offset + last.length === block.offset;
  const length = block.offset + block.length - first.offset;
  return follows && length <= MERGED_BLOCK_BYTES && run.length < MAX_RUN_BLOCKS;
}

function isWorthMerging(run: BlockInfo[]): boolean {
  const small = run.filter(({ parts }) => parts === 1);
  return small.length >= MIN_RUN_BLOCKS ||
    small.reduce((total, { length }) => total + length, 0) >= MIN_RUN_BYTES;
}
