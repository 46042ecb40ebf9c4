// Writes a whole terminal as escape sequences: both buffers, margins, tabs, saved cursors, character sets, modes.
import { charsetLetter, encodeFor } from "./charsets.ts";
import { BREAK, cellAttributes, isWhole, joinState, LinePainter, widthOf } from "./line_painter.ts";
import { modeSequences } from "./mode_sequences.ts";
import { type Attributes, isSame, isSelfMade, Pen, PLAIN } from "./pen.ts";
import { BG, type CoreBuffer, FG, type XtermCore } from "./xterm_core.ts";

export interface WrittenScreen {
  /** Gives a fresh terminal of the same size and scrollback the same state. */
  ansi: string;
  /** False if some state cannot be reached by sequences; then this is the nearest there is. */
  exact: boolean;
}

const TO_ALTERNATE = "\x1b[?47h";
const TO_NORMAL = "\x1b[?47l";
/** While the normal buffer is painted its saved cursor is in place already: the other buffer's serves instead. */
const OTHER_SLOT = { enter: TO_ALTERNATE, leave: TO_NORMAL };
const OWN_SLOT = { enter: "", leave: "" };
const SHIFTS = ["\x0f", "\x0e", "\x1bn", "\x1bo"];
const DESIGNATORS = ["(", ")", "*", "+"];
const TAB_WIDTH = 8;

/** The state of a terminal whose parser has nothing half done. `extra` is added behind the other modes. */
export function writeScreen(core: XtermCore, extra: string): WrittenScreen {
  return new ScreenWriter(core).write(extra);
}

class ScreenWriter {
  readonly #core: XtermCore;
  readonly #pen: Pen;
  #exact = true;
  /** The alternate buffer's saved cursor was overwritten while painting. */
  #usedSlot = false;

  constructor(core: XtermCore) {
    this.#core = core;
    this.#pen = new Pen({ linkData: (link) => core._oscLinkService.getLinkData(link) });
  }

