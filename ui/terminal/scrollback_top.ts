// The top of a terminal's scrollback at one moment, above which older lines can be put. The page's one door to xterm's insides.

import type { Terminal } from "@xterm/xterm";

/** What is used of both builds of xterm: with a screen and without. */
export type BufferTerminal = Pick<Terminal, "cols" | "rows" | "resize">;

interface CoreLine {
  readonly isWrapped: boolean;
  translateToString(trimRight: boolean): string;
}

interface CoreLines {
  readonly length: number;
  readonly maxLength: number;
  get(index: number): CoreLine;
  splice(start: number, deleteCount: number, ...lines: CoreLine[]): void;
  onTrim(listener: () => void): { dispose(): void };
}

interface CoreBuffer {
  readonly lines: CoreLines;
  ybase: number;
  ydisp: number;
  savedY: number;
  addMarker(row: number): { readonly line: number };
}

interface XtermCore {
  readonly buffers: { readonly normal: CoreBuffer; readonly active: CoreBuffer };
  readonly _bufferService: { readonly _onScroll: { fire(row: number): void } };
  readonly _oscLinkService: { _nextId: number; readonly _dataByLinkId: Map<number, unknown> };
  /** These two only where it is on a page. */
  readonly _viewport?: { scrollToLine(row: number, atOnce: boolean): void };
  readonly _selectionService?: {
    readonly _model: { selectionStart?: [number, number]; selectionEnd?: [number, number] };
    refresh(): void;
  };
}

/** Hyperlinks of terminals that lend their lines are numbered from here: no other terminal gets that far. */
const FIRST_LENT_LINK = 2 ** 40;

/** To be called before anything is written to a terminal whose lines are put above another's. */
export function prepareLending(terminal: BufferTerminal): void {
  coreOf(terminal)._oscLinkService._nextId = FIRST_LENT_LINK;
}

export class ScrollbackTop {
  readonly #terminal: BufferTerminal;
  readonly #lines: CoreLines;
  /** Rows from the second line on, and the texts of those above the screen. The first line may be the rest of a longer one. */
  readonly #length: number;
  readonly #texts: string[];
  readonly #trims: { dispose(): void };
  #trimmed = false;

  /** Remembers what the terminal shows now. Throws TypeError when this version of xterm is not built as expected. */
  constructor(terminal: BufferTerminal) {
    const { lines, ybase } = coreOf(terminal).buffers.normal;
    this.#terminal = terminal;
    this.#lines = lines;
    const second = firstStart(lines, 1);
    this.#length = lines.length - second;
    this.#texts = textsOf(lines, { from: second, count: Math.max(0, ybase - second) });
    this.#trims = lines.onTrim(() => {
      this.#trimmed = true;
    });
  }

  /** Nothing belongs above any more, or nobody could tell what: lines were cleared, or there is no room left. */
  get isGone(): boolean {
    return this.#trimmed || this.#texts.length === 0 ||
      coreOf(this.#terminal).buffers.normal.lines !== this.#lines;
  }

  dispose(): void {
    this.#trims.dispose();
  }

  /**
   * Puts lines above, without moving what is in view or selected. `earlier` shows what was shown here when this top was
   * remembered, with more lines above; its lines are given away. Answers how many rows were added: none unless both agree.
   */
  addFrom(earlier: BufferTerminal): number {
    const core = coreOf(this.#terminal);
    const source = coreOf(earlier);
    const { lines } = source.buffers.normal;
    const second = lines.length - this.#length;
    if (this.isGone || !this.#isIn(lines, second)) return 0;
    const marker = source.buffers.normal.addMarker(second);
    earlier.resize(this.#terminal.cols, this.#terminal.rows);
    const replaced = firstStart(this.#lines, 1);
    const room = this.#lines.maxLength - this.#lines.length + replaced;
    const rows = takeRows(lines, { from: Math.max(0, marker.line - room), to: marker.line });
    if (rows.length <= replaced || replaced > core.buffers.normal.ybase) return 0;
    for (const [id, link] of source._oscLinkService._dataByLinkId) {
      core._oscLinkService._dataByLinkId.set(id, link);
    }
    this.#lines.splice(0, replaced, ...rows);
    shiftView(core, rows.length - replaced);
    return rows.length - replaced;
  }

  /** Whether other lines agree with these, from the second line here and from a row there on. */
  #isIn(lines: CoreLines, row: number): boolean {
    if (row <= 0 || lines.get(row).isWrapped) return false;
    const there = textsOf(lines, { from: row, count: this.#texts.length });
    return this.#texts.every((text, index) => text === there[index]);
  }
}

/** The first row at or after `row` that does not continue the one before. */
function firstStart(lines: CoreLines, row: number): number {
  let at = row;
  while (at < lines.length && lines.get(at).isWrapped) at++;
  return at;
}

function textsOf(lines: CoreLines, { from, count }: { from: number; count: number }): string[] {
  return takeRows(lines, { from, to: from + count }).map((line) => line.translateToString(true));
}

function takeRows(lines: CoreLines, { from, to }: { from: number; to: number }): CoreLine[] {
  return Array.from({ length: to - from }, (_, index) => lines.get(from + index));
}

/** Everything that counts rows from the top counts some more. Markers have moved with the lines. */
function shiftView({ buffers, _bufferService, _viewport, _selectionService }: XtermCore, by: number): void {
  const { normal, active } = buffers;
  normal.ybase += by;
  normal.savedY += by;
  normal.ydisp = Math.max(0, normal.ydisp + by);
  if (active !== normal) return;
  const selection = _selectionService?._model;
  if (selection?.selectionStart) selection.selectionStart[1] += by;
  if (selection?.selectionEnd) selection.selectionEnd[1] += by;
  _bufferService._onScroll.fire(normal.ydisp);
  _viewport?.scrollToLine(normal.ydisp, true);
  _selectionService?.refresh();
}

/** What must be there, by path; a newer xterm that moved any of it must not be used by guessing. */
const EXPECTED: Record<string, string> = {
  "buffers.normal.lines.splice": "function",
  "buffers.normal.lines.onTrim": "function",
  "buffers.normal.lines.maxLength": "number",
  "buffers.normal.addMarker": "function",
  "buffers.normal.ybase": "number",
  "buffers.normal.ydisp": "number",
  "buffers.normal.savedY": "number",
  "_bufferService._onScroll.fire": "function",
  "_oscLinkService._nextId": "number",
  "_oscLinkService._dataByLinkId.set": "function",
};

function coreOf(terminal: BufferTerminal): XtermCore {
  const core: unknown = Reflect.get(terminal, "_core");
  for (const [path, type] of Object.entries(EXPECTED)) {
    const found: string = typeof follow(core, path);
    if (found !== type) {
      throw new TypeError(`Cannot use this version of @xterm/xterm: "${path}" is not a ${type}`);
    }
  }
  return core as XtermCore;
}

function follow(value: unknown, path: string): unknown {
  let current = value;
  for (const name of path.split(".")) {
    if (typeof current !== "object" || current === null) return undefined;
    current = Reflect.get(current, name);
  }
  return current;
}
