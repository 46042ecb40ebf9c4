// Keeps single sequences from taking minutes: xterm repeats what they ask for as often as they ask.
import type { Terminal } from "@xterm/headless";
import { widthOf } from "./line_painter.ts";
import type { CoreLine, XtermCore } from "./xterm_core.ts";

type Repeated =
  | "insertLines"
  | "deleteLines"
  | "scrollUp"
  | "scrollDown"
  | "cursorForwardTab"
  | "cursorBackwardTab";

/** Handlers that do nothing new after as many rounds as there are rows or columns. */
const SATURATING: [final: string, method: Repeated, limit: "rows" | "cols"][] = [
  ["L", "insertLines", "rows"],
  ["M", "deleteLines", "rows"],
  ["S", "scrollUp", "rows"],
  ["T", "scrollDown", "rows"],
  ["I", "cursorForwardTab", "cols"],
  ["Z", "cursorBackwardTab", "cols"],
];

/** Hyperlinks that a buffer keeps track of at once: each costs at every scrolled line. */
const MAX_LIVE_LINKS = 2000;

/** UTF-16 units in one cell; the longest emoji have about 30. */
const MAX_CELL_LENGTH = 128;

/** Characters that one write may repeat; what would go beyond that is left out. */
const MAX_REPEATED = 1 << 20;

/**
 * Registers the handlers; the screen ends up as it would have without them, except after absurd repetition. The
 * function it answers is to be called before each write.
 */
export function guardLoops(terminal: Terminal, core: XtermCore): () => void {
  const { parser } = terminal;
  const handler = core._inputHandler;
  for (const [final, method, limit] of SATURATING) {
    parser.registerCsiHandler({ final }, ([count]) => {
      if (typeof count !== "number" || count <= core[limit]) return false;
      return handler[method]({ params: [core[limit]], length: 1 });
    });
  }
  let repetitionsLeft = MAX_REPEATED;
  parser.registerCsiHandler({ final: "b" }, ([asked]) => {
    const count = enoughRepetitions(core, typeof asked === "number" ? asked : 1);
    repetitionsLeft -= count * Math.max(1, lengthOfLast(core));
    return repetitionsLeft < 0 || handler.repeatPrecedingCharacter({ params: [count], length: 1 });
  });
  for (const prefix of ["", "?"]) {
    parser.registerCsiHandler({ prefix, final: "J" }, ([part]) => {
      return part === 1 && isBeforeNothing(core) && eraseAbove(core, prefix === "?");
    });
  }
  parser.registerOscHandler(8, () => {
    return core.buffers.active.markers.length >= MAX_LIVE_LINKS && handler.setHyperlink(";");
  });
  limitCombining(core.buffers.normal.lines.get(0));
  return () => void (repetitionsLeft = MAX_REPEATED);
}

/** From the last cell on, xterm looks for a line below the last one, and fails where there is none. */
function isBeforeNothing({ buffers: { active }, cols }: XtermCore): boolean {
  const below: CoreLine | undefined = active.lines.get(active.y + 1);
  return active.x + 1 >= cols && below === undefined;
}

/** What erasing above would do if it did not fail. */
function eraseAbove(core: XtermCore, selective: boolean): true {
  const { active } = core.buffers;
  const { x, y } = active;
  const handler = core._inputHandler;
  if (y > 0) {
    active.x = core.cols - 1;
    active.y = y - 1;
    handler.eraseInDisplay(PART_BEFORE, selective);
    active.x = x;
    active.y = y;
  }
  handler.eraseInLine(WHOLE, selective);
  return true;
}

const PART_BEFORE = { params: [1], length: 1 };
const WHOLE = { params: [2], length: 1 };

/** Marks without end must not make a cell without end: further ones of the same character are dropped. */
function limitCombining(line: CoreLine): void {
  const prototype: CoreLine = Object.getPrototypeOf(line);
  const add = prototype.addCodepointToCell;
  if (add.name === addWithinLimit.name) return;
  function addWithinLimit(this: CoreLine, column: number, codePoint: number, width: number): void {
    if (this.getString(column).length < MAX_CELL_LENGTH) add.call(this, column, codePoint, width);
  }
  prototype.addCodepointToCell = addWithinLimit;
}

/** As many as asked for, or as many as fill the scrollback and end in the same column. */
function enoughRepetitions(core: XtermCore, asked: number): number {
  const period = core.cols * 2 * (core.cols >> 1);
  const fill = core.cols * (core.buffers.active.lines.maxLength + core.rows + MAX_CELL_LENGTH);
  const limit = Math.ceil(fill / period) * period;
  return asked <= limit + period ? asked : limit + asked % period;
}

/** Length of the character that would be repeated. */
function lengthOfLast(core: XtermCore): number {
  const { active } = core.buffers;
  const width = widthOf(core._inputHandler._parser.precedingJoinState);
  return active.x < width ? 0 : active.lines.get(active.ybase + active.y).getString(active.x - width).length;
}
