// Compares everything two terminals know: every cell of both buffers, cursors, margins, tabs, modes, pens.
import { isSameJoin, savedColumn } from "../screen_writer.ts";
import { BG, type CoreBuffer, type CoreExtended, type CoreLine, type XtermCore } from "../xterm_core.ts";

/** The first difference in words; undefined when there is none. */
export function findDifference(one: XtermCore, other: XtermCore): string | undefined {
  return compareLists("state", describe(one), describe(other)) ??
    compareBuffers("normal", [one, one.buffers.normal], [other, other.buffers.normal]) ??
    compareBuffers("alternate", [one, one.buffers.alt], [other, other.buffers.alt]) ??
    (isSameJoin(joinState(one), joinState(other))
      ? undefined
      : `joins: ${joinState(one)} / ${joinState(other)}`);
}

function joinState(core: XtermCore): number {
  return core._inputHandler._parser.precedingJoinState;
}

function describe(core: XtermCore): [string, unknown][] {
  const { coreService, coreMouseService, _charsetService, _inputHandler, optionsService, buffers } = core;
  const { fg, bg, extended } = _inputHandler._curAttrData;
  const { active } = buffers;
  return [
    ["cols", core.cols],
    ["rows", core.rows],
    ["parser state", _inputHandler._parser.currentState],
    ["active", active === buffers.normal ? "normal" : "alternate"],
    ["cursor", `${active.x},${active.y}`],
    ["insert", coreService.modes.insertMode],
    ...Object.entries(coreService.decPrivateModes),
    ["cursor hidden", coreService.isCursorHidden],
    ["mouse", `${coreMouseService.activeProtocol} ${coreMouseService.activeEncoding}`],
    ["newline mode", optionsService.rawOptions.convertEol],
    ["blink option", optionsService.rawOptions.cursorBlink],
    ["pen", `${fg >>> 0} ${bg >>> 0} ${extended._ext >>> 0} ${linkText(core, extended)}`],
    ["glevel", _charsetService.glevel],
    ["charset", charsetText(_charsetService.charset)],
    ["charsets", [0, 1, 2, 3].map((slot) => charsetText(_charsetService._charsets[slot])).join()],
  ];
}

function compareLists(
  what: string,
  one: [string, unknown][],
  other: [string, unknown][],
): string | undefined {
  for (const [index, [name, value]] of one.entries()) {
    const otherValue = other[index]?.[1];
    if (!isEqual(value, otherValue)) return `${what}, ${name}: ${value} / ${otherValue}`;
  }
  return undefined;
}

function compareBuffers(
  name: string,
  [core, buffer]: [XtermCore, CoreBuffer],
  [otherCore, other]: [XtermCore, CoreBuffer],
): string | undefined {
  const difference = compareLists(name, describeBuffer(core, buffer), describeBuffer(otherCore, other));
  if (difference !== undefined) return difference;
  for (let index = 0; index < buffer.lines.length; index++) {
    const [line, otherLine] = [buffer.lines.get(index), other.lines.get(index)];
    const lineDifference = compareLines([core, line], [otherCore, otherLine]);
    if (lineDifference !== undefined) return `${name} line ${index}: ${lineDifference}`;
  }
  return undefined;
}

function describeBuffer(core: XtermCore, buffer: CoreBuffer): [string, unknown][] {
  const tabs = Object.keys(buffer.tabs).map(Number).filter((tab) => buffer.tabs[tab] && tab < core.cols);
  const saved = buffer.savedCurAttrData;
  return [
    ["lines", buffer.lines.length],
    ["first line of the screen", buffer.ybase],
    ["row", buffer.y],
    ["margins", `${buffer.scrollTop}-${buffer.scrollBottom}`],
    ["tabs", tabs.join()],
    ["saved cursor", `${savedColumn(buffer, core.cols)},${buffer.savedY}`],
    ["saved pen", `${saved.fg >>> 0} ${saved.bg >>> 0}`],
    ["saved charset", charsetText(buffer.savedCharset)],
  ];
}

function compareLines(
  [core, line]: [XtermCore, CoreLine],
  [otherCore, other]: [XtermCore, CoreLine],
): string | undefined {
  if (line.isWrapped !== other.isWrapped) return `wrapped ${line.isWrapped} / ${other.isWrapped}`;
  for (let column = 0; column < core.cols; column++) {
    const [cell, otherCell] = [cellText(core, line, column), cellText(otherCore, other, column)];
    if (!isEqual(cell, otherCell)) return `column ${column}: ${cell} / ${otherCell}`;
  }
  return undefined;
}

function cellText(core: XtermCore, line: CoreLine, column: number): string {
  const [fg, bg] = [line.getFg(column) >>> 0, line.getBg(column) >>> 0];
  const extended = bg & BG.extended ? line._extendedAttrs[column] : undefined;
  const more = extended === undefined ? "" : ` ${extended._ext >>> 0} ${linkText(core, extended)}`;
  return `${JSON.stringify(line.getString(column))} width ${line.getWidth(column)} ${fg.toString(16)} ${
    bg.toString(16)
  }${more}`;
}

/** When a terminal forgets a link depends on lines that are gone: a forgotten one equals any other. */
function linkText(core: XtermCore, { urlId }: CoreExtended): string {
  if (urlId === 0) return "no link";
  const data = core._oscLinkService.getLinkData(urlId);
  return data === undefined || data.uri === "lost:" ? FORGOTTEN : `link ${data.id ?? ""} ${data.uri}`;
}

const FORGOTTEN = "link ?";

function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "string" || typeof other !== "string") return false;
  if (!one.endsWith(FORGOTTEN) && !other.endsWith(FORGOTTEN)) return false;
  return one.replace(LINK_AT_END, "") === other.replace(LINK_AT_END, "");
}

const LINK_AT_END = /link [^"]*$/;

function charsetText(charset: Record<string, string | undefined> | undefined): string {
  return charset === undefined ? "ASCII" : Object.values(charset).join("");
}
