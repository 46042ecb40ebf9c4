// What a program says besides its output: bell, title, notifications, status, clipboard. All of it is untrusted.
import type { Terminal } from "@xterm/headless";
import { cleanLines, cleanText } from "./clean_text.ts";

export type NoticeBody =
  | { type: "bell" }
  | { type: "title"; title: string }
  | { type: "notification"; source: "osc9" | "osc99" | "osc777"; title: string; text: string }
  /** OSC 7501. `state` is a word like working, blocked, done, idle or clear; `message` is decoded. */
  | { type: "status"; state: string; app: string; kind: string; message: string }
  /** A program tried to set the clipboard; nothing was set. `text` is the beginning of what it wanted there. */
  | { type: "clipboard_write"; bytes: number; text: string }
  /** So many notifications, states and clipboard writes are not told: there were too many at once. */
  | { type: "dropped"; count: number }
  | { type: "alternate_screen"; active: boolean };

/** With the bytes of output up to and including what caused it. */
export type Notice = NoticeBody & { offset: number };

const MAX_TITLE_CHARACTERS = 80;
const MAX_TEXT_CHARACTERS = 500;
const MAX_WORD_CHARACTERS = 64;
const MAX_CLIPBOARD_CHARACTERS = 8192;

const ALTERNATE_MODES = [47, 1047, 1049];

/** Registers the handlers; they live as long as the terminal. */
export function watchNotices(terminal: Terminal, emit: (notice: NoticeBody) => void): void {
  const { parser } = terminal;
  const kitty = new KittyNotifications(emit);
  const notify = (notice: NoticeBody | undefined): boolean => {
    if (notice !== undefined) emit(notice);
    return true;
  };
  terminal.onBell(() => emit({ type: "bell" }));
  terminal.onTitleChange((title) => emit({ type: "title", title: cleanTitle(title) }));
  terminal.buffer.onBufferChange((buffer) =>
    emit({ type: "alternate_screen", active: buffer.type === "alternate" })
  );
  parser.registerOscHandler(9, (data) => notify(parseOsc9(data)));
  parser.registerOscHandler(99, (data) => kitty.receive(data));
  parser.registerOscHandler(777, (data) => notify(parseOsc777(data)));
  parser.registerOscHandler(7501, (data) => notify(parseStatus(data)));
  parser.registerOscHandler(52, (data) => notify(parseClipboard(data)));
}

export function cleanTitle(title: string): string {
  return cleanText(title, MAX_TITLE_CHARACTERS);
}

/** Whether a mode sequence switches between the buffers. */
export function switchesBuffer(params: readonly (number | number[])[]): boolean {
  return params.some((param) => typeof param === "number" && ALTERNATE_MODES.includes(param));
}

/** `OSC 9;4;…` is a progress bar, not a message. */
function parseOsc9(data: string): NoticeBody | undefined {
  if (data.startsWith("4;")) return undefined;
  return { type: "notification", source: "osc9", title: "", text: cleanText(data, MAX_TEXT_CHARACTERS) };
}

function parseOsc777(data: string): NoticeBody | undefined {
  const [command, title = "", ...body] = data.slice(0, MAX_TEXT_CHARACTERS * 8).split(";");
  if (command !== "notify") return undefined;
  return {
    type: "notification",
    source: "osc777",
    title: cleanTitle(title),
    text: cleanText(body.join(";"), MAX_TEXT_CHARACTERS),
  };
}

/** Reports of the Program Status Protocol; its query is answered elsewhere. */
function parseStatus(data: string): NoticeBody | undefined {
  const fields = parseFields(data);
  const word = (name: string) => cleanText(fields.get(name) ?? "", MAX_WORD_CHARACTERS);
  const state = word("state");
  if (state === "") return undefined;
  const message = cleanText(decodeBase64(fields.get("msg") ?? ""), MAX_TEXT_CHARACTERS);
  return { type: "status", state, app: word("app"), kind: word("kind"), message };
}

/** A read request, `?`, is no write. */
function parseClipboard(data: string): NoticeBody | undefined {
  const content = data.slice(data.indexOf(";") + 1);
  if (content === "?") return undefined;
  const bytes = Math.floor(content.replace(/=+$/, "").length * 3 / 4);
  // Four bytes are the longest character, and they are six digits of base64.
  const start = decodeBase64(content.slice(0, MAX_CLIPBOARD_CHARACTERS * 6));
  return { type: "clipboard_write", bytes, text: cleanLines(start, MAX_CLIPBOARD_CHARACTERS) };
}

/** Notifications in parts: title and body come in sequences of their own until one says it is the last. */
class KittyNotifications {
  readonly #emit: (notice: NoticeBody) => void;
  #parts = { id: "", title: "", body: "" };

  constructor(emit: (notice: NoticeBody) => void) {
    this.#emit = emit;
  }

  receive(data: string): true {
    const separator = data.indexOf(";");
    const fields = parseFields(data.slice(0, Math.max(0, separator)));
    const part = fields.get("p") ?? "title";
    if (separator < 0 || (part !== "title" && part !== "body")) return true;
    const payload = data.slice(separator + 1, separator + 1 + MAX_TEXT_CHARACTERS * 8);
    const text = fields.get("e") === "1" ? decodeBase64(payload) : payload;
    const id = fields.get("i") ?? "";
    if (id !== this.#parts.id) this.#parts = { id, title: "", body: "" };
    this.#parts[part] = cleanText(this.#parts[part] + text, MAX_TEXT_CHARACTERS);
    if (fields.get("d") !== "0") this.#finish();
    return true;
  }

  #finish(): void {
    const { title, body } = this.#parts;
    this.#parts = { id: "", title: "", body: "" };
    this.#emit({ type: "notification", source: "osc99", title: cleanTitle(title), text: body });
  }
}

/** `name=value:name=value`; values may hold `=`. */
function parseFields(data: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const field of data.slice(0, MAX_TEXT_CHARACTERS * 16).split(":")) {
    const separator = field.indexOf("=");
    if (separator > 0) fields.set(field.slice(0, separator), field.slice(separator + 1));
  }
  return fields;
}

/** Empty when it is no base64. */
function decodeBase64(text: string): string {
  try {
    const usable = text.slice(0, text.length - text.length % 4);
    return new TextDecoder().decode(Uint8Array.from(atob(usable), (byte) => byte.charCodeAt(0)));
  } catch (thrown) {
    if (thrown instanceof DOMException) return "";
    throw thrown;
  }
}
