// The large blocks read last, decoded: a download in small pieces decodes each block once.
import type { BlockRow } from "../store/blocks.ts";
import { decodeBlock } from "./codec.ts";

/** With blocks of at most 4 MiB: 32 MiB, and only while somebody reads. */
const MAX_BLOCKS = 8;
/** Smaller ones are decoded again faster than they are worth keeping. */
const MIN_KEPT_BYTES = 256 * 1024;
const FORGET_AFTER_MS = 10_000;

export interface DecodedBlock {
  offset: number;
  bytes: Uint8Array;
}

/** Output never changes once it is stored, so that nothing in here can be out of date. */
export class BlockCache {
  #blocks: (DecodedBlock & { recording: number })[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The block of a recording that holds `offset`, if it was decoded lately. */
  find(recording: number, offset: number): DecodedBlock | undefined {
    const index = this.#blocks.findIndex((block) =>
      block.recording === recording && block.offset <= offset && block.offset + block.bytes.length > offset
    );
    const [found] = index < 0 ? [] : this.#blocks.splice(index, 1);
    if (found) this.#blocks.push(found);
    return found;
  }

  decode(recording: number, row: BlockRow): DecodedBlock {
    const decoded = { recording, offset: row.offset, bytes: decodeBlock(row) };
    if (decoded.bytes.length >= MIN_KEPT_BYTES) {
      if (this.#blocks.push(decoded) > MAX_BLOCKS) this.#blocks.shift();
      this.#forgetLater();
    }
    return decoded;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#blocks = [];
  }

  #forgetLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.clear(), FORGET_AFTER_MS);
    Deno.unrefTimer(this.#timer);
  }
}
