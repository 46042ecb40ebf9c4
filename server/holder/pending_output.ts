// Output of one session that is not stored yet: cut into blocks, readable, and given up from the front when told to.
import type { GapRow } from "../store/gaps.ts";
import { decodeBlock, encodeBlock, type Encoded } from "./codec.ts";
import { concatenate } from "../concatenate.ts";

/** A block is closed at this size, so that a read decompresses little. */
export const MAX_BLOCK_BYTES = 64 * 1024;

interface PendingBlock {
  offset: number;
  atMs: number;
  length: number;
  chunks: Uint8Array[];
  /** Set once it is full or storing it was tried; then it takes nothing more. */
  encoded?: Encoded;
}

/** A block as it goes into the database. */
export interface EncodedBlock extends Encoded {
  offset: number;
  atMs: number;
  length: number;
}

export class PendingOutput {
  #blocks: PendingBlock[] = [];
  #gaps: GapRow[] = [];

  /** Offset of the first byte. */
  get start(): number | undefined {
    return this.#blocks[0]?.offset;
  }

  /** When the oldest byte came. */
  get oldestAtMs(): number | undefined {
    return this.#blocks[0]?.atMs;
  }

  /** What was given up, ascending. */
  get gaps(): readonly GapRow[] {
    return this.#gaps;
  }

  /** Takes output; the bytes must not change afterwards. */
  append(bytes: Uint8Array, from: { offset: number; atMs: number }): void {
    for (let at = 0; at < bytes.length;) {
      const block = this.#openBlock({ offset: from.offset + at, atMs: from.atMs });
      const part = bytes.subarray(at, at + MAX_BLOCK_BYTES - block.length);
      block.chunks.push(part);
      block.length += part.length;
      at += part.length;
      if (block.length === MAX_BLOCK_BYTES) seal(block);
    }
  }

  /** Bytes from exactly `from` to at most the end of their block; undefined when they are not here. */
  read(from: number): Uint8Array | undefined {
    const block = this.#blocks.findLast(({ offset }) => offset <= from);
    if (!block || block.offset + block.length <= from) return undefined;
    if (block.encoded) {
      return decodeBlock({ ...block.encoded, length: block.length }).subarray(from - block.offset);
    }
    block.chunks = [concatenate(block.chunks)];
    return block.chunks[0]?.subarray(from - block.offset);
  }

  /** Everything, compressed; what is appended from now on begins a new block. */
  encode(): EncodedBlock[] {
    return this.#blocks.map((block) => {
      const { offset, atMs, length } = block;
      return { offset, atMs, length, ...seal(block) };
    });
  }

  /** Gives up the oldest block. Answers how many bytes that were. */
  drop(): number {
    const block = this.#blocks.shift();
    if (!block) return 0;
    const { offset, length, atMs } = block;
    const gap = this.#gaps.at(-1);
    if (gap && gap.offset + gap.length === offset) gap.length += length;
    else this.#gaps.push({ offset, length, atMs, reason: "storage" });
    return length;
  }

  clear(): void {
    this.#blocks = [];
    this.#gaps = [];
  }

  #openBlock(start: { offset: number; atMs: number }): PendingBlock {
    const last = this.#blocks.at(-1);
    if (last && !last.encoded) return last;
    const block = { ...start, length: 0, chunks: [] };
    this.#blocks.push(block);
    return block;
  }
}

/** At once for each full block: compressing all of a flood's commit in one go would leave the terminal unread too long. */
function seal(block: PendingBlock): Encoded {
  block.encoded ??= encodeBlock(concatenate(block.chunks));
  block.chunks = [];
  return block.encoded;
}
