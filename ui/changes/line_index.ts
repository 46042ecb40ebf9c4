// The lines of a text that stays as bytes: found once, decoded when asked for.

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const TAB = 9;
/** Columns from one tab stop to the next, as the style sheet says. */
const TAB_COLUMNS = 4;

const decoder = new TextDecoder();

export class LineIndex {
  readonly bytes: Uint8Array;
  /** Lines; a line feed at the end begins no further one. */
  readonly count: number;
  /** False for a last line that is not ended; true for an empty text. */
  readonly endsWithLineFeed: boolean;
  /** About how wide the widest line is, `limit` at most. */
  readonly columns: number;
  readonly #starts: Uint32Array;

  constructor(bytes: Uint8Array, limit: number) {
    this.bytes = bytes;
    const feeds = countFeeds(bytes);
    this.endsWithLineFeed = bytes.length === 0 || bytes[bytes.length - 1] === LINE_FEED;
    this.count = feeds + (this.endsWithLineFeed ? 0 : 1);
    this.#starts = new Uint32Array(this.count + 1);
    this.columns = scanLines(bytes, { starts: this.#starts, limit });
    this.#starts[this.count] = bytes.length;
  }

  /** Where a line begins; of the line behind the last one, where the text ends. */
  startOf(line: number): number {
    return this.#starts[line] ?? this.bytes.length;
  }

  /** A line without what ends it. */
  text(line: number): string {
    const start = this.startOf(line);
    let end = this.startOf(line + 1);
    if (end > start && this.bytes[end - 1] === LINE_FEED) end--;
    if (end > start && this.bytes[end - 1] === CARRIAGE_RETURN) end--;
    return decoder.decode(this.bytes.subarray(start, end));
  }

  /** Whether a line ends with a carriage return before the line feed. */
  hasReturn(line: number): boolean {
    const end = this.startOf(line + 1) - 1;
    return this.bytes[end] === LINE_FEED && this.bytes[end - 1] === CARRIAGE_RETURN;
  }

  /** Lines from `from` to before `to`, with what ends them. */
  range(from: number, to: number): string {
    return decoder.decode(this.bytes.subarray(this.startOf(from), this.startOf(to)));
  }
}

function countFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

/** Notes where lines start; answers the width of the widest. Characters of three bytes and more count double. */
function scanLines(bytes: Uint8Array, { starts, limit }: { starts: Uint32Array; limit: number }): number {
  let line = 0;
  let columns = 0;
  let widest = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === LINE_FEED) {
      starts[++line] = at + 1;
      if (columns > widest) widest = columns;
      columns = 0;
    } else if (byte === TAB) columns += TAB_COLUMNS - columns % TAB_COLUMNS;
    else if (byte < 0x80 || byte >= 0xc0) columns += byte >= 0xe0 ? 2 : 1;
  }
  return Math.min(limit, Math.max(widest, columns));
}
