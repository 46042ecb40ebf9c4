import assert from "node:assert/strict";
import { concatenate } from "../concatenate.ts";
import { decodeBlock } from "./codec.ts";
import { MAX_BLOCK_BYTES, PendingOutput } from "./pending_output.ts";

const OUTPUT = new Uint8Array(2 * MAX_BLOCK_BYTES + 1000).map((_, at) => (at >> 4) % 251);

/** Appends the output in pieces that end nowhere near a block's end. */
function fill(pending: PendingOutput): void {
  for (let offset = 0; offset < OUTPUT.length; offset += 5000) {
    pending.append(OUTPUT.subarray(offset, offset + 5000), { offset, atMs: offset });
  }
}

Deno.test("output that is not stored yet reads as it came, in full blocks and in the open one", () => {
  const pending = new PendingOutput();
  fill(pending);
  for (const from of [0, 4999, MAX_BLOCK_BYTES - 1, MAX_BLOCK_BYTES, 2 * MAX_BLOCK_BYTES + 999]) {
    const bytes = pending.read(from) ?? new Uint8Array();
    assert.ok(bytes.length > 0);
    assert.deepEqual(new Uint8Array(bytes), OUTPUT.slice(from, from + bytes.length));
  }
  assert.equal(pending.read(OUTPUT.length), undefined);
});

Deno.test("blocks are stored with the time of their first byte, and what comes later begins a new one", () => {
  const pending = new PendingOutput();
  fill(pending);
  const blocks = pending.encode();
  assert.deepEqual(blocks.map(({ offset }) => offset), [0, MAX_BLOCK_BYTES, 2 * MAX_BLOCK_BYTES]);
  assert.deepEqual(blocks.map(({ atMs }) => atMs), [0, 65_000, 130_000]);
  assert.deepEqual(new Uint8Array(concatenate(blocks.map((block) => decodeBlock(block)))), OUTPUT);
  pending.append(OUTPUT.subarray(0, 10), { offset: OUTPUT.length, atMs: 200_000 });
  assert.deepEqual(pending.encode().map(({ length }) => length), [
    MAX_BLOCK_BYTES,
    MAX_BLOCK_BYTES,
    1000,
    10,
  ]);
});
