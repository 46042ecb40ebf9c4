import assert from "node:assert/strict";
import { type Line, LineSplitter } from "./line_splitter.ts";
import { randomInt, seededRandom } from "./testdata/seeded_random.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("LineSplitter gives the same lines for every way to cut the bytes", () => {
  const text = 'first\r\n{"a":"ä€😀"}\n\nthird line\n' + "x".repeat(5000) + "\nheld back";
  const bytes = encode(text);
  const whole = new LineSplitter().push(bytes);
  assert.deepEqual(whole.map((line) => line.text.slice(0, 12)), [
    "first",
    '{"a":"ä€😀"}',
    "third line",
    "xxxxxxxxxxxx",
  ]);
  const random = seededRandom(1);
  for (let run = 0; run < 200; run++) {
    const splitter = new LineSplitter();
    const lines: Line[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = at + randomInt(random, 1, 40);
      lines.push(...splitter.push(bytes.slice(at, end)));
      at = end;
    }
    assert.deepEqual(lines, whole);
    assert.equal(splitter.offset, bytes.length - "held back".length);
    assert.deepEqual(splitter.flush(), { text: "held back", offset: splitter.offset - "held back".length });
    assert.equal(splitter.offset, bytes.length);
  }
});

Deno.test("LineSplitter reports offsets from which reading can start again", () => {
  const bytes = encode("one\ntwo\nthree\nfo");
  const first = new LineSplitter();
  first.push(bytes.subarray(0, 9));
  const second = new LineSplitter({ startOffset: first.offset });
  const lines = second.push(bytes.subarray(first.offset));
  assert.deepEqual(lines, [{ text: "three", offset: 8 }]);
  assert.deepEqual(second.push(encode("ur\n")), [{ text: "four", offset: 14 }]);
});

Deno.test("LineSplitter skips and counts a line over the limit, without holding its bytes", () => {
  const splitter = new LineSplitter({ maxLineBytes: 100 });
  const lines = [...splitter.push(encode("a\n"))];
  for (let piece = 0; piece < 1000; piece++) {
    lines.push(...splitter.push(encode("y".repeat(64))));
    assert.ok(splitter.heldBytes <= 100);
  }
  lines.push(...splitter.push(encode("\nb\n")));
  assert.deepEqual(lines, [{ text: "a", offset: 0 }, { text: "b", offset: 2 + 64_000 + 1 }]);
  assert.equal(splitter.skippedLines, 1);
});

Deno.test("LineSplitter keeps its own copy of a held-back line", () => {
  const splitter = new LineSplitter();
  const buffer = encode("abc");
  splitter.push(buffer);
  buffer.fill(0x7a);
  assert.deepEqual(splitter.push(encode("\n")), [{ text: "abc", offset: 0 }]);
});
