// Colours of source text: pieces with styles, line by line. Grammars come from a library, colours from the style sheet.

import { createLowlight } from "lowlight";
import { loadGrammars } from "./languages.ts";
import { SYNTAX_STYLES, type SyntaxStyle } from "./syntax_styles.ts";

type Root = ReturnType<ReturnType<typeof createLowlight>["highlight"]>;
type Node = Root["children"][number];

/** The library's names for what gets a style. */
const STYLES: Record<string, SyntaxStyle> = {
  comment: "comment",
  quote: "comment",
  doctag: "keyword",
  keyword: "keyword",
  operator: "plain",
  "selector-tag": "tag",
  "selector-class": "attribute",
  "selector-id": "attribute",
  "selector-attr": "attribute",
  "selector-pseudo": "attribute",
  "template-tag": "keyword",
  "template-variable": "variable",
  string: "string",
  regexp: "string",
  "meta-string": "string",
  code: "string",
  link: "string",
  number: "number",
  symbol: "constant",
  bullet: "constant",
  literal: "constant",
  title: "title",
  function_: "title",
  class_: "type",
  type: "type",
  built_in: "type",
  attr: "attribute",
  attribute: "attribute",
  property: "attribute",
  meta: "meta",
  tag: "plain",
  name: "tag",
  variable: "variable",
  section: "heading",
  addition: "string",
  deletion: "variable",
};

/** Pieces of one line: end of the piece in characters, then its style's number, and so on. */
export type LineStyles = readonly number[];

/** Colours text in the languages that were loaded. */
export class Syntax {
  readonly #lowlight = createLowlight();

  /** Makes a language known; false when there is no such grammar. Rejects when it cannot be loaded. */
  async load(language: string): Promise<boolean> {
    if (!this.#lowlight.registered(language)) this.#lowlight.register(await loadGrammars(language));
    return this.#lowlight.registered(language);
  }

  /** Styles of each line of a text in a loaded language. */
  stylesOf(language: string, text: string): LineStyles[] {
    const lines: number[][] = [[]];
    let column = 0;
    for (const { text: piece, style } of piecesOf(this.#lowlight.highlight(language, text))) {
      for (const [index, part] of piece.split("\n").entries()) {
        if (index > 0) {
          lines.push([]);
          column = 0;
        }
        column += part.length;
        if (part !== "") lines.at(-1)?.push(column, style);
      }
    }
    return lines;
  }
}

function* piecesOf(root: Root): Generator<{ text: string; style: number }> {
  yield* walk(root.children, 0);
}

function* walk(
  nodes: readonly Node[],
  style: number,
): Generator<{ text: string; style: number }> {
  for (const node of nodes) {
    if (node.type === "text") yield { text: node.value, style };
    else if (node.type === "element") yield* walk(node.children, styleOf(node) ?? style);
  }
}

/** The most exact of the names that has a style. */
function styleOf({ properties }: Extract<Node, { type: "element" }>): number | undefined {
  const names = Array.isArray(properties.className) ? properties.className : [];
  for (const name of names.toReversed()) {
    const style = STYLES[String(name).replace("hljs-", "")];
    if (style !== undefined) return SYNTAX_STYLES.indexOf(style);
  }
  return undefined;
}
