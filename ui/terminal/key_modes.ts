// Follows how a program wants modified keys encoded, so that Shift+Enter means a new line to it.

import type { QueryParser } from "./mute_queries.ts";

/** Progressive keyboard flags a program pushed, and xterm's older modifyOtherKeys level. */
export class KeyModes {
  #flags: number[] = [];
  #otherKeys = 0;

  /** Follows the sequences seen by a terminal's parser. */
  follow(parser: QueryParser): void {
    parser.registerCsiHandler({ prefix: ">", final: "u" }, ([flags]) => {
      this.#flags.push(typeof flags === "number" ? flags : 0);
      this.#flags = this.#flags.slice(-MAX_PUSHED);
      return true;
    });
    parser.registerCsiHandler({ prefix: "<", final: "u" }, ([count]) => {
      const pops = typeof count === "number" ? Math.max(1, count) : 1;
      this.#flags.splice(Math.max(0, this.#flags.length - pops));
      return true;
    });
    parser.registerCsiHandler({ prefix: "=", final: "u" }, ([flags, how]) => {
      this.#set(typeof flags === "number" ? flags : 0, typeof how === "number" ? how : 1);
      return true;
    });
    parser.registerCsiHandler({ prefix: ">", final: "m" }, ([resource, level]) => {
      if (resource === 4) this.#otherKeys = typeof level === "number" ? level : 0;
      return true;
    });
  }

  /** A reset screen starts with plain keys. */
  reset(): void {
    this.#flags = [];
    this.#otherKeys = 0;
  }

  /** What Shift+Enter sends: a kitty or xterm key report if asked for, else ESC CR. */
  get shiftEnter(): string {
    if ((this.#flags.at(-1) ?? 0) > 0) return "\x1b[13;2u";
    return this.#otherKeys > 0 ? "\x1b[27;2;13~" : "\x1b\r";
  }

  #set(flags: number, how: number): void {
    const before = this.#flags.pop() ?? 0;
    this.#flags.push(how === 2 ? before | flags : how === 3 ? before & ~flags : flags);
  }
}

/** Programs that push without popping must not grow this for ever. */
const MAX_PUSHED = 16;
