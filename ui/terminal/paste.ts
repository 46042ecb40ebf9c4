// Pasted text made harmless before it is sent to a program; pure.

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";

/**
 * Control characters become visible symbols, so that a paste can neither end its own brackets nor press keys.
 * Tabs and line ends stay.
 */
export function sanitizePaste(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what this is about
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, visibleSymbol);
}

/** The bytes a terminal sends for pasted text: line ends as Return, brackets if the program asked for them. */
export function encodePaste(text: string, bracketed: boolean): string {
  const typed = sanitizePaste(text).replace(/\r?\n/g, "\r");
  return bracketed ? PASTE_START + typed + PASTE_END : typed;
}

/** Lines of a text, a final line end not counted. */
export function countLines(text: string): number {
  return text.replace(/\r?\n$/, "").split(/\r\n|\r|\n/).length;
}

/** Without brackets each line end runs a command at once: such a paste needs a question first. */
export function needsConfirmation(text: string, bracketed: boolean): boolean {
  return !bracketed && /[\r\n]/.test(text);
}

function visibleSymbol(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}
