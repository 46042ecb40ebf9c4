// The newest output of a live session in memory, so that attached clients are served without touching the disk.

/** Enough for a client that is one credit window behind. */
const MAX_TAIL_BYTES = 1024 * 1024;

/** A bounded queue of chunks addressed by byte offset; the oldest go first. */
export class TailBuffer {
  #chunks: { offset: number; bytes: Uint8Array }[] = [];
  #bytes = 0;

  push(offset: number, bytes: Uint8Array): void {
    this.#chunks.push({ offset, bytes });
    this.#bytes += bytes.length;
    let oldest = this.#chunks[0];
    while (oldest && this.#bytes - oldest.bytes.length >= MAX_TAIL_BYTES) {
      this.#bytes -= oldest.bytes.length;
      this.#chunks.shift();
      oldest = this.#chunks[0];
    }
  }

  /** Bytes from exactly `from`, at most `maxBytes` and at most one chunk; undefined when they are gone. */
  read(from: number, maxBytes: number): Uint8Array | undefined {
    const first = this.#chunks[0];
    if (!first || from < first.offset) return undefined;
    const chunk = this.#chunks[this.#indexOf(from)];
    return chunk?.bytes.subarray(from - chunk.offset, from - chunk.offset + maxBytes);
  }

  /** Index of the last chunk that begins at or before `offset`. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#chunks[middle]?.offset ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
