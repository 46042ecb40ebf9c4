// Writes a terminal's modes as the sequences that switch them on, from a terminal with default modes.
import type { XtermCore } from "./xterm_core.ts";

const MOUSE_PROTOCOLS: Record<string, string> = {
  X10: "\x1b[?9h",
  VT200: "\x1b[?1000h",
  DRAG: "\x1b[?1002h",
  ANY: "\x1b[?1003h",
};
const MOUSE_ENCODINGS: Record<string, string> = { SGR: "\x1b[?1006h", SGR_PIXELS: "\x1b[?1016h" };

/** DECSCUSR parameters of the steady shapes; the blinking ones are one less. */
const STEADY_SHAPES = { block: 2, underline: 4, bar: 6 };
/** A parameter beyond the known ones sets blinking alone. */
const STEADY_ONLY = 8;

/** All modes but the origin mode, which moves the cursor. */
export function modeSequences(core: XtermCore): string {
  const { coreService, coreMouseService, optionsService } = core;
  const modes = coreService.decPrivateModes;
  const on: [boolean, string][] = [
    [coreService.modes.insertMode, "\x1b[4h"],
    [optionsService.rawOptions.convertEol, "\x1b[20h"],
    [modes.applicationCursorKeys, "\x1b[?1h"],
    [modes.applicationKeypad, "\x1b="],
    [modes.bracketedPasteMode, "\x1b[?2004h"],
    [modes.reverseWraparound, "\x1b[?45h"],
    [modes.sendFocus, "\x1b[?1004h"],
    [!modes.wraparound, "\x1b[?7l"],
    [coreService.isCursorHidden, "\x1b[?25l"],
    [modes.synchronizedOutput, "\x1b[?2026h"],
  ];
  return on.map(([isOn, sequence]) => isOn ? sequence : "").join("") +
    (MOUSE_PROTOCOLS[coreMouseService.activeProtocol] ?? "") +
    (MOUSE_ENCODINGS[coreMouseService.activeEncoding] ?? "") + cursorStyle(core);
}

function cursorStyle(core: XtermCore): string {
  const { cursorStyle, cursorBlink } = core.coreService.decPrivateModes;
  if (cursorBlink === undefined) return "";
  const steady = cursorStyle === undefined ? STEADY_ONLY : STEADY_SHAPES[cursorStyle];
  return `\x1b[${cursorBlink ? steady - 1 : steady} q`;
}
