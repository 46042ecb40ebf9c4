// The one door to xterm's insides: what the public API does not tell, typed, and checked before use.
import type { Terminal } from "@xterm/headless";

/** Attributes as xterm packs them: colours and flags in `fg` and `bg`, underline style and colour in `extended`. */
export interface CoreAttributes {
  fg: number;
  bg: number;
  extended: CoreExtended;
}

export interface CoreExtended {
  /** Underline style (bits 26 to 28) and colour (bits 0 to 25), without what a link adds. */
  _ext: number;
  /** Number of the hyperlink, 0 for none. */
  urlId: number;
}

export interface CoreLine {
  readonly length: number;
  readonly isWrapped: boolean;
  getWidth(column: number): number;
  getFg(column: number): number;
  getBg(column: number): number;
  hasContent(column: number): number;
  getString(column: number): string;
  translateToString(trimRight: boolean): string;
  addCodepointToCell(column: number, codePoint: number, width: number): void;
  isCombined(column: number): number;
  /** Cells that do not exist yet are filled with `fill`; shortening needs none. */
  resize(cols: number, fill: unknown): boolean;
  /** Texts of cells with several code points, and of cells that had some. */
  _combined: Record<number, string>;
  /** Only valid for cells whose `bg` has `BG.EXTENDED`. */
  _extendedAttrs: Record<number, CoreExtended | undefined>;
}

/** A character set: replacements for ASCII characters; undefined is plain ASCII. */
export type CoreCharset = Record<string, string | undefined> | undefined;

export interface CoreBuffer {
  readonly lines: { readonly length: number; maxLength: number; get(index: number): CoreLine };
  readonly markers: readonly unknown[];
  x: number;
  y: number;
  ybase: number;
  ydisp: number;
  scrollTop: number;
  scrollBottom: number;
  tabs: Record<number, boolean | undefined>;
  savedX: number;
  savedY: number;
  savedCurAttrData: { fg: number; bg: number };
  savedCharset: CoreCharset;
}

export interface CoreModes {
  applicationCursorKeys: boolean;
  applicationKeypad: boolean;
  bracketedPasteMode: boolean;
  cursorBlink: boolean | undefined;
  cursorStyle: "block" | "underline" | "bar" | undefined;
  origin: boolean;
  reverseWraparound: boolean;
  sendFocus: boolean;
  synchronizedOutput: boolean;
  wraparound: boolean;
}

/** A colour request of OSC 4, 10, 11, 12 or their resets; indexes 256 to 258 are text, background and cursor. */
export interface ColorRequest {
  type: number;
  index?: number;
  color?: [number, number, number];
}

interface CoreParams {
  params: ArrayLike<number>;
  length: number;
}

export interface XtermCore {
  readonly cols: number;
  readonly rows: number;
  readonly buffers: { readonly normal: CoreBuffer; readonly alt: CoreBuffer; readonly active: CoreBuffer };
  readonly coreService: {
    readonly modes: { readonly insertMode: boolean };
    readonly decPrivateModes: CoreModes;
    readonly isCursorHidden: boolean;
  };
  readonly coreMouseService: { readonly activeProtocol: string; readonly activeEncoding: string };
  readonly unicodeService: { charProperties(codePoint: number, preceding: number): number };
  readonly optionsService: { readonly rawOptions: { convertEol: boolean; cursorBlink: boolean } };
  readonly _charsetService: {
    readonly charset: CoreCharset;
    readonly glevel: number;
    readonly _charsets: readonly CoreCharset[];
  };
  readonly _oscLinkService: { getLinkData(id: number): { id?: string; uri: string } | undefined };
  readonly _inputHandler: {
    readonly _curAttrData: CoreAttributes;
    readonly _windowTitle: string;
    readonly _parser: { readonly currentState: number; readonly precedingJoinState: number };
    parse(bytes: Uint8Array): void | Promise<boolean>;
    onColor(listener: (requests: ColorRequest[]) => void): unknown;
    setHyperlink(data: string): boolean;
    eraseInDisplay(params: CoreParams, selective: boolean): boolean;
    eraseInLine(params: CoreParams, selective: boolean): boolean;
    insertLines(params: CoreParams): boolean;
    deleteLines(params: CoreParams): boolean;
    scrollUp(params: CoreParams): boolean;
    scrollDown(params: CoreParams): boolean;
    cursorForwardTab(params: CoreParams): boolean;
    cursorBackwardTab(params: CoreParams): boolean;
    repeatPrecedingCharacter(params: CoreParams): boolean;
  };
}

