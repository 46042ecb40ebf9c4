import assert from "node:assert/strict";
import type { OutputRange } from "../api/recordings.ts";
import { CHUNK_BYTES, RecordingReader } from "./recording_reader.ts";

/** A recording whose byte at an offset is the offset modulo 251; answers at most a part of a chunk. */
function fakeApi(end: () => number, maxAnswer = Infinity): {
  asked: [number, number][];
  getOutput(id: string, range: { from: number; to: number }): Promise<OutputRange>;
} {
  const asked: [number, number][] = [];
  return {
    asked,
    getOutput: (_id, { from, to }) => {
      asked.push([from, to]);
      const stop = Math.min(to, end(), from + maxAnswer);
      const bytes = Uint8Array.from({ length: stop - from }, (_, index) => (from + index) % 251);
      return Promise.resolve({ offset: from, bytes, next: stop < Math.min(to, end()) ? stop : undefined });
    },
  };
}

function isRight(bytes: Uint8Array | undefined, from: number): boolean {
  return bytes !== undefined && bytes.length > 0 &&
    bytes.every((byte, index) => byte === (from + index) % 251);
}

Deno.test("a range is loaded by chunks and asked for once", async () => {
  const api = fakeApi(() => 2 * CHUNK_BYTES);
  const reader = new RecordingReader(api, "s");
  assert.equal(reader.peek(5, 10), undefined);
  const progress: number[] = [];
  const range = { from: CHUNK_BYTES - 10, to: CHUNK_BYTES + 10 };
  await reader.load(range, { onProgress: (bytes) => progress.push(bytes) });
  await reader.load(range);
  assert.deepEqual(api.asked, [[0, CHUNK_BYTES], [CHUNK_BYTES, CHUNK_BYTES + 10]]);
  assert.deepEqual(progress, [10, 20]);
  const first = reader.peek(CHUNK_BYTES - 10, CHUNK_BYTES + 10);
  assert.equal(first?.length, 10);
  assert.ok(isRight(first, CHUNK_BYTES - 10));
});

Deno.test("a growing recording is asked only for what is new", async () => {
  let end = 1000;
  const api = fakeApi(() => end);
  const reader = new RecordingReader(api, "s");
  await reader.load({ from: 0, to: 1000 });
  end = 1500;
  await reader.load({ from: 900, to: 1500 });
  assert.deepEqual(api.asked, [[0, 1000], [1000, 1500]]);
  const bytes = reader.peek(0, 1500);
  assert.equal(bytes?.length, 1500);
  assert.ok(isRight(bytes, 0));
});

Deno.test("answers in several parts are put together", async () => {
  const api = fakeApi(() => 1000, 300);
  const reader = new RecordingReader(api, "s");
  await reader.load({ from: 0, to: 1000 });
  assert.equal(api.asked.length, 4);
  assert.ok(isRight(reader.peek(0, 1000), 0));
});

Deno.test("memory is bounded: the chunk not used for longest goes", async () => {
  const reader = new RecordingReader(fakeApi(() => Infinity), "s");
  await reader.load({ from: 0, to: 65 * CHUNK_BYTES });
  assert.equal(reader.peek(0, 1), undefined);
  assert.ok(reader.peek(64 * CHUNK_BYTES, 64 * CHUNK_BYTES + 1));
});

Deno.test("bytes after a gap are at their own offsets, also when the gap goes on past a chunk", async () => {
  const end = 3 * CHUNK_BYTES;
  const gap = { from: 1000, to: CHUNK_BYTES + 5000 };
  const reader = new RecordingReader({
    getOutput: (_id, { from, to }) => {
      const offset = from >= gap.from && from < gap.to ? gap.to : from;
      const stop = Math.min(offset + (to - from), offset < gap.from ? gap.from : end);
      const bytes = Uint8Array.from({ length: stop - offset }, (_, index) => (offset + index) % 251);
      return Promise.resolve({ offset, bytes, next: stop < to ? stop : undefined });
    },
  }, "s");
  await reader.load({ from: 0, to: end });
  assert.equal(reader.peek(0, end)?.length, 1000);
  assert.equal(reader.peek(1000, end), undefined);
  assert.equal(reader.peek(gap.to - 1, end), undefined);
  assert.ok(isRight(reader.peek(gap.to, end), gap.to));
  assert.equal(reader.peek(gap.to, end)?.length, 2 * CHUNK_BYTES - gap.to);
  assert.ok(isRight(reader.peek(end - 9, end), end - 9));
});
