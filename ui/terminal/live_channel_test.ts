import assert from "node:assert/strict";
import {
  type ClientMessage,
  encodeSnapshot,
  FRAME,
  type Frame,
  type ServerMessage,
} from "../../server/protocol.ts";
import { FakeTerminal } from "../testing/fake_terminal.ts";
import { LiveChannel, type StreamSocket } from "./live_channel.ts";
import { OrderedWriter } from "./ordered_writer.ts";

class FakeStream implements StreamSocket {
  sent: ClientMessage[] = [];
  inputs: string[] = [];
  #onMessage: ((message: ServerMessage) => void)[] = [];
  #onFrame: ((frame: Frame) => void)[] = [];

  send(message: ClientMessage): boolean {
    this.sent.push(message);
    return true;
  }
  sendInput(channel: number, bytes: Uint8Array): boolean {
    this.inputs.push(`${channel} ${new TextDecoder().decode(bytes)}`);
    return true;
  }
  onMessage(listener: (message: ServerMessage) => void): () => void {
    this.#onMessage.push(listener);
    return () => {
      this.#onMessage = this.#onMessage.filter((each) => each !== listener);
    };
  }
  onFrame(listener: (frame: Frame) => void): () => void {
    this.#onFrame.push(listener);
    return () => {
      this.#onFrame = this.#onFrame.filter((each) => each !== listener);
    };
  }
  get listeners(): number {
    return this.#onMessage.length + this.#onFrame.length;
  }
  says(message: ServerMessage): void {
    for (const listener of this.#onMessage) listener(message);
  }
  subscribed(offset: number, channel = 1): void {
    const asked = this.sent.findLast((message) => message.type === "subscribe");
    assert.ok(asked);
    const size = { cols: 80, rows: 24, ownsSize: true };
    this.says({ type: "subscribed", request: asked.request, channel, sessionId: "s", offset, ...size });
  }
  snapshot(offset: number, text: string, channel = 1): void {
    const ansi = new TextEncoder().encode(text);
    const bytes = encodeSnapshot({ cols: 100, rows: 30, ansi });
    for (const listener of this.#onFrame) listener({ kind: FRAME.snapshot, channel, offset, bytes });
  }
  output(offset: number, text: string, channel = 1): void {
    const bytes = new TextEncoder().encode(text);
    for (const listener of this.#onFrame) listener({ kind: FRAME.output, channel, offset, bytes });
  }
}

interface SetUp {
  stream: FakeStream;
  terminal: FakeTerminal;
  channel: LiveChannel;
  events: string[];
  runDelayed: () => void;
}

function setUp(): SetUp {
  const stream = new FakeStream();
  const terminal = new FakeTerminal();
  const events: string[] = [];
  const delayed: (() => void)[] = [];
  let request = 0;
  const channel = new LiveChannel({
    socket: stream,
    sessionId: "s",
    newRequest: () => ++request,
    createWriter: (parsed) => new OrderedWriter(terminal, { parsed }),
    delay: (callback) => delayed.push(callback),
    events: {
      onAttached: () => events.push("attached"),
      onSize: ({ cols, rows }) => events.push(`size ${cols}x${rows}`),
      onSizeOwner: (owns) => events.push(`owner ${owns}`),
      onSkipped: (bytes) => events.push(`skipped ${bytes}`),
      onEnd: (offset) => events.push(`end ${offset}`),
      onError: (message) => events.push(`error ${message}`),
    },
  });
  return { stream, terminal, channel, events, runDelayed: () => delayed.splice(0).forEach((each) => each()) };
}

function acks(stream: FakeStream): number[] {
  return stream.sent.flatMap((message) => message.type === "ack" ? [message.offset] : []);
}

const READY: ServerMessage = { type: "ready", instance: "i", version: "1" };

Deno.test("a running session starts with its screen and goes on with its output", () => {
  const { stream, terminal, events } = setUp();
  stream.subscribed(500);
  stream.output(400, "stray");
  stream.snapshot(500, "screen");
  stream.output(500, "more");
  terminal.parseAll();
  assert.equal(terminal.text, "screenmore");
  assert.deepEqual([terminal.cols, terminal.rows], [100, 30]);
  assert.ok(events.includes("attached"));
});

Deno.test("a session sent whole from its start needs no screen", () => {
  const { stream, terminal } = setUp();
  stream.subscribed(0);
  stream.output(0, "hello");
  terminal.parseAll();
  assert.equal(terminal.text, "hello");
  assert.deepEqual([terminal.cols, terminal.rows], [80, 24]);
});

Deno.test("after a reconnect the stream is asked for from where it broke off, without gap or double", () => {
  const { stream, terminal } = setUp();
  stream.subscribed(0);
  stream.output(0, "abc");
  stream.says(READY);
  const again = stream.sent.at(-1);
  assert.ok(again?.type === "subscribe" && again.from === 3);
  stream.subscribed(3, 9);
  stream.output(1, "bcde", 9);
  stream.output(2, "cd", 9);
  stream.output(5, "f", 9);
  terminal.parseAll();
  assert.equal(terminal.text, "abcdef");
});

Deno.test("a server that cannot go on there sends a screen instead", () => {
  const { stream, terminal } = setUp();
  stream.subscribed(0);
  stream.output(0, "abc");
  stream.says(READY);
  stream.subscribed(900);
  stream.snapshot(900, "later");
  stream.output(900, "!");
  terminal.parseAll();
  assert.equal(terminal.text, "later!");
});

Deno.test("a gap is never written: the stream is asked for again", () => {
  const { stream, terminal } = setUp();
  stream.subscribed(0);
  stream.output(0, "abc");
  stream.output(10, "xyz");
  terminal.parseAll();
  assert.equal(terminal.text, "abc");
  const again = stream.sent.at(-1);
  assert.ok(again?.type === "subscribe" && again.from === 3);
});

Deno.test("skipped output is reported and nothing is written until the screen comes", () => {
  const { stream, terminal, events } = setUp();
  stream.subscribed(0);
  stream.output(0, "abc");
  stream.says({ type: "skipped", channel: 1, from: 3, to: 5003 });
  stream.snapshot(5003, "now");
  terminal.parseAll();
  assert.equal(terminal.text, "now");
  assert.ok(events.includes("skipped 5000"));
});

Deno.test("resizes are applied between the bytes they came between", () => {
  const { stream, terminal } = setUp();
  stream.subscribed(0);
  stream.output(0, "a");
  stream.says({ type: "resized", channel: 1, offset: 1, cols: 50, rows: 10 });
  stream.output(1, "b");
  terminal.parseAll();
  assert.deepEqual(terminal.log.slice(-3), ["a", "size 50x10", "b"]);
});

Deno.test("parsed bytes are acknowledged: every 100 kB at once, small output a little later", () => {
  const { stream, terminal, runDelayed } = setUp();
  stream.subscribed(0);
  terminal.parseAll();
  runDelayed();
  stream.output(0, "x".repeat(60_000));
  stream.output(60_000, "x".repeat(60_000));
  assert.deepEqual(acks(stream), [0]);
  terminal.parseAll();
  assert.deepEqual(acks(stream), [0, 120_000]);
  stream.output(120_000, "tail");
  terminal.parseAll();
  runDelayed();
  assert.deepEqual(acks(stream), [0, 120_000, 120_004]);
});

Deno.test("messages of other channels and requests are ignored", () => {
  const { stream, terminal, events } = setUp();
  stream.subscribed(0);
  events.length = 0;
  stream.output(0, "not mine", 7);
  stream.says({ type: "end", channel: 7, offset: 3 });
  stream.says({ type: "error", request: 99, error: { code: "x", message: "not mine" } });
  terminal.parseAll();
  assert.equal(terminal.text, "");
  assert.deepEqual(events, ["attached"]);
});

Deno.test("after the end nothing is sent and nothing complains, until the stream starts again", () => {
  const { stream, channel, events } = setUp();
  stream.subscribed(0);
  stream.says({ type: "end", channel: 1, offset: 0 });
  stream.says({ type: "error", channel: 1, error: { code: "conflict", message: "It has ended" } });
  channel.resize({ cols: 10, rows: 10 });
  assert.equal(channel.input(new Uint8Array(1)), false);
  assert.ok(!stream.sent.some((message) => message.type === "resize"));
  assert.ok(!events.includes("error It has ended"));
  stream.says(READY);
  stream.subscribed(0);
  assert.equal(channel.input(new Uint8Array(1)), true);
});

Deno.test("typing goes to the channel, ownership and end are reported, close leaves nothing behind", () => {
  const { stream, channel, events } = setUp();
  assert.equal(channel.input(new TextEncoder().encode("early")), false);
  stream.subscribed(0, 4);
  assert.equal(channel.input(new TextEncoder().encode("ls\r")), true);
  stream.says({ type: "size_owner", channel: 4, ownsSize: false });
  stream.says({ type: "end", channel: 4, offset: 12 });
  channel.close();
  assert.deepEqual(stream.inputs, ["4 ls\r"]);
  assert.ok(events.includes("owner false") && events.includes("end 12"));
  assert.deepEqual(stream.sent.at(-1), { type: "unsubscribe", channel: 4 });
  assert.equal(stream.listeners, 0);
});

Deno.test("a stream closed before it was there is given up as soon as it is", () => {
  const { stream, channel, events } = setUp();
  channel.close();
  assert.equal(stream.listeners, 1);
  stream.subscribed(500, 7);
  assert.deepEqual(stream.sent.at(-1), { type: "unsubscribe", channel: 7 });
  assert.deepEqual([stream.listeners, events], [0, []]);
});

Deno.test("a closed stream does not wait for an answer of a connection that is gone", () => {
  const { stream, channel } = setUp();
  channel.close();
  const { length } = stream.sent;
  stream.says(READY);
  assert.deepEqual([stream.listeners, stream.sent.length], [0, length]);
});
