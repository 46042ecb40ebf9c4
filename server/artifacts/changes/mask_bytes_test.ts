import assert from "node:assert/strict";
import { maskBytes, splitText } from "./mask_bytes.ts";

const PEM = `-----BEGIN PRIVATE KEY-----\n${
  "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n".repeat(8)
}-----END PRIVATE KEY-----\n`;

Deno.test("a text is cut at ends of lines and put together again the same", () => {
  const text = Array.from({ length: 500 }, (_, n) => `line ${n}\n`).join("") + "x".repeat(3000);
  const pieces = [...splitText(text, 1000)];
  assert.equal(pieces.join(""), text);
  assert.ok(pieces.every((piece) => piece.length <= 1000));
  assert.ok(pieces.slice(0, 4).every((piece) => piece.endsWith("\n")));
});

Deno.test("a key is not cut in two", () => {
  for (let before = 0; before < 400; before += 7) {
    const text = "a\n".repeat(before) + PEM + "after\n".repeat(100);
    assert.ok([...splitText(text, 600)].some((piece) => piece.includes(PEM)), `after ${before} lines`);
  }
});

Deno.test("lines stay where they are, and what is no text stays as it is", async () => {
  const text = `one\n${PEM}two\n`;
  const { bytes, count } = await maskBytes(new TextEncoder().encode(text));
  const masked = new TextDecoder().decode(bytes);
  assert.deepEqual([count, masked.split("\n").length], [1, text.split("\n").length]);
  assert.ok(!masked.includes("MIIEvQ") && masked.endsWith("two\n"));
  const binary = new TextEncoder().encode(`\0${PEM}`);
  assert.equal((await maskBytes(binary)).bytes, binary);
});
