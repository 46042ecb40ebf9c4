// Writes the sequences that put lines of cells into a blank buffer, cell by cell as they are.
import type { CoreExtended, CoreLine, XtermCore } from "./xterm_core.ts";
import { BG, COLOR } from "./xterm_core.ts";
import { type Attributes, isSelfMade, type Pen } from "./pen.ts";

/** Ends a character for good, so that what follows does not join it. Does nothing else. */
export const BREAK = "\x1b\\";

/** Any wide character will do. */
const WIDE = "\u3000";

export interface LinePainterOptions {
  core: XtermCore;
  pen: Pen;
  /** Wraps what overwrites the saved cursor of the buffer. */
  slot: { enter: string; leave: string };
}

export class LinePainter {
  readonly #core: XtermCore;
  readonly #pen: Pen;
  readonly #slot: { enter: string; leave: string };
  #out = "";
  /** Column of the cursor on the line that is painted. */
  #column = 0;
  /** What the next code point would join. */
  #join = 0;
  #exact = true;
  #usedSlot = false;

  constructor({ core, pen, slot }: LinePainterOptions) {
    this.#core = core;
    this.#pen = pen;
    this.#slot = slot;
  }

  /** False once something could not be painted as it is. */
  get exact(): boolean {
    return this.#exact;
  }

  /** Whether the saved cursor in the slot was overwritten. */
  get usedSlot(): boolean {
    return this.#usedSlot;
  }

  /** Sequences for all lines, from a cursor at home in a blank buffer with default modes and margins. */
  paint(lines: { readonly length: number; get(index: number): CoreLine }): string {
    const painted: string[] = [];
    const { rows } = this.#core;
    let wrapped = lines.get(0).isWrapped && this.#wrapFirst();
    for (let index = 0; index < lines.length; index++) {
      const dirty = new Set<number>(wrapped ? [0] : []);
      const isLast = index + 1 === lines.length;
      wrapped = !isLast && lines.get(index + 1).isWrapped && this.#wrapNext(dirty);
      this.#paintLine(lines.get(index), dirty);
      painted.push(this.#takeOut());
      if (isLast) break;
      if (!wrapped && index + 1 >= rows) this.#toPlainBackground();
      this.#control(wrapped ? "\r\x1b[B" : "\r\n");
      this.#column = 0;
    }
    return painted.join("");
  }

  #takeOut(): string {
    const taken = this.#out;
    this.#out = "";
    return taken;
  }

  /** Makes the first line a continuation of one that is gone. Leaves a character in its first cell. */
  #wrapFirst(): boolean {
    if (this.#core.rows < 2) return this.#giveUp();
    this.#control(`\x1b[${this.#core.cols}Gxx\x1b[H\x1b[M`);
    return true;
  }

  /** Makes the next line a continuation of this one. Leaves characters at the end of this and in the next. */
  #wrapNext(dirty: Set<number>): boolean {
    if (this.#core.rows < 2) return this.#giveUp();
    const { cols } = this.#core;
    this.#toPlainBackground();
    this.#control(`\x1b[${cols}Gxx\r\x1b[A`);
    dirty.add(cols - 1);
    return true;
  }

