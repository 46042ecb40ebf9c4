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
  let { offset, atMs } = block;
  const parts = [{ offset, atMs }];
  const numbers = readVarints(packed);
  for (let n = 0; n + 1 < numbers.length; n += 2) {
    offset += numbers[n] ?? 0;
    atMs += unzigzag(numbers[n + 1] ?? 0);
    parts.push({ offset, atMs });
  }
  return parts;
}

/** Numbers may be larger than bit operations take. */
function pushVarint(bytes: number[], value: number): void {
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push(0x80 | (value % 0x80));
  bytes.push(value);
}

function readVarints(packed: Uint8Array): number[] {
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of packed) {
    value += (byte & 0x7f) * scale;
    scale *= 0x80;
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0;
    scale = 1;
  }
  return numbers;
}

/** The clock may be set back. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}
