import assert from "node:assert/strict";
import { CREDIT_WINDOW_BYTES } from "../protocol.ts";
import type { HolderEvent, ScreenSnapshot } from "./api.ts";
import { OutputStream, SKIP_AFTER_BYTES, type StreamSource, type TerminalResize } from "./output_stream.ts";

class FakeSource implements StreamSource {
  end = 0;
  ended = false;
  resizes: TerminalResize[] = [];
  initialSize = { cols: 80, rows: 24 };
  screen: ScreenSnapshot = { offset: 0, cols: 80, rows: 24, ansi: "screen" };

  /** Byte n of the output is n modulo 251. */
  read(from: number, maxBytes: number): Uint8Array {
    return Uint8Array.from({ length: Math.min(maxBytes, this.end - from) }, (_, n) => (from + n) % 251);
  }

  snapshot(): Promise<ScreenSnapshot> {
    return Promise.resolve(this.screen);
  }

  keyframe(): ScreenSnapshot | undefined {
    return undefined;
  }
}

function openStream(
  source: FakeSource,
): { stream: OutputStream; events: HolderEvent[]; sentBytes: () => number } {
  const events: HolderEvent[] = [];
  const stream = new OutputStream({ channel: 1, source, send: (event) => events.push(event) });
  const sentBytes = (): number =>
    events.reduce((sum, event) => sum + (event.type === "output" ? event.bytes.length : 0), 0);
  return { stream, events, sentBytes };
}

Deno.test("a short session is sent whole, from its first byte", async () => {
  const source = new FakeSource();
  source.end = 1000;
  const { stream, events } = openStream(source);
  await stream.begin({});
  assert.deepEqual(events.map(({ type }) => type), ["attached", "output"]);
  assert.equal(events[1]?.type === "output" && events[1].offset, 0);
});

Deno.test("a long session begins with a snapshot and goes on after it", async () => {
  const source = new FakeSource();
  source.end = 1_000_000;
  source.screen = { ...source.screen, offset: 999_000 };
  const { stream, events } = openStream(source);
  await stream.begin({});
  assert.deepEqual(events.map(({ type }) => type), ["attached", "snapshot", "output"]);
  assert.equal(events[2]?.type === "output" && events[2].offset, 999_000);
});

Deno.test("a client that resumes gets exactly what it missed", async () => {
  const source = new FakeSource();
  source.end = 500_000;
  const { stream, events, sentBytes } = openStream(source);
  await stream.begin({ from: 499_990 });
  assert.deepEqual(events[0], { type: "attached", channel: 1, offset: 499_990, cols: 80, rows: 24 });
  assert.equal(sentBytes(), 10);
});

Deno.test("no more than the credit window is on its way", async () => {
  const source = new FakeSource();
  const { stream, sentBytes } = openStream(source);
  await stream.begin({});
  source.end = 3 * CREDIT_WINDOW_BYTES;
  stream.pump();
  assert.equal(sentBytes(), CREDIT_WINDOW_BYTES);
  stream.acknowledge(1000);
  assert.equal(sentBytes(), CREDIT_WINDOW_BYTES + 1000);
});

Deno.test("an acknowledgement of what was never sent changes nothing", async () => {
  const source = new FakeSource();
  const { stream, sentBytes } = openStream(source);
  await stream.begin({});
  source.end = 3 * CREDIT_WINDOW_BYTES;
  stream.pump();
  stream.acknowledge(Number.MAX_SAFE_INTEGER);
  assert.equal(sentBytes(), CREDIT_WINDOW_BYTES);
});

Deno.test("a client that is hopelessly behind is skipped forward by a snapshot", async () => {
  const source = new FakeSource();
  const { stream, events } = openStream(source);
  await stream.begin({});
  source.end = SKIP_AFTER_BYTES + CREDIT_WINDOW_BYTES;
  source.screen = { ...source.screen, offset: source.end - 100 };
  stream.pump();
  stream.acknowledge(1);
  await Promise.resolve();
  await Promise.resolve();
  const skipped = events.find((event) => event.type === "skipped");
  assert.deepEqual(skipped, { type: "skipped", channel: 1, from: skipped?.from, to: source.end - 100 });
  const last = events.at(-1);
  assert.ok(last?.type === "output" && last.offset + last.bytes.length === source.end);
});

Deno.test("sizes come between the right bytes", async () => {
  const source = new FakeSource();
  source.end = 100;
  source.resizes = [{ offset: 0, cols: 100, rows: 30 }, { offset: 40, cols: 120, rows: 40 }];
  const { stream, events } = openStream(source);
  await stream.begin({});
  const shape = events.map((event) =>
    event.type === "output" ? event.offset + event.bytes.length : event.type
  );
  assert.deepEqual(shape, ["attached", "resized", 40, "resized", 100]);
});

Deno.test("sizes that a snapshot already has are not sent again", async () => {
  const source = new FakeSource();
  source.end = 1_000_000;
  source.resizes = [{ offset: 900_000, cols: 100, rows: 30 }, { offset: 900_000, cols: 90, rows: 20 }];
  source.screen = { offset: 900_000, cols: 100, rows: 30, ansi: "" };
  const { stream, events } = openStream(source);
  await stream.begin({});
  const resized = events.filter((event) => event.type === "resized");
  assert.deepEqual(resized, [{ type: "resized", channel: 1, offset: 900_000, cols: 90, rows: 20 }]);
});

Deno.test("the end is told once, after the last byte", async () => {
  const source = new FakeSource();
  source.end = 10;
  source.ended = true;
  const { stream, events } = openStream(source);
  await stream.begin({});
  stream.pump();
  assert.deepEqual(events.map(({ type }) => type), ["attached", "output", "end"]);
});

Deno.test("a closed stream is silent", async () => {
  const source = new FakeSource();
  const { stream, events } = openStream(source);
  await stream.begin({});
  stream.close();
  source.end = 10;
  stream.pump();
  assert.deepEqual(events.map(({ type }) => type), ["attached"]);
});
