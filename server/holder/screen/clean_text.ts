// Makes text of a program fit to be shown anywhere: no control or direction characters, a length limit.

/** Controls, line separators, and marks that reorder or hide what surrounds them. */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The text without unsafe characters, at most `maxCharacters` long, never cut within a surrogate pair. */
export function cleanText(text: string, maxCharacters: number): string {
  const clean = text.slice(0, maxCharacters * 4).replace(UNSAFE, "").trim();
  return [...clean].slice(0, maxCharacters).join("");
}

/** The same for text of several lines: line feeds and tabs stay, other ways to end a line become line feeds. */
export function cleanLines(text: string, maxCharacters: number): string {
  const lines = text.slice(0, maxCharacters * 4).replace(/\r\n?/g, "\n");
  const clean = lines.replace(
    UNSAFE,
    (character) => character === "\n" || character === "\t" ? character : "",
  );
  return [...clean].slice(0, maxCharacters).join("");
}
