// The colours of a terminal: a theme, and what programs changed of it.
import { COLOR_REQUEST, type ColorRequest } from "./xterm_core.ts";

/** Colours as `#rrggbb`. */
export interface ScreenTheme {
  foreground: string;
  background: string;
  cursor: string;
  /** The 16 ANSI colours: black to white, then the bright ones. */
  ansi: readonly string[];
}

type Rgb = readonly [red: number, green: number, blue: number];

/** What programs are told without a theme: the page's dark one. */
export const DARK_THEME: ScreenTheme = {
  foreground: "#dcdfe4",
  background: "#0c0d10",
  cursor: "#e6e7ea",
  ansi: [
    ...["#23262d", "#f2777a", "#7fd88f", "#e5c07b", "#7aa2ff", "#c79bff", "#6cd0d8", "#d0d4db"],
    ...["#868c97", "#ff9b9b", "#a1ebae", "#f6d999", "#a3bfff", "#dcc0ff", "#97e5eb", "#f4f5f7"],
  ],
};

const FOREGROUND = 256;
const BACKGROUND = 257;
const CURSOR = 258;

const CUBE_LEVELS = [0, 95, 135, 175, 215, 255];

export class Palette {
  readonly #theme: ScreenTheme;
  readonly #changed = new Map<number, Rgb>();

  constructor(theme: ScreenTheme) {
    this.#theme = theme;
  }

  get isDark(): boolean {
    const [red, green, blue] = this.#color(BACKGROUND);
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  }

  /** Takes what a program asked for; answers the sequence to send back, if any. */
  handle(request: ColorRequest): string {
    if (request.type === COLOR_REQUEST.report && request.index !== undefined) {
      return this.#report(request.index);
    }
    if (request.type === COLOR_REQUEST.set && request.index !== undefined && request.color !== undefined) {
      this.#changed.set(request.index, request.color);
    } else if (request.type === COLOR_REQUEST.restore) this.#restore(request.index);
    return "";
  }

  /** Sequences that make the same changes in another terminal, whatever was changed there. */
  sequences(): string {
    let text = "\x1b]104\x1b\\\x1b]110\x1b\\\x1b]111\x1b\\\x1b]112\x1b\\";
    for (const [index, color] of this.#changed) {
      text += `\x1b]${command(index)};${specification(color, 1)}\x1b\\`;
    }
    return text;
  }

  /** A reset without an index is of the 256 colours only. */
  #restore(index: number | undefined): void {
    if (index !== undefined) this.#changed.delete(index);
    else for (const each of [...this.#changed.keys()]) if (each < FOREGROUND) this.#changed.delete(each);
  }

  #report(index: number): string {
    return `\x1b]${command(index)};${specification(this.#color(index), 2)}\x1b\\`;
  }

  #color(index: number): Rgb {
    return this.#changed.get(index) ?? themeColor(this.#theme, index);
  }
}

function command(index: number): string {
  return index < FOREGROUND ? `4;${index}` : `${index - FOREGROUND + 10}`;
}

function themeColor(theme: ScreenTheme, index: number): Rgb {
  if (index === FOREGROUND) return parseHex(theme.foreground);
  if (index === BACKGROUND) return parseHex(theme.background);
  if (index === CURSOR) return parseHex(theme.cursor);
  if (index < 16) return parseHex(theme.ansi[index] ?? theme.foreground);
  if (index >= 232) return grey(8 + 10 * (index - 232));
  const cube = index - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6)), level(cube)];
}

function level(step: number): number {
  return CUBE_LEVELS[step % 6] ?? 0;
}

function grey(value: number): Rgb {
  return [value, value, value];
}

function parseHex(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff];
}

/** X11 colour text; `repeat` 2 gives the 16-bit channels that programs expect in answers. */
function specification(color: Rgb, repeat: number): string {
  return `rgb:${color.map((channel) => channel.toString(16).padStart(2, "0").repeat(repeat)).join("/")}`;
}
