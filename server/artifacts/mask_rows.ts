// Masks secrets on a screen, where a row that was full may have broken one in two.
import { type Masked, maskSecrets } from "./secrets/secrets.ts";

/** Rows of a narrower screen are words, not the pieces of a longer line. */
const MIN_WIDTH = 30;
/** A program may leave its last columns free; a wide character that does not fit does. */
const SLACK = 2;
const INDENT = /^[\s│┃|]*/;
const MARGIN = /[\s│┃|]*$/;

/** As `maskSecrets`, for the rows of a screen: rows as wide as the widest are read with the next one as one line too. */
export function maskRows(text: string, known: readonly string[] = []): Masked {
  const asShown = maskSecrets(text, known);
  const { joined, places } = joinFullRows(text);
  const whole = maskSecrets(joined, known);
  if (whole.count === 0) return asShown;
  const characters = asShown.text.split("");
  for (const [at, place] of places.entries()) {
    const masked = whole.text[at];
    if (masked !== undefined && masked !== joined[at]) characters[place] = masked;
  }
  return { text: characters.join(""), count: Math.max(asShown.count, whole.count) };
}

/** `places` are where the characters of `joined` stand in the text. */
function joinFullRows(text: string): { joined: string; places: number[] } {
  const rows = text.split("\n");
  const width = rows.reduce((widest, row) => Math.max(widest, row.length), MIN_WIDTH);
  const pieces: string[] = [];
  const places: number[] = [];
  let rowStart = 0;
  let goesOn = false;
  for (const row of rows) {
    const isFull = row.length >= width - SLACK;
    const from = goesOn ? INDENT.exec(row)?.[0].length ?? 0 : 0;
    const to = isFull ? row.length - (MARGIN.exec(row)?.[0].length ?? 0) : row.length + 1;
    pieces.push(isFull ? row.slice(from, to) : `${row.slice(from)}\n`);
    for (let at = from; at < to; at++) places.push(rowStart + at);
    rowStart += row.length + 1;
    goesOn = isFull;
  }
  return { joined: pieces.join(""), places };
}
