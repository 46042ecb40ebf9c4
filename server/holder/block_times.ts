// When the parts of a merged block began, packed: pairs of differences (offset, milliseconds), a few bits each.

/** Where and when a stored piece of output began. */
export interface BlockTime {
  offset: number;
  atMs: number;
}

/** Packs the starts of a block's parts, ascending by offset; the first one is the block's own and is left out. */
export function encodeTimes(parts: readonly BlockTime[]): Uint8Array {
  const bytes: number[] = [];
  for (let n = 1; n < parts.length; n++) {
    const part = parts[n];
    const before = parts[n - 1];
    if (!part || !before) break;
    pushVarint(bytes, part.offset - before.offset);
    pushVarint(bytes, zigzag(part.atMs - before.atMs));
  }
  return Uint8Array.from(bytes);
}

/** The starts of all parts of a block, its own first. */
export function decodeTimes(block: BlockTime, packed: Uint8Array): BlockTime[] {
  return sampleTimes(block, packed, { first: 0, step: 1 });
}

/** The starts of part `first` and of every `step`-th one after it. A recording may have a million parts. */
export function sampleTimes(
  block: BlockTime,
  packed: Uint8Array,
  { first, step }: { first: number; step: number },
): BlockTime[] {
  const parts: BlockTime[] = [];
  const reader = new VarintReader(packed);
  let { offset, atMs } = block;
  for (let n = 0, next = first;; n++) {
    if (n === next) {
      parts.push({ offset, atMs });
      next += step;
    }
    if (reader.atEnd) return parts;
    offset += reader.read();
    atMs += unzigzag(reader.read());
  }
}

/** Numbers may be larger than bit operations take. */
function pushVarint(bytes: number[], value: number): void {
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push(0x80 | (value % 0x80));
  bytes.push(value);
}

class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  read(): number {
    let value = 0;
    for (let scale = 1;; scale *= 0x80) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
}

/** The clock may be set back. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}
