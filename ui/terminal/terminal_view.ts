// Owns one xterm terminal on the page: renderer, look, size, links, search, text. Answers no queries.

import { FitAddon } from "@xterm/addon-fit";
import { type ISearchOptions, SearchAddon } from "@xterm/addon-search";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { type ILinkHandler, Terminal } from "@xterm/xterm";
import { hasGraphicsCard } from "./graphics_card.ts";
import { KeyModes } from "./key_modes.ts";
import { safeLink } from "./link_policy.ts";
import { limitLoops } from "./loop_limits.ts";
import { ignoreReportingModes, muteQueries } from "./mute_queries.ts";
import { type ColorScheme, TERMINAL_THEMES } from "./themes.ts";

/** How terminals look, from the settings. */
export interface TerminalLook {
  fontSize: number;
  scheme: ColorScheme;
  screenReader: boolean;
}

export interface TerminalViewOptions {
  host: HTMLElement;
  look: TerminalLook;
  /** Replays have no input path at all. */
  readOnly: boolean;
  /** Accessible name of the terminal. */
  label: string;
  /** Full target of the link under the pointer; undefined when there is none. */
  onLink(target: string | undefined): void;
  onSearchResults(found: { index: number; count: number }): void;
}

export interface GridSize {
  cols: number;
  rows: number;
}

/** As the add-on itself looks again after output; its types leave it out. */
type StillSearch = {
  findPrevious(term: string, options: ISearchOptions, how: { noScroll: boolean }): boolean;
};

const SCROLLBACK_LINES = 10_000;
const MIN_FONT_PX = 4;
const FONT_FAMILY =
  'ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';
const MATCH_COLORS = {
  dark: { plain: "#5a4a12", active: "#8a6d10" },
  light: { plain: "#ffe89a", active: "#ffc940" },
};

export class TerminalView {
  readonly terminal: Terminal;
  readonly keyModes = new KeyModes();
  readonly #options: TerminalViewOptions;
  readonly #fit = new FitAddon();
  #search: SearchAddon;
  #term = "";
  #triedWebgl = false;
  #look: TerminalLook;

