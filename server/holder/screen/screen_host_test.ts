import assert from "node:assert/strict";
import { ScreenHost } from "./screen_host.ts";
import type { FromWorker, ToWorker } from "./screen_messages.ts";

/** A host whose turns are taken by hand. */
class HostProbe {
  readonly posted: FromWorker[] = [];
  readonly #host: ScreenHost;
  #soon: (() => void)[] = [];

  constructor() {
    this.#host = new ScreenHost({
      post: (message) => void this.posted.push(message),
      soon: (callback) => void this.#soon.push(callback),
      now: () => 0,
    });
    this.send({ type: "configure", keyframeEveryBytes: 1 << 20, scrollback: 10 });
  }

  send(message: ToWorker): void {
    this.#host.receive(message);
  }

  open(session: string): void {
    this.send({ type: "open", session, size: { cols: 20, rows: 4 }, from: undefined });
  }

  write(session: string, length: number): void {
    this.send({ type: "write", session, bytes: new Uint8Array(length).fill(0x78), endOffset: length });
  }

  /** Takes turns until nothing is left to do; answers how many. */
  run(): number {
    let turns = 0;
    for (let next = this.#soon.shift(); next !== undefined; next = this.#soon.shift()) {
      next();
      turns++;
    }
    return turns;
  }
}

Deno.test("sessions take turns, and each is told how far it is", () => {
  const probe = new HostProbe();
  for (const session of ["a", "b"]) {
    probe.open(session);
    probe.write(session, 200_000);
  }
  assert.ok(probe.run() > 20);
  const told = probe.posted.flatMap((message) => message.type === "parsed" ? [message] : []);
  assert.equal(told.map(({ session }) => session).join(""), "ab".repeat(told.length / 2));
  assert.deepEqual(told.slice(-2).map(({ offset }) => offset), [200_000, 200_000]);
});

Deno.test("nothing is scheduled while there is nothing to do", () => {
  const probe = new HostProbe();
  probe.open("a");
  assert.equal(probe.run(), 0);
});

Deno.test("the end comes behind all output, however much waits, and behind word of it", () => {
  const probe = new HostProbe();
  probe.open("a");
  probe.write("a", 1 << 21);
  probe.send({ type: "ask", session: "a", request: 7, what: "end" });
  probe.run();
  assert.deepEqual(probe.posted.slice(-3).map(({ type }) => type), ["parsed", "keyframe", "answer"]);
  const [parsed, keyframe] = probe.posted.slice(-3);
  assert.equal(parsed?.type === "parsed" && parsed.offset, 1 << 21);
  assert.equal(keyframe?.type === "keyframe" && keyframe.keyframe.offset, 1 << 21);
});

Deno.test("messages for sessions without a screen are answered or ignored", () => {
  const probe = new HostProbe();
  probe.write("nobody", 4);
  probe.send({ type: "drop", session: "nobody" });
  probe.send({ type: "ask", session: "nobody", request: 5, what: "text" });
  probe.run();
  assert.deepEqual(probe.posted, [{ type: "failed", request: 5, message: "There is no such screen" }]);
});
