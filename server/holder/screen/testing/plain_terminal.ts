// An xterm as a page would have it: the measure that screens are compared with.
import graphemes from "@xterm/addon-unicode-graphemes";
import xterm from "@xterm/headless";
import type { Terminal } from "@xterm/headless";
import type { ScreenSnapshot } from "../screen.ts";
import { resizeTerminal } from "../terminal_resize.ts";
import { coreOf, parseNow, type XtermCore } from "../xterm_core.ts";

export interface TerminalShape {
  cols: number;
  rows: number;
  scrollback: number;
}

export class PlainTerminal {
  readonly terminal: Terminal;
  readonly core: XtermCore;

  constructor(shape: TerminalShape) {
    this.terminal = new xterm.Terminal({ ...shape, allowProposedApi: true, logLevel: "off" });
    this.terminal.loadAddon(new graphemes.UnicodeGraphemesAddon());
    this.core = coreOf(this.terminal);
  }

  /** A fresh terminal that has read a snapshot. */
  static from({ cols, rows, ansi }: ScreenSnapshot, scrollback: number): PlainTerminal {
    const terminal = new PlainTerminal({ cols, rows, scrollback });
    terminal.write(new TextEncoder().encode(ansi));
    return terminal;
  }

  write(bytes: Uint8Array): void {
    parseNow(this.core, bytes);
  }

  /** Like screens do it, without what xterm keeps out of sight: no snapshot can hold that. */
  resize(size: { cols: number; rows: number }): void {
    resizeTerminal(this.terminal, this.core, size);
  }
}
