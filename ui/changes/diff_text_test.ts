import assert from "node:assert/strict";
import type { Hunk } from "./diff_layout.ts";
import { DiffText, MAX_LINE_CHARS, type ShownLine } from "./diff_text.ts";
import { Syntax } from "./syntax.ts";
import { HIDDEN, MARKED, NOTE, SYNTAX_STYLES } from "./syntax_styles.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function diffText(before: string, after: string, hunks: Hunk[], language?: string): DiffText {
  return new DiffText({ old: encode(before), new: encode(after), hunks, language, syntax });
}

const syntax = new Syntax();
await syntax.load("typescript");

/** Pieces with what is special about them. */
function show(line: ShownLine | undefined): string {
  let text = "";
  for (let at = 0; at < (line?.length ?? 0); at += 2) {
    const style = Number(line?.[at + 1]);
    const piece = String(line?.[at]);
    if (style & NOTE) text += `(${piece})`;
    else if (style & HIDDEN) text += `<${piece}>`;
    else if (style & MARKED) text += `[${piece}]`;
    else text += piece;
  }
  return text;
}

Deno.test("changed words are marked against the line beside", () => {
  const text = diffText("same\nlet a = one;\n", "same\nlet a = two;\n", [[2, 1, 2, 1]]);
  assert.deepEqual(text.lines({ side: "old", from: 0, to: 9 }).map(show), ["same", "let a = [one];"]);
  assert.deepEqual(text.lines({ side: "new", from: 0, to: 9 }).map(show), ["same", "let a = [two];"]);
});

Deno.test("a line is compared with the one most like it when a change has more lines on one side", () => {
  const text = diffText("let total = sum(a);\n", "// why\nlet total = sum(b);\n", [[1, 1, 1, 2]]);
  assert.deepEqual(text.facts.alignments.get(0), [[0, 1]]);
  assert.deepEqual(text.lines({ side: "new", from: 0, to: 2 }).map(show), [
    "// why",
    "let total = sum([b]);",
  ]);
  assert.deepEqual(text.lines({ side: "old", from: 0, to: 1 }).map(show), ["let total = sum([a]);"]);
});

Deno.test("lines added after a place are not compared with anything", () => {
  const text = diffText("a b\nc d\n", "a b\nnew line\nc d\n", [[1, 0, 2, 1]]);
  assert.deepEqual(text.lines({ side: "new", from: 0, to: 3 }).map(show), ["a b", "new line", "c d"]);
  assert.deepEqual(text.lines({ side: "old", from: 0, to: 3 }).map(show), ["a b", "c d"]);
});

Deno.test("colours come when they were found, under marks and all", () => {
  const text = diffText("const a = 1;\n", "const a = 2;\n", [[1, 1, 1, 1]], "typescript");
  assert.deepEqual(text.lines({ side: "new", from: 0, to: 1 })[0], ["const a = ", 0, "2", MARKED, ";", 0]);
  assert.equal(text.needsColours({ side: "new", from: 0, to: 1 }), true);
  text.colour({ side: "new", from: 0, to: 1 });
  assert.equal(text.needsColours({ side: "new", from: 0, to: 1 }), false);
  const keyword = SYNTAX_STYLES.indexOf("keyword");
  const number = SYNTAX_STYLES.indexOf("number");
  assert.deepEqual(text.lines({ side: "new", from: 0, to: 1 })[0], [
    "const",
    keyword,
    " a = ",
    0,
    "2",
    number | MARKED,
    ";",
    0,
  ]);
});

Deno.test("a large text is coloured in pieces", () => {
  const many = "let a = 1; // note\n".repeat(5000);
  const text = diffText("", many, [[0, 0, 1, 5000]], "typescript");
  text.colour({ side: "new", from: 4200, to: 4210 });
  assert.equal(text.needsColours({ side: "new", from: 4000, to: 5000 }), false);
  assert.equal(text.needsColours({ side: "new", from: 0, to: 10 }), true);
  assert.ok((text.lines({ side: "new", from: 4999, to: 5000 })[0]?.length ?? 0) > 2);
});

Deno.test("what cannot be seen is named", () => {
  const text = diffText("", "a\x1b[31m\u202eb\x00\n", [[0, 0, 1, 1]]);
  assert.deepEqual(text.lines({ side: "new", from: 0, to: 1 }).map(show), ["a<ESC>[31m<U+202E>b<NUL>"]);
});

Deno.test("ends of lines and of the file are told where they changed", () => {
  const text = diffText("a b\nc d\n", "a b\r\nc e", [[1, 2, 1, 2]]);
  assert.deepEqual(text.lines({ side: "new", from: 0, to: 2 }).map(show), [
    "a b<CR>",
    "c [e](no line feed at the end)",
  ]);
  assert.deepEqual(text.lines({ side: "old", from: 0, to: 2 }).map(show), ["a b", "c [d]"]);
});

Deno.test("very long lines are cut and say so", () => {
  const text = diffText("", "x".repeat(1_000_000), [[0, 0, 1, 1]]);
  const [line] = text.lines({ side: "new", from: 0, to: 1 });
  assert.match(show(line), /^x{2000}\(… 998000 more characters\)/);
  assert.equal(text.facts.columns, MAX_LINE_CHARS);
});
