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

/** Code points that one repetition may print. */
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
  parser.registerOscHandler(8, () => {
    return core.buffers.active.markers.length >= MAX_LIVE_LINKS && handler.setHyperlink(";");
  });
  limitCombining(core.buffers.normal.lines.get(0));
}

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
 * Repetitions that fill the scrollback and end in the same column as `count` of them would. Undefined when `count`
 * itself is few enough.
 */
function enoughRepetitions(core: XtermCore, count: number): number | undefined {
  const { active } = core.buffers;
  const width = Math.max(1, core._inputHandler._parser.precedingJoinState >> 1 & 3);
  const perLine = Math.max(1, Math.floor(core.cols / width));
  const most = perLine * (active.lines.maxLength + core.rows);
  const line = active.lines.get(active.ybase + active.y);
  const length = Math.max(1, active.x < width ? 1 : line.getString(active.x - width).length);
  const limit = Math.min(most, Math.floor(MAX_REPEATED / length / perLine) * perLine);
  return count <= limit + perLine ? undefined : limit + (count - limit) % perLine;
}
