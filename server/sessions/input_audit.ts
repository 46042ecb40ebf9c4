// Remembers what was typed into sessions, one line at a time; of hidden input only how much.

/** A longer line is cut. */
const MAX_TEXT_CHARACTERS = 500;
/** A line that is not finished by Enter is noted after this long. */
const SETTLE_AFTER_MS = 2000;

const ESC = "\u001b";
/** Focus that comes and goes, and the pointer: ASCII, so that they have as many characters as bytes. */
const REPORTS = new RegExp(`${ESC}\\[(?:[IO]|<\\d+;\\d+;\\d+[Mm])`, "g");

/** Whether the user typed any of this, rather than the terminal reporting by itself. */
export function isTyped(bytes: Uint8Array): boolean {
  return typedText(new TextDecoder().decode(bytes)) !== "";
}

function typedText(text: string): string {
  return text.replaceAll(REPORTS, "");
}

export interface AuditLine {
  session: string;
  offset: number;
  text: string;
}

interface Line {
  offset: number;
  text: string;
  hiddenBytes: number;
  timer: ReturnType<typeof setTimeout>;
}

/** Collects keystrokes into lines and hands each to `onLine`. */
export class InputAudit {
  readonly #onLine: (line: AuditLine) => void;
  readonly #lines = new Map<string, Line>();

  constructor(onLine: (line: AuditLine) => void) {
    this.#onLine = onLine;
  }

  /** Takes bytes as they were written to a terminal; what a terminal reports by itself nobody typed. */
  add(session: string, input: { bytes: Uint8Array; hidden: boolean; offset: number }): void {
    const text = new TextDecoder().decode(input.bytes);
    const typed = typedText(text);
    if (typed === "") return;
    const line = this.#lines.get(session) ?? this.#start(session, input.offset);
    if (input.hidden) line.hiddenBytes += input.bytes.length - (text.length - typed.length);
    else line.text += visibleText(typed);
    if (/[\r\n]/.test(typed) || line.text.length > MAX_TEXT_CHARACTERS) {
      this.settle(session);
    }
  }

  /** Notes an unfinished line now. */
  settle(session: string): void {
    const line = this.#lines.get(session);
    if (!line) return;
    clearTimeout(line.timer);
    this.#lines.delete(session);
    const cut = line.text.length > MAX_TEXT_CHARACTERS
      ? line.text.slice(0, MAX_TEXT_CHARACTERS) + "…"
      : line.text;
    const hidden = line.hiddenBytes > 0 ? `[${line.hiddenBytes} bytes typed without echo]` : "";
    this.#onLine({ session, offset: line.offset, text: [cut, hidden].filter(Boolean).join(" ") });
  }

  close(): void {
    for (const session of [...this.#lines.keys()]) this.settle(session);
  }

  #start(session: string, offset: number): Line {
    const timer = setTimeout(() => this.settle(session), SETTLE_AFTER_MS);
    const line = { offset, text: "", hiddenBytes: 0, timer };
    this.#lines.set(session, line);
    return line;
  }
}

/** Control bytes as escapes, so that a row never acts on a terminal; a typed backslash is doubled to be told from them. */
function visibleText(text: string): string {
  return text.replace(/[\p{Cc}\\]/gu, (character) => {
    if (character === "\\") return "\\\\";
    if (character === "\r") return "\\r";
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\u001b") return "\\e";
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
