// Finds the letter that designates a character set of xterm, and the character that prints another under one.
import xterm from "@xterm/headless";
import { type CoreCharset, coreOf, parseNow } from "./xterm_core.ts";

const LETTERS = ["0", "A", "4", "5", "R", "Q", "K", "Y", "6", "Z", "7", "="];

/** The sets are shared by all terminals, so one terminal can be asked for each. */
const LETTER_OF: ReadonlyMap<CoreCharset, string> = askForSets();

/** The final byte that designates the set; `B` for plain ASCII. */
export function charsetLetter(charset: CoreCharset): string {
  return LETTER_OF.get(charset) ?? "B";
}

/** What to send so that `text` appears while `charset` is active. Undefined when nothing does. */
export function encodeFor(text: string, charset: CoreCharset): string | undefined {
  if (charset === undefined) return text;
  let encoded = "";
  for (const character of text) {
    const source = sourceOf(character, charset);
    if (source === undefined) return undefined;
    encoded += source;
  }
  return encoded;
}

function sourceOf(character: string, charset: Record<string, string | undefined>): string | undefined {
  if (character >= "\x7f" || charset[character] === undefined) return character;
  return Object.keys(charset).find((key) => charset[key] === character);
}

function askForSets(): ReadonlyMap<CoreCharset, string> {
  const core = coreOf(new xterm.Terminal({ cols: 2, rows: 1, scrollback: 0 }));
  const letters = new Map<CoreCharset, string>();
  for (const letter of LETTERS) {
    parseNow(core, new TextEncoder().encode(`\x1b(${letter}`));
    letters.set(core._charsetService.charset, letter);
  }
  return letters;
}
