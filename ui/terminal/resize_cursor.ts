// Walks a recording's size changes in step with its bytes; pure.

export interface RecordedResize {
  offset: number;
  cols: number;
  rows: number;
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
