// Keeps hostile sequences from hanging or breaking a page's terminal. The server's screen handles them exactly; here they are
// left out, and the next snapshot puts right what differs.
import type { QueryParser } from "./mute_queries.ts";

/** Where the cursor is, as xterm tells. */
export interface CursorPlace {
  readonly cols: number;
  readonly buffer: {
    readonly active: {
      readonly cursorX: number;
      readonly cursorY: number;
      readonly baseY: number;
      readonly length: number;
    };
  };
}

/** xterm does one round per line, column or character asked for; no terminal has so many. */
const MAX_ROUNDS = 5000;
/** Insert and delete lines, scroll up and down, tab forward and back, repeat a character. */
const REPEATING = ["L", "M", "S", "T", "I", "Z", "b"];
const ERASE_ABOVE = 1;

/** Registers the handlers; they live as long as the terminal. */
export function limitLoops(parser: QueryParser, place: CursorPlace): void {
  for (const final of REPEATING) {
    parser.registerCsiHandler({ final }, ([count]) => typeof count === "number" && count > MAX_ROUNDS);
  }
  for (const id of [{ final: "J" }, { prefix: "?", final: "J" }]) {
    parser.registerCsiHandler(id, ([part]) => part === ERASE_ABOVE && isAtVeryEnd(place));
  }
}

/** In the last cell there is, xterm looks for a line below, fails, and parses nothing any more. */
function isAtVeryEnd({ cols, buffer: { active } }: CursorPlace): boolean {
  return active.cursorX + 1 >= cols && active.baseY + active.cursorY + 1 >= active.length;
}
