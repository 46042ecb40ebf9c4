// Cuts output where a character ends: what is left of one waits for its last byte.

const NOTHING = new Uint8Array();

/** xterm 6.0 loses a character that is handed over in parts when a part ends with the byte 0x80, as in `—` or `…`. */
export class WholeCharacters {
  #rest: Uint8Array = NOTHING;

  /** The bytes to hand over now: what was left before and these, without an unfinished character at the end. */
  take(bytes: Uint8Array): Uint8Array {
    const all = this.#rest.length === 0 ? bytes : join(this.#rest, bytes);
    const end = all.length - unfinishedBytes(all);
    this.#rest = end === all.length ? NOTHING : all.slice(end);
    return all.subarray(0, end);
  }

  /** Forgets an unfinished character: what comes next belongs to another place. */
  reset(): void {
    this.#rest = NOTHING;
  }
}

/** How many bytes at the end begin a UTF-8 character without completing it. */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