  #paintLine(line: CoreLine, dirty: Set<number>): void {
    this.#paintGhosts(line, dirty);
    const { cols } = this.#core;
    for (let column = 0; column < cols;) {
      if (line.hasContent(column) !== 0) column += this.#paintCharacter(line, column);
      else column += this.#paintBlanks(line, { column, dirty });
    }
  }

  /** Answers the columns it took. */
  #paintCharacter(line: CoreLine, column: number): number {
    if (!isWhole(line, column, this.#core.cols)) {
      this.#exact = false;
      return 1;
    }
    const width = line.getWidth(column);
    this.#moveTo(column);
    if (!hasPenOf(line, column, this.#pen)) {
      this.#out += this.#toPen(cellAttributes(line, column, this.#pen));
    }
    this.#print(line.getString(column), width);
    return width;
  }

  /** Empty cells of one background from `column` on. Answers how many. */
  #paintBlanks(line: CoreLine, { column, dirty }: { column: number; dirty: Set<number> }): number {
    const background = line.getBg(column) & COLOR.mask;
    let end = column;
    let erase = background !== 0;
    while (end < this.#core.cols && isBlank(line, end) && (line.getBg(end) & COLOR.mask) === background) {
      erase ||= dirty.has(end);
      end++;
    }
    if (end === column) {
      if (!isGhost(line, column)) this.#exact = false;
      return 1;
    }
    if (!erase) return end - column;
    this.#moveTo(column);
    this.#toBackground(background);
    this.#control(`\x1b[${end - column}X`);
    return end - column;
  }

  /** Empty cells with more than a background: what is left when half of a wide character is overwritten. */
  #paintGhosts(line: CoreLine, dirty: Set<number>): void {
    const last = this.#core.cols - 1;
    if (isGhost(line, last)) {
      if (isGhost(line, last - 1)) this.#exact = false;
      this.#paintGhost(line, { column: last, wideAt: last - 1, overwrite: last - 1, dirty });
    }
    for (let column = 0; column < last; column++) {
      if (isGhost(line, column)) {
        this.#paintGhost(line, { column, wideAt: column, overwrite: column + 1, dirty });
      }
    }
  }

  #paintGhost(
    line: CoreLine,
    at: { column: number; wideAt: number; overwrite: number; dirty: Set<number> },
  ): void {
    this.#moveTo(at.wideAt);
    this.#out += this.#toPen(cellAttributes(line, at.column, this.#pen));
    this.#out += WIDE;
    this.#control(`\x1b[${at.overwrite + 1}G \x1b[${at.overwrite + 1}G`);
    this.#column = at.overwrite;
    at.dirty.add(at.overwrite);
  }

  #print(text: string, width: number): void {
    const first = text.codePointAt(0) ?? 0;
    const { unicodeService } = this.#core;
    let state = unicodeService.charProperties(first, this.#join);
    if ((state & JOINS) !== 0) {
      this.#control(BREAK);
      state = unicodeService.charProperties(first, 0);
    }
    const isSingle = text.length === (first > 0xffff ? 2 : 1);
    const joined = isSingle ? state : joinState(this.#core, text);
    if (joined === undefined || widthOf(joined) !== width) this.#exact = false;
    this.#out += text;
    this.#column += width;
    this.#join = joined ?? 0;
  }

  #moveTo(column: number): void {
    if (column === this.#column) return;
    this.#control(column > this.#column ? `\x1b[${column - this.#column}C` : `\x1b[${column + 1}G`);
    this.#column = column;
  }

  #toPen(target: Attributes): string {
    const sequences = this.#pen.to(target, this.#slot);
    if (sequences !== "") this.#join = 0;
    this.#usedSlot ||= !isSelfMade(target);
    return sequences;
  }

  #toPlainBackground(): void {
    this.#toBackground(0);
  }

  #toBackground(color: number): void {
    const { now } = this.#pen;
    if ((now.bg & COLOR.mask) === color) return;
    this.#out += this.#toPen({ fg: 0, bg: color, ext: 0, link: 0 });
  }

  #control(sequences: string): void {
    this.#out += sequences;
    this.#join = 0;
  }

  #giveUp(): false {
    this.#exact = false;
    return false;
  }
}

/** The attributes of a cell; where it has no underline and link, those of the pen's colour are as good as any. */
export function cellAttributes(line: CoreLine, column: number, pen: Pen): Attributes {
  const fg = line.getFg(column);
  const bg = line.getBg(column);
  const extended: CoreExtended | undefined = bg & BG.extended ? line._extendedAttrs[column] : undefined;
  if (extended !== undefined) return { fg, bg, ext: extended._ext, link: extended.urlId };
  return { fg, bg, ext: pen.now.ext & COLOR.mask, link: 0 };
}

/** Whether the pen is that of the cell; a quick look that says no to everything with an underline or a link. */
function hasPenOf(line: CoreLine, column: number, { now }: Pen): boolean {
  const bg = line.getBg(column);
  return (bg & BG.extended) === 0 && ((bg ^ now.bg) | (line.getFg(column) ^ now.fg)) === 0;
}

/** In what xterm remembers of a character: it joined the one before. */
const JOINS = 1;

/** Columns, in what xterm remembers of a character. */
export function widthOf(state: number): number {
  return state >> 1 & 3;
}

/** What xterm remembers of a text printed on its own. Undefined when it would not stay in one cell. */
export function joinState(core: XtermCore, text: string): number | undefined {
  let state = 0;
  for (const character of text) {
    const isFirst = state === 0;
    state = core.unicodeService.charProperties(character.codePointAt(0) ?? 0, state);
    if (!isFirst && (state & JOINS) === 0) return undefined;
  }
  return state;
}

/** Whether a character has the cells that belong to it, within the `cols` that are visible. */
export function isWhole(line: CoreLine, column: number, cols: number): boolean {
  const width = line.getWidth(column);
  if (width === 1) return true;
  if (width !== 2 || column + 1 >= cols) return false;
  return line.getWidth(column + 1) === 0 && line.hasContent(column + 1) === 0 &&
    line.getFg(column + 1) === line.getFg(column) && line.getBg(column + 1) === line.getBg(column);
}

/** An empty cell as erasing leaves it: nothing but a background colour. */
function isBlank(line: CoreLine, column: number): boolean {
  return isEmpty(line, column) && line.getFg(column) === 0 && (line.getBg(column) & ~COLOR.mask) === 0;
}

function isGhost(line: CoreLine, column: number): boolean {
  return isEmpty(line, column) && !isBlank(line, column);
}

function isEmpty(line: CoreLine, column: number): boolean {
  return line.hasContent(column) === 0 && line.getWidth(column) === 1;
}
