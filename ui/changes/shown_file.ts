// One file whose lines are on screen: where they are in the worker, how they are laid out, which of them came.

import {
  type DiffLayout,
  type DiffView,
  type Hunk,
  layoutDiff,
  type Opened,
  rowAt,
  type Side,
} from "./diff_layout.ts";
import type { LineRange, ShownLine, TextFacts } from "./diff_text.ts";

/** Lines that are asked for together. */
export const BLOCK_LINES = 64;
const MAX_BLOCKS = 240;

export interface ShownFileOptions {
  /** Its id in the worker. */
  textId: number;
  hunks: readonly Hunk[];
  facts: TextFacts;
  view: DiffView;
  /** There is nothing on the other side. */
  onlySide: Side | undefined;
  opened: ReadonlyMap<number, Opened>;
  /** Unchanged lines are not the same on both sides. */
  ignoresWhitespace: boolean;
  /** Bytes in the worker. */
  bytes: number;
  /** Places where a secret is hidden. */
  masked: number;
  askLines(textId: number, range: LineRange): void;
}

export class ShownFile {
  readonly textId: number;
  readonly bytes: number;
  readonly masked: number;
  readonly columns: number;
  readonly #options: ShownFileOptions;
  readonly #blocks = new Map<string, ShownLine[]>();
  readonly #asked = new Set<string>();
  #view: DiffView;
  #opened: ReadonlyMap<number, Opened>;
  #layout: DiffLayout;

  constructor(options: ShownFileOptions) {
    this.#options = options;
    this.textId = options.textId;
    this.bytes = options.bytes;
    this.masked = options.masked;
    this.columns = options.facts.columns;
    this.#view = options.onlySide === undefined ? options.view : "unified";
    this.#opened = options.opened;
    this.#layout = this.#lay();
  }

  get layout(): DiffLayout {
    return this.#layout;
  }

  /** A file with one side needs one column, and one number. */
  get look(): DiffView | "single" {
    return this.#options.onlySide === undefined ? this.#view : "single";
  }

  /** Digits of the largest line number. */
  get digits(): number {
    const { oldLines, newLines } = this.#options.facts;
    return Math.max(3, String(Math.max(oldLines, newLines)).length);
  }

  get opened(): ReadonlyMap<number, Opened> {
    return this.#opened;
  }

  setView(view: DiffView): void {
    if (view === this.#view || this.#options.onlySide !== undefined) return;
    this.#view = view;
    this.#layout = this.#lay();
  }

  openGap(gap: number, by: Opened): void {
    const before = this.#opened.get(gap) ?? { fromTop: 0, fromBottom: 0 };
    const after = {
      fromTop: before.fromTop + by.fromTop,
      fromBottom: before.fromBottom + by.fromBottom,
    };
    this.#opened = new Map([...this.#opened, [gap, after]]);
    this.#layout = this.#lay();
  }

  /** A line if it came already. */
  line(side: Side, line: number): ShownLine | undefined {
    return this.#blocks.get(keyOf(side, line))?.[line % BLOCK_LINES];
  }

  /** Where the text of an unchanged line is taken from. */
  sideOfSame(wanted: Side): Side {
    return this.#options.ignoresWhitespace ? wanted : "new";
  }

  /** Asks for the lines of rows that are not there; answers whether all are. */
  askRows({ start, end }: { start: number; end: number }): boolean {
    let complete = true;
    for (const { side, line } of this.#linesOf({ start, end })) {
      const key = keyOf(side, line);
      if (this.#blocks.has(key)) continue;
      complete = false;
      if (this.#asked.has(key)) continue;
      this.#asked.add(key);
      const from = line - line % BLOCK_LINES;
      this.#options.askLines(this.textId, { side, from, to: from + BLOCK_LINES });
    }
    return complete;
  }

  /** Takes lines that came. */
  take(range: LineRange, lines: ShownLine[]): void {
    const key = keyOf(range.side, range.from);
    this.#blocks.delete(key);
    this.#blocks.set(key, lines);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size <= MAX_BLOCKS || oldest === undefined) return;
    this.#blocks.delete(oldest);
    this.#asked.delete(oldest);
  }

  *#linesOf({ start, end }: { start: number; end: number }): Generator<{ side: Side; line: number }> {
    for (let index = start; index < end; index++) {
      const row = rowAt(this.#layout, index);
      if (row === undefined || row.kind === "gap") continue;
      if (row.kind === "same") {
        yield { side: "new", line: row.new };
        if (this.#options.ignoresWhitespace && this.#view === "split") yield { side: "old", line: row.old };
        continue;
      }
      if (row.old !== undefined) yield { side: "old", line: row.old };
      if (row.new !== undefined) yield { side: "new", line: row.new };
    }
  }

  #lay(): DiffLayout {
    const { hunks, facts } = this.#options;
    return layoutDiff({ ...facts, hunks, view: this.#view, opened: this.#opened });
  }
}

function keyOf(side: Side, line: number): string {
  return `${side} ${Math.floor(line / BLOCK_LINES)}`;
}
