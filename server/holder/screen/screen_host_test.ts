import assert from "node:assert/strict";
import { ScreenHost } from "./screen_host.ts";
import type { FromWorker, ToWorker } from "./screen_messages.ts";

/** A host whose clock and turns are driven by hand. */
class HostProbe {
  readonly posted: FromWorker[] = [];
  readonly #host: ScreenHost;
  #soon: (() => void)[] = [];
  #later: { at: number; callback: () => void }[] = [];
  #now = 0;

  constructor() {
    this.#host = new ScreenHost({
      post: (message) => void this.posted.push(message),
      soon: (callback) => void this.#soon.push(callback),
      later: (callback, delayMs) => void this.#later.push({ at: this.#now + delayMs, callback }),
      now: () => this.#now,
    });
    this.send({ type: "configure", keyframeEveryBytes: 1 << 20, scrollback: 10 });
  }

  send(message: ToWorker): void {
    this.#host.receive(message);
  }

  /** Sends output and does all the work there is. */
  write(session: string, text: string, start: number): number {
    const bytes = new TextEncoder().encode(text);
    this.send({ type: "write", session, bytes, endOffset: start + bytes.length });
    this.run();
    return start + bytes.length;
  }

  ask(session: string, what: "snapshot" | "text"): unknown {
    const request = this.posted.length;
    this.send({ type: "ask", session, request, what });
    this.run();
    const answer = this.posted.find((message) => message.type === "answer" && message.request === request);
    return answer?.type === "answer" ? answer.value : undefined;
  }

  run(): void {
    for (let next = this.#soon.shift(); next !== undefined; next = this.#soon.shift()) next();
  }

  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [due] = this.#later.filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at);
      if (due === undefined) break;
      this.#later = this.#later.filter((each) => each !== due);
      this.#now = due.at;
      due.callback();
      this.run();
    }
    this.#now = until;
  }

  get timers(): number {
    return this.#later.length;
  }
}

const HOUR_MS = 3_600_000;

Deno.test("screens of idle sessions sleep, and go on as if they had not", () => {
  const [sleeper, awake] = [new HostProbe(), new HostProbe()];
  for (const probe of [sleeper, awake]) {
    probe.send({ type: "open", session: "a", size: { cols: 20, rows: 4 }, from: undefined });
    probe.send({ type: "resize", session: "a", size: { cols: 30, rows: 5 } });
  }
  let offset = 0;
  for (
    const text of [
      "\x1b]0;t\x07\x1b[2;4r\x1b[31mone\r\n",
      "two\x1b[?1049hfull",
      "\x1b[?1049l\x1b[6n\x07",
      "e\u0301",
    ]
  ) {
    sleeper.write("a", text, offset);
    offset = awake.write("a", text, offset);
    sleeper.pass(HOUR_MS);
    assert.equal(sleeper.timers, 0, "nothing is awake, so nothing is looked for");
    assert.deepEqual(sleeper.ask("a", "snapshot"), awake.ask("a", "snapshot"));
    assert.deepEqual(sleeper.ask("a", "text"), awake.ask("a", "text"));
  }
  assert.deepEqual(sleeper.posted, awake.posted);
});

Deno.test("a screen with half a sequence stays awake", () => {
  const probe = new HostProbe();
  probe.send({ type: "open", session: "a", size: { cols: 20, rows: 4 }, from: undefined });
  const offset = probe.write("a", "abc\x1b[3", 0);
  probe.pass(HOUR_MS);
  assert.equal(probe.timers, 1);
  probe.write("a", "1mred", offset);
  assert.deepEqual((probe.ask("a", "text") as string[])[0], "abcred");
});

Deno.test("the end of a sleeping session still has its last screens", () => {
  const probe = new HostProbe();
  probe.send({ type: "open", session: "a", size: { cols: 20, rows: 4 }, from: undefined });
  probe.write("a", "\x1b[?1049hfull\x1b[?1049lbye", 0);
  probe.pass(HOUR_MS);
  probe.send({ type: "ask", session: "a", request: 1, what: "end" });
  probe.run();
  const kinds = probe.posted.flatMap((message) => message.type === "keyframe" ? [message.keyframe.kind] : []);
  assert.deepEqual(kinds, ["last_screen", "end"]);
});

Deno.test("messages for sessions without a screen are answered or ignored", () => {
  const probe = new HostProbe();
  probe.write("nobody", "text", 0);
  probe.send({ type: "drop", session: "nobody" });
  probe.send({ type: "ask", session: "nobody", request: 5, what: "text" });
  assert.deepEqual(probe.posted, [{ type: "failed", request: 5, message: "There is no such screen" }]);
});

Deno.test("sessions take turns, and each is told how far it is", () => {
  const probe = new HostProbe();
  for (const session of ["a", "b"]) {
    probe.send({ type: "open", session, size: { cols: 20, rows: 4 }, from: undefined });
    probe.send({ type: "write", session, bytes: new Uint8Array(200_000).fill(0x78), endOffset: 200_000 });
  }
  probe.run();
  const told = probe.posted.flatMap((message) => message.type === "parsed" ? [message] : []);
  assert.equal(told.map(({ session }) => session).join(""), "ab".repeat(told.length / 2));
  assert.deepEqual(told.slice(-2).map(({ offset }) => offset), [200_000, 200_000]);
});

Deno.test("the end comes behind all output, however much waits", () => {
  const probe = new HostProbe();
  probe.send({ type: "open", session: "a", size: { cols: 20, rows: 4 }, from: undefined });
  probe.send({ type: "write", session: "a", bytes: new Uint8Array(1 << 21).fill(0x78), endOffset: 1 << 21 });
  probe.send({ type: "ask", session: "a", request: 7, what: "end" });
  probe.run();
  const ends = probe.posted.flatMap((message) => message.type === "keyframe" ? [message.keyframe] : []);
  assert.deepEqual([ends.at(-1)?.kind, ends.at(-1)?.offset], ["end", 1 << 21]);
  assert.ok(probe.posted.some((message) => message.type === "answer" && message.request === 7));
});
