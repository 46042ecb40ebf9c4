import assert from "node:assert/strict";
import { encodeFrame, FRAME, type ServerMessage, SOCKET_CLOSE } from "../server/protocol.ts";
import { FleetSocket, isCutOff, retryDelayMs, type SocketLike } from "./socket.ts";
import { FakeTimers } from "./testing/fake_timers.ts";

class FakeSocket implements SocketLike {
  binaryType: BinaryType = "blob";
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  sent: (string | Uint8Array)[] = [];
  closed = false;
  readyState: number = WebSocket.OPEN;

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.sent.push(data);
  }
  close(): void {
    this.closed = true;
  }
  opens(): void {
    this.onopen?.(new Event("open"));
  }
  receives(message: ServerMessage | ArrayBuffer): void {
    const data = message instanceof ArrayBuffer ? message : JSON.stringify(message);
    this.onmessage?.(new MessageEvent("message", { data }));
  }
  drops(code = 1006): void {
    this.onclose?.({ code } as CloseEvent);
  }
}

function setUp(): {
  socket: FleetSocket;
  opened: FakeSocket[];
  timers: FakeTimers;
  refused: () => number;
} {
  const opened: FakeSocket[] = [];
  const timers = new FakeTimers();
  let refusals = 0;
  const socket = new FleetSocket({
    open: () => {
      const next = new FakeSocket();
      opened.push(next);
      return next;
    },
    pageKey: () => "key",
    startTimer: timers.start,
    now: () => timers.nowMs,
    random: () => 1,
    onRefused: () => {
      refusals++;
    },
  });
  return { socket, opened, timers, refused: () => refusals };
}

const READY: ServerMessage = { type: "ready", instance: "i1", version: "1" };

function connect(opened: FakeSocket[]): FakeSocket {
  const latest = opened.at(-1);
  assert.ok(latest);
  latest.opens();
  latest.receives(READY);
  return latest;
}

Deno.test("the first message carries the page key; online means the server said ready", () => {
  const { socket, opened } = setUp();
  socket.start();
  assert.equal(socket.send({ type: "ping" }), false);
  const wire = opened[0];
  wire?.opens();
  assert.deepEqual(wire?.sent, ['{"type":"auth","key":"key"}']);
  assert.equal(socket.connection.value.phase, "connecting");
  wire?.receives(READY);
  assert.equal(socket.isOnline.value, true);
  assert.equal(socket.send({ type: "ping" }), true);
  if (wire !== undefined) wire.readyState = WebSocket.CLOSING;
  assert.equal(socket.send({ type: "ping" }), false);
  socket.close();
});

Deno.test("lost connections are tried again with growing delays until one is ready", () => {
  const { socket, opened, timers } = setUp();
  socket.start();
  connect(opened).drops();
  assert.equal(socket.connection.value.phase, "offline");
  for (const delay of [250, 500, 1000, 2000, 4000, 5000, 5000]) {
    timers.advance(delay - 1);
    const before = opened.length;
    timers.advance(1);
    assert.equal(opened.length, before + 1, `after ${delay}`);
    opened.at(-1)?.drops();
  }
  timers.advance(5000);
  connect(opened);
  assert.equal(socket.connection.value.attempts, 0);
  socket.close();
  assert.equal(timers.pending, 0);
});

Deno.test("the loss is dated to when it happened, whatever is tried since", () => {
  const { socket, opened, timers } = setUp();
  socket.start();
  const wire = connect(opened);
  timers.advance(1000);
  wire.drops();
  timers.advance(250);
  opened.at(-1)?.drops();
  timers.advance(400);
  assert.equal(socket.connection.value.sinceMs, 1000);
  assert.equal(isCutOff(socket.connection.value), true);
  socket.close();
});

Deno.test("wake connects at once when offline", () => {
  const { socket, opened } = setUp();
  socket.start();
  connect(opened).drops();
  socket.wake();
  assert.equal(opened.length, 2);
  socket.close();
});

Deno.test("refused credentials end the attempts", () => {
  const { socket, opened, timers, refused } = setUp();
  socket.start();
  opened[0]?.drops(SOCKET_CLOSE.credentials);
  assert.equal(refused(), 1);
  assert.equal(socket.connection.value.phase, "idle");
  assert.equal(timers.pending, 0);
});

Deno.test("a silent connection is asked, and given up without an answer", () => {
  const { socket, opened, timers } = setUp();
  socket.start();
  const wire = connect(opened);
  timers.advance(20_000);
  assert.equal(wire.sent.at(-1), '{"type":"ping"}');
  wire.receives({ type: "pong" });
  timers.advance(19_999);
  assert.equal(socket.isOnline.value, true);
  timers.advance(1);
  timers.advance(5000);
  assert.equal(socket.connection.value.phase, "offline");
  assert.equal(wire.closed, true);
  socket.close();
});

Deno.test("a connection that is never ready is given up", () => {
  const { socket, opened, timers } = setUp();
  socket.start();
  opened[0]?.opens();
  timers.advance(10_000);
  assert.equal(socket.connection.value.phase, "offline");
  socket.close();
});

Deno.test("messages and frames reach their listeners until they leave", () => {
  const { socket, opened } = setUp();
  const seen: string[] = [];
  socket.start();
  const wire = connect(opened);
  const leave = socket.onMessage((message) => seen.push(message.type));
  socket.onFrame((frame) => seen.push(`frame ${frame.channel} ${frame.offset} ${frame.bytes.length}`));
  const frame = { kind: FRAME.output, channel: 4, offset: 10, bytes: new Uint8Array(3) };
  wire.receives({ type: "session_deleted", sessionId: "x" });
  wire.receives(encodeFrame(frame).buffer);
  leave();
  wire.receives({ type: "pong" });
  assert.deepEqual(seen, ["session_deleted", "frame 4 10 3"]);
  socket.close();
});

Deno.test("retryDelayMs spreads over half of the delay", () => {
  assert.equal(retryDelayMs(1, 0), 125);
  assert.equal(retryDelayMs(1, 1), 250);
  assert.equal(retryDelayMs(99, 0), 2500);
});
