// Both sides of a file that is shown: its lines with styles and marks, made when they are asked for.

import { type Alignment, type Hunk, lastNotAbove, type Side } from "./diff_layout.ts";
import { LineIndex } from "./line_index.ts";
import type { LineStyles, Syntax } from "./syntax.ts";
import { HIDDEN, MARKED, NOTE } from "./syntax_styles.ts";
import { alignLines, type LineMarks, type Mark, markWords } from "./word_marks.ts";

/** Characters of a line that are shown. */
export const MAX_LINE_CHARS = 2000;
/** A line in pieces: text and style number in turn. */
export type ShownLine = readonly (string | number)[];

/** Lines `from` to before `to` of a side. */
export interface LineRange {
  side: Side;
  from: number;
  to: number;
}

/** What a layout needs to know of the texts. */
export interface TextFacts {
  oldLines: number;
  newLines: number;
  /** Of the widest line. */
  columns: number;
  alignments: ReadonlyMap<number, Alignment>;
}

/** Lines that colours are found for at once. Larger texts are coloured piece by piece, each as if it were a whole. */
const BLOCK_LINES = 1000;
const MAX_BLOCK_BYTES = 256 * 1024;
/** Changes up to which lines are paired by likeness. */
const MAX_ALIGNED_CHANGES = 500;
const CACHED_BLOCKS = 60;

/** What a reader does not see but a program does: control characters and those that turn the direction of text. */
const INVISIBLE =
  // deno-lint-ignore no-control-regex -- finding them is the point
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

export interface DiffTextOptions {
  old: Uint8Array;
  new: Uint8Array;
  hunks: readonly Hunk[];
  /** A language that `syntax` has loaded. */
  language: string | undefined;
  syntax: Pick<Syntax, "stylesOf">;
}

export class DiffText {
  readonly facts: TextFacts;
  readonly #sides: Record<Side, LineIndex>;
  readonly #hunks: readonly Hunk[];
  readonly #language: string | undefined;
  readonly #syntax: Pick<Syntax, "stylesOf">;
  readonly #alignments = new Map<number, Alignment>();
  readonly #blocks = new Map<string, LineStyles[]>();