export const COLOR_REQUEST = { report: 0, set: 1, restore: 2 } as const;

/** Where colours sit in `fg`, `bg` and the underline colour. */
export const COLOR = {
  mask: 0x3ffffff,
  modeMask: 0x3000000,
  ansi16: 0x1000000,
  palette: 0x2000000,
  rgb: 0x3000000,
  valueMask: 0xffffff,
  indexMask: 0xff,
} as const;

export const FG = {
  inverse: 0x4000000,
  bold: 0x8000000,
  underline: 0x10000000,
  blink: 0x20000000,
  invisible: 0x40000000,
  strikethrough: 0x80000000,
} as const;

export const BG = {
  italic: 0x4000000,
  dim: 0x8000000,
  extended: 0x10000000,
  protected: 0x20000000,
  overline: 0x40000000,
} as const;

/** Bits 26 to 28 of `_ext`. */
export const UNDERLINE_STYLE_SHIFT = 26;

/** What must be there, by path; a newer xterm that moved any of it must not be used by guessing. */
const EXPECTED: Record<string, string> = {
  "buffers.normal.lines.get": "function",
  "buffers.normal.lines.maxLength": "number",
  "buffers.normal.markers": "object",
  "buffers.normal.savedCurAttrData.fg": "number",
  "buffers.normal.savedX": "number",
  "buffers.normal.savedY": "number",
  "buffers.normal.scrollBottom": "number",
  "buffers.normal.tabs": "object",
  "buffers.normal.ybase": "number",
  "buffers.alt.savedX": "number",
  "coreService.modes.insertMode": "boolean",
  "coreService.decPrivateModes.wraparound": "boolean",
  "coreService.decPrivateModes.synchronizedOutput": "boolean",
  "coreService.isCursorHidden": "boolean",
  "coreMouseService.activeProtocol": "string",
  "coreMouseService.activeEncoding": "string",
  "unicodeService.charProperties": "function",
  "optionsService.rawOptions.convertEol": "boolean",
  "_charsetService.glevel": "number",
  "_charsetService._charsets": "object",
  "_oscLinkService.getLinkData": "function",
  "_inputHandler._curAttrData.extended._ext": "number",
  "_inputHandler._curAttrData.extended.urlId": "number",
  "_inputHandler._windowTitle": "string",
  "_inputHandler._parser.currentState": "number",
  "_inputHandler._parser.precedingJoinState": "number",
  "_inputHandler.parse": "function",
  "_inputHandler.onColor": "function",
  "_inputHandler.setHyperlink": "function",
  "_inputHandler.eraseInDisplay": "function",
  "_inputHandler.eraseInLine": "function",
  "_inputHandler.scrollUp": "function",
  "_inputHandler.repeatPrecedingCharacter": "function",
};

const EXPECTED_OF_A_LINE = [
  "getWidth",
  "getFg",
  "getBg",
  "hasContent",
  "getString",
  "translateToString",
  "addCodepointToCell",
  "isCombined",
  "resize",
  "_combined",
  "_extendedAttrs",
];

/** The insides of a terminal. Throws when this version of xterm is not built as expected. */
export function coreOf(terminal: Terminal): XtermCore {
  const core: unknown = Reflect.get(terminal, "_core");
  for (const [path, type] of Object.entries(EXPECTED)) {
    const found: string = typeof follow(core, path);
    if (found !== type) {
      throw new TypeError(`Cannot use this version of @xterm/headless: "${path}" is not a ${type}`);
    }
  }
  const checked = core as XtermCore;
  const line = checked.buffers.normal.lines.get(0);
  const missing = EXPECTED_OF_A_LINE.find((name) => !(name in line));
  if (missing !== undefined) {
    throw new TypeError(`Cannot use this version of @xterm/headless: lines have no "${missing}"`);
  }
  return checked;
}

/** Parses at once, so that state and offset always belong together. */
export function parseNow(core: XtermCore, bytes: Uint8Array): void {
  if (core._inputHandler.parse(bytes) !== undefined) {
    throw new TypeError("Cannot parse at once: a handler of the terminal is asynchronous");
  }
}

function follow(value: unknown, path: string): unknown {
  let current = value;
  for (const name of path.split(".")) {
    if (typeof current !== "object" || current === null) return undefined;
    current = Reflect.get(current, name);
  }
  return current;
}
