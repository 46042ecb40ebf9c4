// Removes terminal control sequences from a stream of text, across the borders of its chunks.

type State = "text" | "escape" | "intermediate" | "csi" | "ss3" | "string" | "string_escape";

/** After so much text without an end, a string sequence is taken for broken off. */
const MAX_STRING_CHARS = 1024 * 1024;
const ESC = "\x1b";
const BEL = "\x07";
/** Control characters that a person does not see. */
const UNREADABLE = /(?![\n\t])\p{Cc}/gu;
/** OSC, DCS, SOS, PM and APC: a string follows, up to BEL or ST. */
const STRING_STARTS = "]PX^_";

/** What a program wrote for a person to read: printable characters, line feeds and tabs. */
export class AnsiStripper {
  #state: State = "text";
  #stringChars = 0;

  /** The readable part of the next piece of the stream. */
  strip(text: string): string {
    let readable = "";
    let at = 0;
    while (at < text.length) {
      if (this.#state !== "text") {
        this.#state = this.#next(text.charAt(at));
        at += 1;
        continue;
      }
      const escape = text.indexOf(ESC, at);
      const end = escape === -1 ? text.length : escape;
      readable += text.slice(at, end).replace(UNREADABLE, "");
      if (escape !== -1) this.#state = "escape";
      at = end + 1;
    }
    return readable;
  }

  #next(char: string): State {
    switch (this.#state) {
      case "text": // not asked in this state
      case "escape":
        return this.#afterEscape(char);
      case "intermediate":
        return char >= " " && char <= "/" ? "intermediate" : "text";
      case "csi":
        return char === ESC ? "escape" : char >= "@" && char <= "~" ? "text" : "csi";
      case "ss3":
        return char === ESC ? "escape" : "text";
      case "string":
        return this.#inString(char);
      case "string_escape":
        return char === "\\" ? "text" : this.#afterEscape(char);
    }
  }

  #afterEscape(char: string): State {
    if (char === ESC) return "escape";
    if (char === "[") return "csi";
    if (char === "O") return "ss3";
    if (STRING_STARTS.includes(char)) {
      this.#stringChars = 0;
      return "string";
    }
    return char >= " " && char <= "/" ? "intermediate" : "text";
  }

  #inString(char: string): State {
    this.#stringChars += 1;
    if (char === ESC) return "string_escape";
    return char === BEL || this.#stringChars > MAX_STRING_CHARS ? "text" : "string";
  }
}
