// Turns what a terminal showed or a keyboard sent into text alone: no sequences, no control characters, no pointer.
import { AnsiStripper } from "../../usage/ansi_stripper.ts";

const ESC = "\u001b";
/** Reports of the pointer in the oldest form: three bytes follow their sequence. */
const X10_POINTER = new RegExp(`${ESC}\\[M[^${ESC}]{0,3}`, "g");
/** A new line inside of what is typed, as keyboards send it to programs that ask for it. */
const TYPED_FEED = new RegExp(`${ESC}\\[13;[0-9:;]{1,8}u|${ESC}\\r|\\r\\n?`, "g");
/** Marks that reorder or hide what surrounds them; control characters are dealt with before. */
const UNSEEN = /[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** How the audit writes control characters. */
const AUDIT_ESCAPE = /\\(?:([ernt\\])|x([0-9a-f]{2}))/g;
const AUDIT_CHARACTERS: Record<string, string> = { e: ESC, r: "\r", n: "\n", t: "\t", "\\": "\\" };
const HIDDEN_INPUT = /\[\d+ bytes typed without echo\]/g;
/** Moves of the cursor to a place, or up and down. */
const TO_OTHER_LINE = new RegExp(`${ESC}\\[[0-9;]{0,12}[HfABEF]`, "g");
/** Blank cells of a stored screen. */
const FORWARD = new RegExp(`${ESC}\\[([0-9]{0,6})C`, "g");
const MAX_COLUMNS = 500;
const DELETE = "\u007f";
const BACKSPACE = "\b";
const KILL_LINE = "\u0015";

/** What a program showed: printable characters, line feeds and tabs. */
export function shownText(output: string): string {
  return new AnsiStripper().strip(output).replace(UNSEEN, "");
}

/** What output comes to on a screen, roughly: where the cursor jumps to another line, one begins. */
export function screenLines(output: string): string {
  return shownText(
    output.replace(TO_OTHER_LINE, "\n").replace(
      FORWARD,
      (_, columns: string) => " ".repeat(Math.min(Number(columns) || 1, MAX_COLUMNS)),
    ),
  );
}

/** What a line of the input audit comes to: keys that move or paste are gone, and so is what was deleted again. */
export function typedText(audited: string): string {
  const keys = audited.replace(HIDDEN_INPUT, "").replace(
    AUDIT_ESCAPE,
    (_, name: string | undefined, hex: string) =>
      name === undefined ? String.fromCharCode(parseInt(hex, 16)) : AUDIT_CHARACTERS[name] ?? "",
  );
  const typed = keys.replace(X10_POINTER, "").replace(TYPED_FEED, "\n");
  return shownText(withoutDeleted(typed)).trim();
}

function withoutDeleted(keys: string): string {
  const kept: string[] = [];
  for (const key of keys) {
    if (key === KILL_LINE) { while (kept.length > 0 && kept.at(-1) !== "\n") kept.pop(); }
    else if (key !== DELETE && key !== BACKSPACE) kept.push(key);
    else kept.pop();
  }
  return kept.join("");
}