  write(extra: string): WrittenScreen {
    const { normal, alt, active } = this.#core.buffers;
    const parts = [
      "\x1b[20l",
      this.#saveInBlank(normal),
      this.#paint(normal, OTHER_SLOT),
      this.#tabs(normal),
    ];
    if (active === alt) {
      parts.push(
        margins(normal, this.#core),
        this.#to(PLAIN),
        `\x1b[${normal.y + 1}H`,
        TO_ALTERNATE,
        "\x1b[H",
      );
      parts.push(this.#paint(alt, OWN_SLOT), this.#save(alt), this.#tabs(alt));
    } else if (this.#usedSlot || hasSavedCursor(alt)) {
      parts.push(this.#to(PLAIN), TO_ALTERNATE, this.#save(alt), this.#to(PLAIN), TO_NORMAL);
    }
    parts.push(margins(active, this.#core), this.#finish(active, extra));
    return { ansi: parts.join(""), exact: this.#exact };
  }

  #paint(buffer: CoreBuffer, slot: { enter: string; leave: string }): string {
    if (buffer.lines.length !== buffer.ybase + this.#core.rows) this.#exact = false;
    const painter = new LinePainter({ core: this.#core, pen: this.#pen, slot });
    const ansi = painter.paint(buffer.lines);
    this.#exact &&= painter.exact;
    this.#usedSlot ||= painter.usedSlot;
    return ansi;
  }

  /** The normal buffer's saved cursor counts from the first line ever: blank lines take the screen down to it. */
  #saveInBlank(buffer: CoreBuffer): string {
    if (!hasSavedCursor(buffer)) return "";
    const { rows, cols } = this.#core;
    const row = Math.min(buffer.savedY, buffer.lines.maxLength - 1);
    if (row !== buffer.savedY) this.#exact = false;
    const flags = this.#pen.toFlags(buffer.savedCurAttrData);
    const down = row < rows ? `\x1b[${row + 1}H` : `\x1b[${rows}H` + "\n".repeat(row - rows + 1);
    const column = `\x1b[${savedColumn(buffer, cols) + 1}G`;
    return flags + down + column + saveWith(buffer) + this.#to(PLAIN) + "\x1b[H\x1b[2J\x1b[3J";
  }

  /** In a buffer that is painted already. */
  #save(buffer: CoreBuffer): string {
    if (!this.#usedSlot && !hasSavedCursor(buffer)) return "";
    const { rows, cols } = this.#core;
    if (buffer.savedY >= rows) this.#exact = false;
    const position = `\x1b[${buffer.savedY + 1};${savedColumn(buffer, cols) + 1}H`;
    return this.#pen.toFlags(buffer.savedCurAttrData) + position + saveWith(buffer);
  }

  #tabs({ tabs }: CoreBuffer): string {
    const { cols } = this.#core;
    const visible = Object.keys(tabs).map(Number).filter((column) => tabs[column] === true && column < cols);
    const isDefault = visible.length === Math.ceil(cols / TAB_WIDTH) && visible.every(isDefaultTab);
    if (isDefault) return "";
    return "\x1b[3g" + visible.map((column) => `\x1b[${column + 1}G\x1bH`).join("");
  }

  /** Everything that has no place in a buffer, and the cursor: where it stands decides what must come last. */
  #finish(active: CoreBuffer, extra: string): string {
    const joins = this.#core._inputHandler._parser.precedingJoinState !== 0;
    const origin = this.#core.coreService.decPrivateModes.origin ? "\x1b[?6h" : "";
    const pen = penOf(this.#core);
    const modes = modeSequences(this.#core) + extra;
    if (this.#isRestoredCharset() || !isSelfMade(pen)) {
      const ansi = origin + this.#charsets() + this.#restoreCursor(active, pen);
      return joins
        ? ansi + modes + this.#place(active, { mapped: true })
        : ansi + this.#place(active, { mapped: true }) + this.#backTo(pen) + modes;
    }
    if (joins) {
      return origin + this.#charsets() + this.#to(pen) + modes + this.#place(active, { mapped: true });
    }
    return origin + this.#place(active, { mapped: false }) + this.#charsets() + this.#to(pen) + modes;
  }

  #to(target: Attributes): string {
    return this.#pen.to(target);
  }

  /** A restored cursor brings its character set without designating it. */
  #isRestoredCharset(): boolean {
    const { charset, _charsets, glevel } = this.#core._charsetService;
    return charset !== _charsets[glevel];
  }

  /** Brings what only restoring a cursor can bring: the saved cursor has it, or nothing does. */
  #restoreCursor(active: CoreBuffer, pen: Attributes): string {
    const { charset, glevel } = this.#core._charsetService;
    const under = isSelfMade(pen) ? "" : this.#pen.to(underOf(pen));
    this.#pen.restored(active.savedCurAttrData);
    if (this.#isRestoredCharset() && active.savedCharset !== charset) this.#exact = false;
    const shift = this.#isRestoredCharset() ? "" : SHIFTS[glevel] ?? "";
    return under + "\x1b8" + shift + this.#backTo(pen);
  }

  /** After a cursor was restored: the pen, unless it is a mixture that is lost now. */
  #backTo(pen: Attributes): string {
    if (isSelfMade(pen)) return this.#to(pen);
    const { now } = this.#pen;
    if (hasSameDerived(now, pen) && now.ext === pen.ext && now.link === pen.link) {
      return this.#pen.adjust(pen);
    }
    this.#exact = false;
    return "";
  }

  #charsets(): string {
    const { _charsets, glevel } = this.#core._charsetService;
    let ansi = "";
    for (let slot = 0; slot < DESIGNATORS.length; slot++) {
      const charset = _charsets[slot];
      if (charset !== undefined) ansi += `\x1b${DESIGNATORS[slot]}${charsetLetter(charset)}`;
    }
    return ansi + (glevel === 0 ? "" : SHIFTS[glevel]);
  }

  /**
   * Puts the cursor in its place. Where the terminal must remember the last character, for the next to join it or
   * to wrap behind it, it is printed again; `mapped` says that the character sets are in place.
   */
  #place(active: CoreBuffer, { mapped }: { mapped: boolean }): string {
    const joins = this.#core._inputHandler._parser.precedingJoinState;
    if (active.x < this.#core.cols && joins === 0) return this.#moveTo(active, active.x);
    const last = this.#lastCharacter(active);
    const text = last === undefined || !mapped
      ? last?.text
      : encodeFor(last.text, this.#core._charsetService.charset);
    if (last === undefined || text === undefined) {
      this.#exact = false;
      return this.#moveTo(active, Math.min(active.x, this.#core.cols - 1));
    }
    const remembers = joins !== 0 && isSameJoin(last.state, joins) &&
      isSame(last.attributes, penOf(this.#core));
    if (joins !== 0 && !remembers) this.#exact = false;
    const inserts = mapped && joins !== 0 && this.#core.coreService.modes.insertMode;
    const makeRoom = inserts ? `\x1b[${last.insertedWidth}P` : "";
    return this.#moveTo(active, last.column) + makeRoom + this.#toWithoutSlot(last.attributes) + text +
      (remembers ? "" : BREAK);
  }

  /** The character that ends at the cursor. */
  #lastCharacter(active: CoreBuffer): LastCharacter | undefined {
    const line = active.lines.get(active.ybase + active.y);
    const column = active.x > 1 && line.getWidth(active.x - 1) === 0 ? active.x - 2 : active.x - 1;
    if (column < 0 || line.hasContent(column) === 0 || !isWhole(line, column, this.#core.cols)) {
      return undefined;
    }
    const text = line.getString(column);
    const width = line.getWidth(column);
    const state = joinState(this.#core, text);
    if (column + width !== active.x || state === undefined || widthOf(state) !== width) return undefined;
    const insertedWidth = widthOf(this.#core.unicodeService.charProperties(text.codePointAt(0) ?? 0, 0));
    const attributes = cellAttributes(line, column, this.#pen);
    return { text, column, insertedWidth, state, attributes };
  }

  /** Now that the saved cursor is in place, mixtures that need its slot are out of reach. */
  #toWithoutSlot(target: Attributes): string {
    if (isSelfMade(target) || isSame(target, this.#pen.now)) return this.#to(target);
    this.#exact = false;
    return "";
  }

  #moveTo(active: CoreBuffer, column: number): string {
    const { origin } = this.#core.coreService.decPrivateModes;
    if (!origin) return `\x1b[${active.y + 1};${column + 1}H`;
    if (active.y < active.scrollTop || active.y > active.scrollBottom) this.#exact = false;
    return `\x1b[${Math.max(0, active.y - active.scrollTop) + 1};${column + 1}H`;
  }
}

interface LastCharacter {
  text: string;
  column: number;
  /** Columns that printing it in insert mode shifts the line by: joining code points shift nothing. */
  insertedWidth: number;
  /** What the parser remembers after it. */
  state: number;
  attributes: Attributes;
}

function hasSameDerived(one: Attributes, other: Attributes): boolean {
  return ((one.fg ^ other.fg) & FG.underline) === 0 && ((one.bg ^ other.bg) & BG.extended) === 0;
}

/** The pen as a terminal has it. */
export function penOf(core: XtermCore): Attributes {
  const { fg, bg, extended } = core._inputHandler._curAttrData;
  return { fg, bg, ext: extended._ext, link: extended.urlId };
}

function underOf({ ext, link }: Attributes): Attributes {
  const hasStyle = (ext >>> 26 & 7) !== 0;
  const bg = hasStyle || link !== 0 ? BG.extended : 0;
  return { fg: hasStyle ? FG.underline : 0, bg, ext, link };
}

function hasSavedCursor({ savedX, savedY, savedCurAttrData, savedCharset }: CoreBuffer): boolean {
  const { fg, bg } = savedCurAttrData;
  return savedX !== 0 || savedY !== 0 || fg !== 0 || bg !== 0 || savedCharset !== undefined;
}

/** Restoring a cursor saved behind the last column puts it into the last. */
export function savedColumn({ savedX }: CoreBuffer, cols: number): number {
  return Math.min(savedX, cols - 1);
}

function saveWith({ savedCharset }: CoreBuffer): string {
  if (savedCharset === undefined) return "\x1b7";
  return `\x1b(${charsetLetter(savedCharset)}\x1b7\x1b(B`;
}

function margins({ scrollTop, scrollBottom }: CoreBuffer, { rows }: XtermCore): string {
  if (scrollTop === 0 && scrollBottom === rows - 1) return "";
  return `\x1b[${scrollTop + 1};${scrollBottom + 1}r`;
}

function isDefaultTab(column: number): boolean {
  return column % TAB_WIDTH === 0;
}

/** Whether two states of the parser make the next code point join alike. */
export function isSameJoin(one: number, other: number): boolean {
  return joinClass(one) === joinClass(other);
}

/** Width and grapheme class; the other bits tell only how the state came about. */
function joinClass(state: number): number {
  return state === 0 ? 0 : 1 << 8 | (state >> 3 & 0xf) << 2 | state >> 1 & 3;
}
