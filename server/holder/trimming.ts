// Thins the middle of a recording that has grown over its cap: its head and its newest output stay.
import type { BlockInfo, BlockRow } from "../store/blocks.ts";
import type { GapRow } from "../store/gaps.ts";
import type { RecordingStore } from "../store/recordings.ts";
import { decodeTimes, encodeTimes } from "./block_times.ts";
import { decodeBlock, encodeMergedBlock } from "./codec.ts";

/** The first part of a session is kept: how it began. */
const HEAD_SHARE = 1 / 4;
/** Thinned to less than the cap, so that it is not done for every block. */
const KEPT_SHARE = 7 / 8;
/** Stored bytes and rows that one transaction removes. */
const STEP = { bytes: 4 * 1024 * 1024, blocks: 512 };

export interface TrimOptions {
  /** Ascending, as are the others. */
  blocks: readonly BlockInfo[];
  gaps: readonly GapRow[];
  keyframes: readonly { offset: number }[];
  /** Raw bytes. */
  capBytes: number;
}

/** Range to be without bytes; it ends at a stored screen where there is one. */
export interface Trim {
  from: number;
  to: number;
}

/** What to thin; undefined while the recording is within its cap. */
export function decideTrim({ blocks, gaps, keyframes, capBytes }: TrimOptions): Trim | undefined {
  const total = blocks.reduce((sum, { length }) => sum + length, 0);
  if (total <= capBytes) return undefined;
  const from = gaps.find(({ reason }) => reason === "trimmed")?.offset ??
    blocks.find(({ offset }) => offset >= capBytes * HEAD_SHARE)?.offset;
  const last = blocks.at(-1);
  if (from === undefined || !last) return undefined;
  const least = firstKept(blocks, total - capBytes * KEPT_SHARE, from);
  const screen = keyframes.find(({ offset }) => offset >= least && offset < last.offset);
  const to = screen?.offset ?? least;
  return to > from ? { from, to } : undefined;
}

/** Takes the bytes out in steps of one transaction each; between them everything is consistent. */
export function* trimRecording(store: RecordingStore, recording: number, trim: Trim): Generator<void> {
  for (let at = trim.from; at < trim.to;) {
    at = store.transaction(() => removeNext(store, recording, { ...trim, at }));
    yield;
  }
}

/** Start of the first block to stay when `excess` bytes after `from` go. */
function firstKept(blocks: readonly BlockInfo[], excess: number, from: number): number {
  let removed = 0;
  for (const { offset, length } of blocks) {
    if (offset < from) continue;
    if (removed >= excess) return offset;
    removed += length;
  }
  return blocks.at(-1)?.offset ?? from;
}

/** Removes a few blocks and lets the gap grow over them. Answers where it ends now. */
function removeNext(store: RecordingStore, recording: number, trim: Trim & { at: number }): number {
  let bytes = 0;
  let count = 0;
  const blocks = store.blocks.list(recording, trim.from).filter(({ offset, length }) =>
    offset < trim.to && offset + length > trim.at
  );
  const last = blocks.find((block) => {
    bytes += block.size;
    return bytes > STEP.bytes || ++count >= STEP.blocks;
  }) ?? blocks.at(-1);
  const end = Math.min(trim.to, last ? last.offset + last.length : trim.to);
  const cut = last && last.offset + last.length > end
    ? store.blocks.getAt(recording, last.offset)
    : undefined;
  growGap(store, recording, { from: trim.from, to: end, atMs: blocks[0]?.atMs });
  store.blocks.deleteRange(recording, { from: trim.from, to: end });
  store.keyframes.deleteRange(recording, { from: trim.from + 1, to: end });
  if (cut) insertRest(store, recording, { block: cut, from: end });
  return end;
}

function growGap(
  store: RecordingStore,
  recording: number,
  gap: { from: number; to: number; atMs: number | undefined },
): void {
  const known = store.gaps.getAt(recording, gap.from);
  store.gaps.deleteRange(recording, gap);
  store.gaps.put(recording, {
    offset: gap.from,
    length: gap.to - gap.from,
    atMs: known?.atMs ?? gap.atMs ?? 0,
    reason: "trimmed",
  });
}

/** The part of a block from an offset on, as a block of its own. */
function insertRest(store: RecordingStore, recording: number, rest: { block: BlockRow; from: number }): void {
  const { block, from } = rest;
  const bytes = decodeBlock(block).subarray(from - block.offset);
  const parts = block.times ? decodeTimes(block, block.times) : [{ offset: block.offset, atMs: block.atMs }];
  const atMs = parts.findLast(({ offset }) => offset <= from)?.atMs ?? block.atMs;
  const kept = [{ offset: from, atMs }, ...parts.filter(({ offset }) => offset > from)];
  store.blocks.insert(recording, {
    offset: from,
    length: bytes.length,
    atMs,
    parts: kept.length,
    times: kept.length > 1 ? encodeTimes(kept) : null,
    ...encodeMergedBlock(bytes),
  });
}
