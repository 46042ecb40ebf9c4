// Private keys in PEM form: in files, in diffs, in strings of code, on one line or many, whole or broken off.

const HEAD = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const TAIL = "-----END";
/** A line of the body: a diff's mark, quotes around it, base64 or one of the old headers. */
const BODY_LINE =
  /^[+\- ]?[ \t"'`]*(?:[A-Za-z0-9+/=\\]*|(?:Proc-Type|DEK-Info|Version|Comment|Hash): [^\n]*)["'`,;.]*(?:[ \t]\+)?[ \t]*\r?$/;
/** A whole key on one line, as strings of code have it; far below what would take the engine's stack. */
const MAX_LINE_CHARS = 32_768;

/** Where the bodies of private keys are: `[from, to]`, ascending; marks of a diff are left outside. */
export function pemSecrets(text: string): [number, number][][] {
  const heads = [...text.matchAll(HEAD)];
  const tails = endsAfter(text, heads.length > 0);
  return heads.map((head, index) => {
    const from = head.index + head[0].length;
    const limit = heads[index + 1]?.index ?? text.length;
    return bodyLines(text, from, Math.min(tails(from), limit));
  }).filter((lines) => lines.length > 0);
}

/** Finds the next tail at or after a position; positions must ascend. */
function endsAfter(text: string, any: boolean): (from: number) => number {
  let next = any ? 0 : text.length;
  return (from) => {
    if (next >= from && next > 0) return next;
    const found = text.indexOf(TAIL, from);
    next = found === -1 ? text.length : found;
    return next;
  };
}

function bodyLines(text: string, from: number, to: number): [number, number][] {
  const ranges: [number, number][] = [];
  let at = from;
  while (at < to) {
    const feed = text.indexOf("\n", at);
    const end = feed === -1 || feed > to ? to : feed;
    const line = text.slice(at, end);
    if (line.length > MAX_LINE_CHARS || !BODY_LINE.test(line)) break;
    const start = at > from && /^[+\- ]/.test(line) ? at + 1 : at;
    if (end > start && line.trim() !== "") ranges.push([start, end]);
    at = end + 1;
  }
  return ranges;
}
