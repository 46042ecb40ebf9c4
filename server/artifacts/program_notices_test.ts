import assert from "node:assert/strict";
import type { ProgramNotice } from "../holder/api.ts";
import { ProgramNotices } from "./program_notices.ts";

function collect(): {
  notices: ProgramNotices;
  marks: string[];
  add(notice: ProgramNotice, offset?: number): void;
  pass(milliseconds: number): void;
  timersRun(): void;
} {
  const marks: string[] = [];
  let time = 0;
  let timers: (() => void)[] = [];
  const notices = new ProgramNotices({
    mark: (session, { kind, text, offset }) => marks.push(`${session} ${kind} ${offset}: ${text}`),
    now: () => time,
    later: (work) => {
      timers.push(work);
      return () => {
        timers = timers.filter((other) => other !== work);
      };
    },
  });
  return {
    notices,
    marks,
    add: (notice, offset = 1) => notices.add("s", { offset, notice }),
    pass: (milliseconds) => void (time += milliseconds),
    timersRun: () => timers.splice(0).forEach((work) => work()),
  };
}

const ring: ProgramNotice = { kind: "notification", text: "look" };

Deno.test("notices are kept as they come, each where it came", () => {
  const { marks, add } = collect();
  add(ring, 10);
  add({ kind: "clipboard", bytes: 5, text: "hello" }, 20);
  add({ kind: "clipboard", bytes: 4, text: "" }, 30);
  assert.deepEqual(marks, [
    "s notification 10: look",
    "s clipboard 20: hello",
    "s clipboard 30: [4 bytes]",
  ]);
});

Deno.test("of 10,000 notices twenty are kept, and how many there were besides is said once", () => {
  const { marks, add, timersRun } = collect();
  for (let count = 0; count < 100; count++) {
    for (let kept = 0; kept < 32; kept++) add(ring, count);
    add({ kind: "dropped", count: 68 }, count);
  }
  timersRun();
  assert.equal(marks.length, 21);
  assert.equal(marks.at(-1), "s notices_dropped 99: 9,980 more came too fast to be kept one by one");
});

Deno.test("a flood that goes on is counted again and again; afterwards single notices are kept", () => {
  const { marks, add, pass, timersRun } = collect();
  for (let count = 0; count < 30; count++) add(ring);
  timersRun();
  for (let count = 0; count < 5; count++) add(ring);
  timersRun();
  assert.equal(marks.filter((mark) => mark.includes("notices_dropped")).length, 2);
  pass(60_000);
  add(ring, 77);
  assert.equal(marks.at(-1), "s notification 77: look");
});

Deno.test("what was left out is said when the session ends; what its screen reads afterwards is the same flood", () => {
  const { notices, marks, add, timersRun } = collect();
  for (let count = 0; count < 21; count++) add(ring);
  notices.end("s");
  for (let count = 0; count < 30; count++) add(ring);
  timersRun();
  notices.end("s");
  notices.close();
  assert.deepEqual(marks.slice(20), [
    "s notices_dropped 1: 1 more came too fast to be kept one by one",
    "s notices_dropped 1: 30 more came too fast to be kept one by one",
  ]);
});
