// Bytes on their way to one program that has not read them yet, up to a limit.

/** Input that may wait for one program; what would go beyond is refused whole. */
export const MAX_QUEUED_BYTES = 1024 * 1024;

export class WriteQueue {
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether this many more bytes may wait here. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= MAX_QUEUED_BYTES;
  }

  get isHalfEmpty(): boolean {
    return this.#bytes <= MAX_QUEUED_BYTES / 2;
  }

  /** Appends a chunk, which must stay unchanged from now on. */
  push(chunk: Uint8Array<ArrayBuffer>): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The oldest bytes, undefined when nothing waits. */
  get head(): Uint8Array<ArrayBuffer> | undefined {
    return this.#chunks[0];
  }

  /** Drops this many of the head's bytes: they were written. */
  advance(bytes: number): void {
    const head = this.#chunks[0];
    if (head === undefined) return;
    this.#bytes -= bytes;
    if (bytes === head.length) this.#chunks.shift();
    else this.#chunks[0] = head.subarray(bytes);
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }
}
