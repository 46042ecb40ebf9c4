import assert from "node:assert/strict";
import { encodeMessage, MAX_MESSAGE_BYTES, MessageReader } from "./wire.ts";

Deno.test("messages come out as they went in, however the stream is cut", () => {
  const messages = [
    { body: { a: "ü" } },
    { body: 1, bytes: Uint8Array.of(1, 2, 3) },
    { body: null, bytes: new Uint8Array(3000).fill(7) },
    { body: ["x"] },
  ];
  const stream = messages.map(encodeMessage).reduce(
    (whole, part) => Uint8Array.of(...whole, ...part),
    new Uint8Array(),
  );
  for (const pieceBytes of [1, 3, 8, 9, 1000, stream.length]) {
    const reader = new MessageReader();
    const read = [];
    for (let at = 0; at < stream.length; at += pieceBytes) {
      read.push(...reader.push(stream.subarray(at, at + pieceBytes)));
    }
    assert.deepEqual(read, messages, `in pieces of ${pieceBytes}`);
  }
});

Deno.test("a stream that is none of ours is refused instead of collected", () => {
  const tooLong = new Uint8Array(8);
  new DataView(tooLong.buffer).setUint32(0, MAX_MESSAGE_BYTES + 1);
  assert.throws(() => new MessageReader().push(tooLong), RangeError);
  const tooShort = new Uint8Array(8);
  assert.throws(() => new MessageReader().push(tooShort), RangeError);
  const lying = encodeMessage({ body: 1 });
  new DataView(lying.buffer).setUint32(4, 1000);
  assert.throws(() => new MessageReader().push(lying), RangeError);
});
