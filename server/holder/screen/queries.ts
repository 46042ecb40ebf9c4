// Answers what programs ask their terminal. Only the server's screen answers; the pages' terminals never do.
import type { Terminal } from "@xterm/headless";
import type { Palette } from "./palette.ts";
import { sgrParameters } from "./pen.ts";
import { penOf } from "./screen_writer.ts";
import type { XtermCore } from "./xterm_core.ts";

/** As xterm.js itself names itself where it is asked. */
const TERMINAL_VERSION = "xterm.js(6.0.0)";
const COLOR_SCHEME = 996;

export interface QueryOptions {
  core: XtermCore;
  palette: Palette;
  reply(text: string): void;
}

/**
 * Registers the handlers; they live as long as the terminal. Device attributes, status, cursor position and modes
 * are answered by xterm. Never answered: clipboard (OSC 52), title and window reports, kitty keyboard flags.
 */
export function answerQueries(terminal: Terminal, { core, palette, reply }: QueryOptions): void {
  const { parser } = terminal;
  terminal.onData(reply);
  core._inputHandler.onColor((requests) => {
    for (const request of requests) {
      const answer = palette.handle(request);
      if (answer !== "") reply(answer);
    }
  });
  parser.registerCsiHandler({ prefix: ">", final: "q" }, ([param]) => {
    if (param === 0) reply(`\x1bP>|${TERMINAL_VERSION}\x1b\\`);
    return true;
  });
  parser.registerCsiHandler({ prefix: "=", final: "c" }, ([param]) => {
    if (param === 0) reply("\x1bP!|00000000\x1b\\");
    return true;
  });
  parser.registerCsiHandler({ prefix: "?", final: "n" }, ([param]) => {
    if (param !== COLOR_SCHEME) return false;
    reply(`\x1b[?997;${palette.isDark ? 1 : 2}n`);
    return true;
  });
  parser.registerOscHandler(7501, (data) => {
    if (data !== "?") return false;
    reply("\x1b]7501;?\x1b\\");
    return true;
  });
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, (data) => {
    const setting = settingOf(core, data);
    if (setting !== undefined) reply(`\x1bP1$r${setting}\x1b\\`);
    return setting !== undefined;
  });
}

/** Settings that xterm does not report as they are. */
function settingOf(core: XtermCore, name: string): string | undefined {
  if (name === "m") return `${sgrParameters(penOf(core))}m`;
  if (name !== " q") return undefined;
  const { cursorStyle, cursorBlink } = core.coreService.decPrivateModes;
  const steady = { block: 2, underline: 4, bar: 6 }[cursorStyle ?? "block"];
  return `${cursorBlink === true ? steady - 1 : steady} q`;
}
