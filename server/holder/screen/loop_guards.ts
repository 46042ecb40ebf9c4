// Keeps single sequences from taking minutes: xterm repeats what they ask for as often as they ask.
import type { Terminal } from "@xterm/headless";
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

/** Code units that repeating a character of many code points may print. */
const MAX_REPEATED = 1 << 20;

/** Registers the handlers; the screen ends up as it would have without them. */
export function guardLoops(terminal: Terminal, core: XtermCore): void {
  const { parser } = terminal;
  const handler = core._inputHandler;
  for (const [final, method, limit] of SATURATING) {
    parser.registerCsiHandler({ final }, ([count]) => {
      if (typeof count !== "number" || count <= core[limit]) return false;
      return handler[method]({ params: [core[limit]], length: 1 });
    });
  }
  parser.registerCsiHandler({ final: "b" }, ([count]) => {
    const enough = enoughRepetitions(core, typeof count === "number" ? count : 1);
    return enough === undefined ? false : handler.repeatPrecedingCharacter({ params: [enough], length: 1 });
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

/**
 * Repetitions that fill the scrollback and end in the same column as `count` of them would; characters of many code
 * points are repeated less often. Undefined when `count` itself is few enough.
 */
function enoughRepetitions(core: XtermCore, count: number): number | undefined {
  const { active } = core.buffers;
  const length = lengthOfLast(core);
  if (length > 2) return count * length <= MAX_REPEATED ? undefined : Math.floor(MAX_REPEATED / length);
  const period = core.cols * 2 * (core.cols >> 1);
  const fill = core.cols * (active.lines.maxLength + core.rows + MAX_CELL_LENGTH);
  const limit = Math.ceil(fill / period) * period;
  return count <= limit + period ? undefined : limit + count % period;
}

function lengthOfLast(core: XtermCore): number {
  const { active } = core.buffers;
  const width = core._inputHandler._parser.precedingJoinState >> 1 & 3;
  return active.x < width ? 0 : active.lines.get(active.ybase + active.y).getString(active.x - width).length;
}
