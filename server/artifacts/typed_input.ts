// Makes an entry of the audit readable: what was typed or pasted, without the escapes that stand for keys of its own.

const PASTE = /\\e\[20[01]~/g;
const ONLY_HIDDEN = /^(\[\d+ bytes typed without echo\] ?)+$/;
/** A doubled backslash, the marks of a paste, the end of a line, a tab, other control characters. */
const ESCAPES = /\\\\|\\e\[20[01]~|\\r\\n|\\[rnt]|\\x[01][0-9a-f]/g;
const HIDDEN_BYTES = /\[(\d+) bytes typed without echo\]/g;

/** How it came, and its text with real line ends; of what was typed without echo only how much. */
export function readInput(text: string): { title: string; text: string } {
  if (ONLY_HIDDEN.test(text)) {
    const bytes = [...text.matchAll(HIDDEN_BYTES)].reduce((sum, [, count]) => sum + Number(count), 0);
    return { title: "Typed without echo", text: `${bytes} bytes, not kept` };
  }
  const pasted = text.search(PASTE) >= 0;
  const readable = text.replaceAll(ESCAPES, readEscape).trimEnd();
  return { title: pasted ? "Pasted" : "Typed", text: readable === "" ? "Enter" : readable };
}

function readEscape(escape: string): string {
  if (escape === "\\\\") return "\\";
  if (escape.startsWith("\\e")) return "";
  if (escape === "\\t") return "\t";
  if (!escape.startsWith("\\x")) return "\n";
  return `^${String.fromCharCode(64 + parseInt(escape.slice(2), 16))}`;
}