  constructor(options: DiffTextOptions) {
    this.#hunks = options.hunks;
    this.#language = options.language;
    this.#syntax = options.syntax;
    this.#sides = {
      old: new LineIndex(options.old, MAX_LINE_CHARS),
      new: new LineIndex(options.new, MAX_LINE_CHARS),
    };
    this.#align();
    const { old, new: fresh } = this.#sides;
    this.facts = {
      oldLines: old.count,
      newLines: fresh.count,
      columns: Math.max(old.columns, fresh.columns),
      alignments: this.#alignments,
    };
  }

  /** With the colours found so far. */
  lines({ side, from, to }: LineRange): ShownLine[] {
    const index = this.#sides[side];
    const end = Math.min(to, index.count);
    return Array.from({ length: Math.max(0, end - from) }, (_, offset) => {
      return this.#line(side, from + offset);
    });
  }

  /** Whether colours of some of these lines are still to be found. */
  needsColours(range: LineRange): boolean {
    return this.#missingBlocks(range).length > 0;
  }

  /** Finds the colours of lines. Takes tens of milliseconds. */
  colour(range: LineRange): void {
    for (const block of this.#missingBlocks(range)) this.#colourBlock(range.side, block);
  }

  #missingBlocks({ side, from, to }: LineRange): number[] {
    if (this.#language === undefined) return [];
    const last = Math.min(to, this.#sides[side].count) - 1;
    const missing: number[] = [];
    for (let block = Math.floor(from / BLOCK_LINES); block <= last / BLOCK_LINES; block++) {
      if (!this.#blocks.has(`${side} ${block}`)) missing.push(block);
    }
    return missing;
  }

  #colourBlock(side: Side, block: number): void {
    const index = this.#sides[side];
    const from = block * BLOCK_LINES;
    const to = Math.min(index.count, from + BLOCK_LINES);
    const isHeavy = index.startOf(to) - index.startOf(from) > MAX_BLOCK_BYTES;
    const styles = isHeavy ? [] : this.#stylesOf(index.range(from, to));
    this.#blocks.set(`${side} ${block}`, styles);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > CACHED_BLOCKS && oldest !== undefined) this.#blocks.delete(oldest);
  }

  #stylesOf(text: string): LineStyles[] {
    try {
      return this.#language === undefined ? [] : this.#syntax.stylesOf(this.#language, text);
    } catch {
      // A grammar that fails on a text: it is shown plain, which is better than not at all.
      return [];
    }
  }

  #line(side: Side, line: number): ShownLine {
    const index = this.#sides[side];
    const whole = index.text(line);
    const text = whole.slice(0, MAX_LINE_CHARS);
    const block = this.#blocks.get(`${side} ${Math.floor(line / BLOCK_LINES)}`);
    const partner = this.#partnerOf(side, line);
    const marks = partner === undefined ? [] : this.#marks(side, { partner, text });
    const shown = pieces(text, { styles: block?.[line % BLOCK_LINES] ?? [], marks });
    const hasReturn = index.hasReturn(line);
    if (partner !== undefined && hasReturn !== this.#sides[other(side)].hasReturn(partner) && hasReturn) {
      shown.push("CR", HIDDEN | MARKED);
    }
    if (whole.length > text.length) shown.push(`… ${whole.length - text.length} more characters`, NOTE);
    if (!index.endsWithLineFeed && line === index.count - 1) shown.push("no line feed at the end", NOTE);
    return shown;
  }

  #marks(side: Side, { partner, text }: { partner: number; text: string }): Mark[] {
    const beside = this.#sides[other(side)].text(partner);
    const marks: LineMarks | undefined = side === "old" ? markWords(text, beside) : markWords(beside, text);
    return marks?.[side] ?? [];
  }

  /** The line of the other side that a changed line is compared with. */
  #partnerOf(side: Side, line: number): number | undefined {
    const [at, count] = side === "old" ? [0, 1] as const : [2, 3] as const;
    const start = (hunk: Hunk): number => hunk[count] === 0 ? hunk[at] : hunk[at] - 1;
    const found = lastNotAbove(this.#hunks.length, (each) => start(this.#hunks[each] ?? [0, 0, 0, 0]), line);
    const hunk = this.#hunks[found];
    if (hunk === undefined) return undefined;
    const offset = line - start(hunk);
    if (offset >= hunk[count]) return undefined;
    const alignment = this.#alignments.get(found);
    const [otherAt, otherCount] = side === "old" ? [2, 3] as const : [0, 1] as const;
    const beside = alignment === undefined
      ? offset
      : alignment.find((pair) => pair[at === 0 ? 0 : 1] === offset)?.[at === 0 ? 1 : 0];
    return beside === undefined || beside >= hunk[otherCount] ? undefined : hunk[otherAt] - 1 + beside;
  }

  #align(): void {
    for (const [index, hunk] of this.#hunks.slice(0, MAX_ALIGNED_CHANGES).entries()) {
      const [oldStart, oldCount, newStart, newCount] = hunk;
      if (oldCount === newCount || oldCount * newCount === 0 || oldCount * newCount > 1600) continue;
      const texts = (side: Side, start: number, count: number): string[] =>
        Array.from(
          { length: count },
          (_, offset) => this.#sides[side].text(start - 1 + offset).slice(0, MAX_LINE_CHARS),
        );
      const alignment = alignLines(texts("old", oldStart, oldCount), texts("new", newStart, newCount));
      if (alignment !== undefined) this.#alignments.set(index, alignment);
    }
  }
}

function other(side: Side): Side {
  return side === "old" ? "new" : "old";
}

/** Cuts a line where a style, a mark or something invisible begins or ends. */
function pieces(
  text: string,
  { styles, marks }: { styles: LineStyles; marks: readonly Mark[] },
): (string | number)[] {
  const shown: (string | number)[] = [];
  let at = 0;
  let styleAt = 0;
  let markAt = 0;
  while (at < text.length) {
    while ((styles[styleAt] ?? Infinity) <= at) styleAt += 2;
    while ((marks[markAt]?.[1] ?? Infinity) <= at) markAt++;
    const mark = marks[markAt];
    const isMarked = mark !== undefined && mark[0] <= at;
    const markEdge = mark === undefined ? text.length : isMarked ? mark[1] : mark[0];
    const end = Math.min(styles[styleAt] ?? text.length, markEdge, text.length);
    pushVisible(shown, text.slice(at, end), (styles[styleAt + 1] ?? 0) | (isMarked ? MARKED : 0));
    at = end;
  }
  return shown;
}

function pushVisible(shown: (string | number)[], text: string, style: number): void {
  let at = 0;
  for (const { index, 0: character } of text.matchAll(INVISIBLE)) {
    if (index > at) shown.push(text.slice(at, index), style);
    shown.push(nameOf(character), style | HIDDEN);
    at = index + character.length;
  }
  if (at < text.length) shown.push(at === 0 ? text : text.slice(at), style);
}

/** What the classic control characters are called; fonts have no pictures of them. */
const CONTROLS = ("NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI " +
  "DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US").split(" ");

function nameOf(character: string): string {
  const code = character.charCodeAt(0);
  const name = code === 0x7f ? "DEL" : CONTROLS[code];
  if (name !== undefined) return name;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
