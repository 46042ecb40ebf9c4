// Remembers what was typed into sessions, one line at a time; of hidden input only how much.

/** A longer line is cut. */
const MAX_TEXT_CHARACTERS = 500;
/** A line that is not finished by Enter is noted after this long. */
const SETTLE_AFTER_MS = 2000;

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

  /** Takes bytes as they were written to a terminal. */
  add(session: string, input: { bytes: Uint8Array; hidden: boolean; offset: number }): void {
    const line = this.#lines.get(session) ?? this.#start(session, input.offset);
    if (input.hidden) line.hiddenBytes += input.bytes.length;
    else line.text += visibleText(input.bytes);
    if (/[\r\n]/.test(new TextDecoder().decode(input.bytes)) || line.text.length > MAX_TEXT_CHARACTERS) {
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

/** Control bytes as two-character escapes, so that a row never acts on a terminal. */
function visibleText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/\p{Cc}/gu, (character) => {
    if (character === "\r") return "\\r";
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\u001b") return "\\e";
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
