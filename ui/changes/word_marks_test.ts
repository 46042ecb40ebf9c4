import assert from "node:assert/strict";
import { alignLines, markWords } from "./word_marks.ts";

function marked(before: string, after: string): [string[], string[]] | undefined {
  const marks = markWords(before, after);
  if (marks === undefined) return undefined;
  return [
    marks.old.map(([from, to]) => before.slice(from, to)),
    marks.new.map(([from, to]) => after.slice(from, to)),
  ];
}

Deno.test("the words that differ are marked, on both sides", () => {
  assert.deepEqual(marked("const a = load(first);", "const b = load(first, 2);"), [["a"], ["b", ", 2"]]);
  assert.deepEqual(marked("same", "same"), [[], []]);
});

Deno.test("words next to each other are one mark", () => {
  assert.deepEqual(marked("return one two three;", "return alpha beta three;"), [["one two"], [
    "alpha beta",
  ]]);
});

Deno.test("lines with little in common are not compared, nor are very long ones", () => {
  assert.equal(marked("import { a } from b", "while true do print"), undefined);
  assert.equal(marked("x ".repeat(2000), "x ".repeat(2001)), undefined);
});

Deno.test("letters of any script are words", () => {
  assert.deepEqual(marked("přidat řádek dole", "přidat řádku dole"), [["řádek"], ["řádku"]]);
});

Deno.test("lines of a change are paired by what they share", () => {
  assert.deepEqual(alignLines(["let total = sum(a);"], ["// explains it", "let total = sum(a, b);"]), [[
    0,
    1,
  ]]);
  assert.deepEqual(alignLines(["a b c", "d e f", "g h i"], ["a b x", "g h y"]), [[0, 0], [2, 1]]);
  assert.equal(alignLines(["one"], ["two", "three"]), undefined);
  assert.equal(alignLines(["a b"], ["a c"]), undefined);
  assert.equal(alignLines(Array(100).fill("a b"), Array(50).fill("a b")), undefined);
});
