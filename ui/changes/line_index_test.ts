import assert from "node:assert/strict";
import { LineIndex } from "./line_index.ts";

function index(text: string): LineIndex {
  return new LineIndex(new TextEncoder().encode(text), 2000);
}

function lines(text: string): string[] {
  const found = index(text);
  return Array.from({ length: found.count }, (_, line) => found.text(line));
}

Deno.test("lines are what line feeds end, and a rest that none ends", () => {
  assert.deepEqual(lines(""), []);
  assert.deepEqual(lines("a\nb\n"), ["a", "b"]);
  assert.deepEqual(lines("a\n\nb"), ["a", "", "b"]);
  assert.deepEqual(lines("\n"), [""]);
  assert.equal(index("a\n").endsWithLineFeed, true);
  assert.equal(index("a").endsWithLineFeed, false);
});

Deno.test("carriage returns before a line feed are told, not shown", () => {
  assert.deepEqual(lines("a\r\nb\r\n"), ["a", "b"]);
  assert.deepEqual([index("a\r\nb\n").hasReturn(0), index("a\r\nb\n").hasReturn(1)], [true, false]);
});

Deno.test("ranges are decoded across lines, whatever the characters", () => {
  const found = index("één\nζωή\n日本\n");
  assert.equal(found.range(1, 3), "ζωή\n日本\n");
  assert.equal(found.text(2), "日本");
});

Deno.test("columns count tabs to their stops and wide characters double", () => {
  assert.equal(index("ab\n\tx\n").columns, 5);
  assert.equal(index("日本語\nab").columns, 6);
  assert.equal(index("x".repeat(5000)).columns, 2000);
});
