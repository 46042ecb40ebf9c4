import assert from "node:assert/strict";
import { WholeCharacters } from "./whole_characters.ts";

Deno.test("characters come whole, however their bytes are split", () => {
  const text = "a—…😀🄀é界z";
  const bytes = new TextEncoder().encode(text);
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      const characters = new WholeCharacters();
      const parts = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
      const texts = parts.map((part) =>
        new TextDecoder("utf-8", { fatal: true }).decode(characters.take(part))
      );
      assert.equal(texts.join(""), text);
    }
  }
});

Deno.test("bytes that are no text are passed on, at the latest with what follows", () => {
  const characters = new WholeCharacters();
  assert.deepEqual([...characters.take(Uint8Array.of(0x80, 0xbf, 0xff))], [0x80, 0xbf]);
  assert.deepEqual([...characters.take(Uint8Array.of(0x41, 0xe2))], [0xff, 0x41]);
  characters.reset();
  assert.deepEqual([...characters.take(Uint8Array.of(0x42))], [0x42]);
});
