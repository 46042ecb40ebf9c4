// The styles that source text is drawn in: shared by the worker, which finds them, and the page.

/** Styles by number; `syntax-<name>` in the style sheet. */
export const SYNTAX_STYLES = [
  "plain",
  "comment",
  "keyword",
  "string",
  "number",
  "title",
  "type",
  "attribute",
  "constant",
  "meta",
  "tag",
  "variable",
  "heading",
] as const;
export type SyntaxStyle = typeof SYNTAX_STYLES[number];

/** Added to the number of a style: a changed word, something invisible by name, what the page says about the line. */
export const MARKED = 64;
export const HIDDEN = 128;
export const NOTE = 256;
