// Modes that xterm does not implement or does not report, but the page follows: a new page must learn of them.
import type { Terminal } from "@xterm/headless";

const COLOR_SCHEME_REPORTS = 2031;
const BLINKING_CURSOR = 12;
const MODIFY_OTHER_KEYS = 4;
/** Programs that push without popping must not grow this for ever. */
const MAX_PUSHED = 16;

type Params = (number | number[])[];

export class ExtraModes {
  #reportsColorScheme = false;
  /** As the program set it; undefined leaves it to the page. */
  #blinks: boolean | undefined;
  #keyFlags: number[] = [];
  #otherKeys = 0;

  /** Follows a terminal's parser for as long as the terminal lives. */
  follow({ parser }: Terminal): void {
    parser.registerCsiHandler({ prefix: "?", final: "h" }, (params) => this.#setModes(params, true));
    parser.registerCsiHandler({ prefix: "?", final: "l" }, (params) => this.#setModes(params, false));
    parser.registerCsiHandler({ prefix: ">", final: "u" }, (params) => this.#pushKeys(number(params[0], 0)));
    parser.registerCsiHandler({ prefix: "<", final: "u" }, (params) => this.#popKeys(number(params[0], 1)));
    parser.registerCsiHandler({ prefix: "=", final: "u" }, (params) => this.#setKeys(params));
    parser.registerCsiHandler({ prefix: ">", final: "m" }, ([resource, level]) => {
      if (resource === MODIFY_OTHER_KEYS) this.#otherKeys = number(level, 0);
      return false;
    });
  }

  /** Sequences that bring a fresh terminal's followers to the same modes. */
  sequences(): string {
    let text = this.#keyFlags.map((flags) => `\x1b[>${flags}u`).join("");
    if (this.#otherKeys > 0) text += `\x1b[>${MODIFY_OTHER_KEYS};${this.#otherKeys}m`;
    if (this.#reportsColorScheme) text += `\x1b[?${COLOR_SCHEME_REPORTS}h`;
    if (this.#blinks !== undefined) text += `\x1b[?${BLINKING_CURSOR}${this.#blinks ? "h" : "l"}`;
    return text;
  }

  #setModes(params: Params, on: boolean): false {
    if (params.includes(COLOR_SCHEME_REPORTS)) this.#reportsColorScheme = on;
    if (params.includes(BLINKING_CURSOR)) this.#blinks = on;
    return false;
  }

  #pushKeys(flags: number): false {
    this.#keyFlags = [...this.#keyFlags, flags].slice(-MAX_PUSHED);
    return false;
  }

  #popKeys(count: number): false {
    this.#keyFlags.splice(Math.max(0, this.#keyFlags.length - Math.max(1, count)));
    return false;
  }

  #setKeys(params: Params): false {
    const flags = number(params[0], 0);
    const how = number(params[1], 1);
    const before = this.#keyFlags.pop() ?? 0;
    this.#keyFlags.push(how === 2 ? before | flags : how === 3 ? before & ~flags : flags);
    return false;
  }
}

function number(param: number | number[] | undefined, fallback: number): number {
  return typeof param === "number" ? param : fallback;
}
