// Makes an entry of the audit readable: what was typed or pasted, without the escapes that stand for keys of its own.

const PASTE = /\\e\[20[01]~/g;
const ONLY_HIDDEN = /^(\[\d+ bytes typed without echo\] ?)+$/;
/** Control characters but for those with a name. */
const CONTROL = /\\x([01][0-9a-f])/g;
const HIDDEN_BYTES = /\[(\d+) bytes typed without echo\]/g;

/** How it came, and its text with real line ends; of what was typed without echo only how much. */
export function readInput(text: string): { title: string; text: string } {
  if (ONLY_HIDDEN.test(text)) {
    const bytes = [...text.matchAll(HIDDEN_BYTES)].reduce((sum, [, count]) => sum + Number(count), 0);
    return { title: "Typed without echo", text: `${bytes} bytes, not kept` };
  }
  const pasted = text.search(PASTE) >= 0;
  const readable = text.replaceAll(PASTE, "").replace(/\\r\\n|\\r|\\n/g, "\n").replaceAll("\\t", "\t")
    .replaceAll(CONTROL, (_, code) => `^${String.fromCharCode(64 + parseInt(code, 16))}`).trimEnd();
  return { title: pasted ? "Pasted" : "Typed", text: readable === "" ? "Enter" : readable };
}
