import assert from "node:assert/strict";
import { languageOf } from "./languages.ts";
import { Syntax } from "./syntax.ts";
import { SYNTAX_STYLES } from "./syntax_styles.ts";

async function styled(language: string, text: string): Promise<string[][]> {
  const syntax = new Syntax();
  assert.equal(await syntax.load(language), true);
  const lines = text.split("\n");
  return syntax.stylesOf(language, text).map((styles, line) => {
    const pieces: string[] = [];
    for (let at = 0; at < styles.length; at += 2) {
      const start = styles[at - 2] ?? 0;
      const style = SYNTAX_STYLES[styles[at + 1] ?? 0];
      if (style !== "plain") pieces.push(`${style}:${lines[line]?.slice(start, styles[at])}`);
    }
    return pieces;
  });
}

Deno.test("source text gets styles line by line, across lines where a comment goes on", async () => {
  const lines = await styled("typescript", "const a = 'x'; /* one\ntwo */ return 42;");
  assert.deepEqual(lines[0], ["keyword:const", "string:'x'", "comment:/* one"]);
  assert.deepEqual(lines[1], ["comment:two */", "keyword:return", "number:42"]);
});

Deno.test("markup inside of a script is coloured as markup", async () => {
  const [line = []] = await styled("typescript", "const view = <Link to='x'>y</Link>;");
  assert.ok(line.includes("tag:Link"), line.join(" "));
});

Deno.test("languages are told by extension and by name; unknown ones have no grammar", async () => {
  assert.equal(languageOf("server/main.ts"), "typescript");
  assert.equal(languageOf("Dockerfile"), "dockerfile");
  assert.equal(languageOf("a/b/Cargo.lock"), "ini");
  assert.equal(languageOf("notes"), undefined);
  assert.equal(await new Syntax().load("klingon"), false);
});