  constructor(options: TerminalViewOptions) {
    this.#options = options;
    this.#look = options.look;
    this.terminal = new Terminal(terminalOptions(options, this.#linkHandler()));
    muteQueries(this.terminal.parser);
    limitLoops(this.terminal.parser, this.terminal);
    this.keyModes.follow(this.terminal.parser);
    if (options.readOnly) ignoreReportingModes(this.terminal.parser);
    this.#loadAddons();
    this.#search = this.#loadSearch();
    this.terminal.open(options.host);
    this.terminal.textarea?.setAttribute("aria-label", options.label);
  }

  /** The size that fills the pane at the user's font size; undefined while the pane is not visible. */
  proposeSize(): GridSize | undefined {
    if (this.#options.host.clientWidth === 0) return undefined;
    if (this.terminal.options.fontSize !== this.#look.fontSize) this.#setFontSize(this.#look.fontSize);
    const size = this.#fit.proposeDimensions();
    if (size === undefined || !(size.cols > 1) || !(size.rows > 0)) return undefined;
    return { cols: Math.min(1000, size.cols), rows: Math.min(500, size.rows) };
  }

  /** Makes the font as large as it can be, up to the user's size, with the whole grid in the pane. */
  fitFont(): void {
    if (this.#options.host.clientWidth === 0) return;
    let size = this.#look.fontSize;
    this.#setFontSize(size);
    for (
      let overflow = this.#overflow();
      overflow > 1.001 && size > MIN_FONT_PX;
      overflow = this.#overflow()
    ) {
      size = Math.max(MIN_FONT_PX, Math.min(size - 0.25, Math.floor(size / overflow * 4) / 4));
      this.#setFontSize(size);
    }
  }

  setLook(look: TerminalLook): void {
    this.#look = look;
    this.terminal.options.theme = TERMINAL_THEMES[look.scheme];
    this.terminal.options.screenReaderMode = look.screenReader;
    this.#setFontSize(look.fontSize);
  }

  findNext(term: string, options: { incremental?: boolean } = {}): void {
    this.#term = term;
    this.#search.findNext(term, { ...this.#searchOptions(), ...options });
  }

  findPrevious(term: string): void {
    this.#term = term;
    this.#search.findPrevious(term, this.#searchOptions());
  }

  clearSearch(): void {
    this.#term = "";
    this.#search.clearDecorations();
    this.terminal.clearSelection();
  }

  /** Looks again for what is looked for, without moving the view: rows have changed in another way than by output. */
  renewSearch(): void {
    this.#search.dispose();
    this.#search = this.#loadSearch();
    if (this.#term === "") return;
    const options = { ...this.#searchOptions(), incremental: true };
    (this.#search as StillSearch).findPrevious(this.#term, options, { noScroll: true });
  }

  /** While keys would get lost, none are taken. */
  takeKeys(wanted: boolean): void {
    this.terminal.options.disableStdin = !wanted;
    this.terminal.options.cursorBlink = wanted;
  }

  /**
   * Everything in the buffer as text, wrapped lines joined, trailing empty lines left out. Without what a narrower size has
   * cut off: the buffer still has it, and nobody sees it.
   */
  text(): string {
    const { cols, buffer: { active: buffer } } = this.terminal;
    const lines: string[] = [];
    for (let y = 0; y < buffer.length; y++) {
      const line = buffer.getLine(y);
      const goesOn = buffer.getLine(y + 1)?.isWrapped ?? false;
      const text = line?.translateToString(!goesOn, 0, cols) ?? "";
      if (line?.isWrapped && lines.length > 0) lines.push((lines.pop() ?? "") + text);
      else lines.push(text);
    }
    return lines.join("\n").trimEnd();
  }

  /** The lines in view, without trailing blanks. */
  viewText(): string {
    const { cols, buffer: { active } } = this.terminal;
    const rows = Array.from({ length: this.terminal.rows }, (_, row) => active.viewportY + row);
    return rows.map((y) => active.getLine(y)?.translateToString(true, 0, cols) ?? "").join("\n").trimEnd();
  }

  focus(): void {
    this.terminal.focus();
  }

  dispose(): void {
    this.terminal.dispose();
  }

  #loadAddons(): void {
    this.terminal.loadAddon(this.#fit);
    this.terminal.loadAddon(new UnicodeGraphemesAddon());
    this.terminal.loadAddon(
      new WebLinksAddon(openLink, {
        hover: (_event, target) => this.#options.onLink(safeLink(target)),
        leave: () => this.#options.onLink(undefined),
      }),
    );
  }

  #loadSearch(): SearchAddon {
    const search = new SearchAddon();
    this.terminal.loadAddon(search);
    search.onDidChangeResults(({ resultIndex, resultCount }) =>
      this.#options.onSearchResults({ index: resultIndex, count: resultCount })
    );
    return search;
  }

  /**
   * Draws with WebGL from now on: quicker in the long run, but it takes its time to begin. Without a graphics card, or
   * when the context is lost, xterm goes on drawing with DOM elements.
   */
  useWebgl(): void {
    if (this.#triedWebgl) return;
    this.#triedWebgl = true;
    if (!hasGraphicsCard()) return;
    try {
      const webgl = new WebglAddon();
      webgl.onContextLoss(() => webgl.dispose());
      this.terminal.loadAddon(webgl);
    } catch {
      // No WebGL here: the renderer in place already does the job, only slower.
    }
  }

  #linkHandler(): ILinkHandler {
    return {
      allowNonHttpProtocols: false,
      activate: openLink,
      hover: (_event, target) => this.#options.onLink(safeLink(target)),
      leave: () => this.#options.onLink(undefined),
    };
  }

  #setFontSize(size: number): void {
    if (this.terminal.options.fontSize !== size) this.terminal.options.fontSize = size;
  }

  /** How many times larger the grid is than the pane, in its worse direction. */
  #overflow(): number {
    const { host } = this.#options;
    const screen = host.querySelector(".xterm-screen");
    if (screen === null || host.clientHeight === 0) return 1;
    const grid = screen.getBoundingClientRect();
    return Math.max(grid.width / (host.clientWidth - SCROLLBAR_PX), grid.height / host.clientHeight);
  }

  #searchOptions(): ISearchOptions {
    const colors = MATCH_COLORS[this.#look.scheme];
    return {
      decorations: {
        matchBackground: colors.plain,
        activeMatchBackground: colors.active,
        matchOverviewRuler: colors.plain,
        activeMatchColorOverviewRuler: colors.active,
      },
    };
  }
}

/** A terminal that only parses, exactly as those on the page do. */
export function openHiddenTerminal({ cols, rows }: GridSize): Terminal {
  const terminal = new Terminal({
    allowProposedApi: true,
    cols,
    logLevel: "off",
    rows,
    scrollback: SCROLLBACK_LINES,
  });
  limitLoops(terminal.parser, terminal);
  terminal.loadAddon(new UnicodeGraphemesAddon());
  return terminal;
}

/** The scroll bar lies beside the grid. */
const SCROLLBAR_PX = 14;

function terminalOptions(
  options: TerminalViewOptions,
  linkHandler: ILinkHandler,
): ConstructorParameters<typeof Terminal>[0] {
  return {
    allowProposedApi: true,
    cursorBlink: !options.readOnly,
    cursorInactiveStyle: options.readOnly ? "block" : "outline",
    disableStdin: options.readOnly,
    fontFamily: FONT_FAMILY,
    fontSize: options.look.fontSize,
    linkHandler,
    logLevel: "off",
    macOptionClickForcesSelection: true,
    minimumContrastRatio: 4.5,
    rescaleOverlappingGlyphs: true,
    screenReaderMode: options.look.screenReader,
    scrollback: SCROLLBACK_LINES,
    theme: TERMINAL_THEMES[options.look.scheme],
  };
}

/** Only with Ctrl or Cmd held: a plain click belongs to selecting text and to the program. */
function openLink(event: MouseEvent, target: string): void {
  const address = safeLink(target);
  if (address === undefined || !(event.ctrlKey || event.metaKey)) return;
  globalThis.open(address, "_blank", "noopener,noreferrer");
}
