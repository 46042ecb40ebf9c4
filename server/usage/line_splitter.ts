// Turns a growing file's bytes into lines, in flat memory, and knows the offset to continue from.

/** Longer lines are skipped and counted: nothing that we read needs one. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

export interface Line {
  text: string;
  /** Bytes from the start of the file to the line's first byte. */
  offset: number;
}

/** Lines of bytes that arrive in pieces of any size; a last line without its newline is held back. */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #decoder = new TextDecoder();
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;
  #skipping = false;
  #lineStart: number;
  #skippedLines = 0;

  /** `startOffset` is where in the file the first byte given to `push` stands. */
  constructor(options: { startOffset?: number; maxLineBytes?: number } = {}) {
    this.#lineStart = options.startOffset ?? 0;
    this.#maxLineBytes = options.maxLineBytes ?? MAX_LINE_BYTES;
  }

  /** The offset just after the last complete line: reading may start again here after a restart. */
  get offset(): number {
    return this.#lineStart;
  }

  /** Lines longer than the limit, so far. */
  get skippedLines(): number {
    return this.#skippedLines;
  }

  /** Bytes that are held back in memory. */
  get heldBytes(): number {
    return this.#skipping ? 0 : this.#pendingBytes;
  }

  /** The lines that `chunk` completes; empty ones are left out. The chunk may be reused by the caller. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      const line = this.#complete(chunk.subarray(from, at));
      if (line !== undefined) lines.push(line);
      from = at + 1;
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from));
    return lines;
  }

  /** The held-back rest as a line, for a file that will not grow any more. */
  flush(): Line | undefined {
    if (this.#pendingBytes === 0) return undefined;
    const line = this.#complete(new Uint8Array(0));
    this.#lineStart -= 1; // there was no newline to step over
    return line;
  }

  #complete(end: Uint8Array): Line | undefined {
    const bytes = this.#pendingBytes + end.length;
    const tooLong = this.#skipping || bytes > this.#maxLineBytes;
    const text = tooLong ? "" : this.#decode(end);
    const line = text === "" ? undefined : { text, offset: this.#lineStart };
    if (tooLong) this.#skippedLines += 1;
    this.#lineStart += bytes + 1;
    this.#pieces = [];
    this.#pendingBytes = 0;
    this.#skipping = false;
    return line;
  }

  #hold(rest: Uint8Array): void {
    this.#pendingBytes += rest.length;
    if (this.#pendingBytes > this.#maxLineBytes) {
      this.#skipping = true;
      this.#pieces = [];
    }
    if (!this.#skipping) this.#pieces.push(rest.slice());
  }

  #decode(end: Uint8Array): string {
    const bytes = this.#pieces.length === 0 ? end : join([...this.#pieces, end]);
    const text = this.#decoder.decode(bytes);
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  }
}

function join(pieces: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
