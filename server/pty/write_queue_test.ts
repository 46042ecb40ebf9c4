// The order and the limit of waiting input.

import assert from "node:assert/strict";
import { MAX_QUEUED_BYTES, WriteQueue } from "./write_queue.ts";

Deno.test("bytes leave in order, in any portions", () => {
  const queue = new WriteQueue();
  queue.push(new Uint8Array([1, 2, 3]));
  queue.push(new Uint8Array([]));
  queue.push(new Uint8Array([4]));
  assert.equal(queue.bytes, 4);
  queue.advance(2);
  assert.deepEqual(queue.head, new Uint8Array([3]));
  queue.advance(1);
  assert.deepEqual(queue.head, new Uint8Array([4]));
  queue.advance(1);
  assert.deepEqual([queue.head, queue.bytes], [undefined, 0]);
});

Deno.test("hasRoom() ends at the limit", () => {
  const queue = new WriteQueue();
  assert.equal(queue.hasRoom(MAX_QUEUED_BYTES), true);
  assert.equal(queue.hasRoom(MAX_QUEUED_BYTES + 1), false);
  queue.push(new Uint8Array(MAX_QUEUED_BYTES));
  assert.deepEqual([queue.hasRoom(1), queue.isHalfEmpty], [false, false]);
  queue.clear();
  assert.deepEqual([queue.hasRoom(1), queue.isHalfEmpty], [true, true]);
});
