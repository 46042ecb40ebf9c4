// Walks a recording's size changes in step with its bytes; pure.

export interface RecordedResize {
  offset: number;
  cols: number;
  rows: number;
}

/** The parts of `OrderedWriter` that are used. */
export interface SizedWriter {
  write(bytes: Uint8Array, end: number): void;
  resize(cols: number, rows: number): void;
}

export class ResizeCursor {
  #resizes: readonly RecordedResize[];
  #next = 0;

  constructor(resizes: readonly RecordedResize[]) {
    this.#resizes = resizes;
  }

  /** Takes a longer list of the same recording; the place in it stays. */
  grow(resizes: readonly RecordedResize[]): void {
    this.#resizes = resizes;
  }

  /** Goes on behind a stored screen. It may be older or newer than a resize at its offset: its size tells. */
  startAt(screen: RecordedResize): void {
    const last = this.#resizes.findLastIndex((each) => each.offset === screen.offset);
    const size = this.#resizes[last];
    if (size?.cols === screen.cols && size.rows === screen.rows) {
      this.#next = last + 1;
      return;
    }
    const first = this.#resizes.findIndex((each) => each.offset >= screen.offset);
    this.#next = first < 0 ? this.#resizes.length : first;
  }

  /** Writes a piece of the recording, with the changes of size that lie in it at their places. */
  write(writer: SizedWriter, { offset, bytes }: { offset: number; bytes: Uint8Array }): void {
    const end = offset + bytes.length;
    let at = 0;
    for (const next of this.takeBefore(end)) {
      const cut = Math.max(at, next.offset - offset);
      if (cut > at) writer.write(bytes.subarray(at, cut), offset + cut);
      at = cut;
      writer.resize(next.cols, next.rows);
    }
    writer.write(bytes.subarray(at), end);
  }

  /** The changes before an offset that were not taken yet, in order. */
  takeBefore(offset: number): RecordedResize[] {
    const taken: RecordedResize[] = [];
    for (let next = this.#resizes[this.#next]; next !== undefined; next = this.#resizes[this.#next]) {
      if (next.offset >= offset) break;
      taken.push(next);
      this.#next++;
    }
    return taken;
  }
}
