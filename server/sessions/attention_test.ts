import assert from "node:assert/strict";
import { Attention } from "./attention.ts";

interface Scene {
  attention: Attention;
  /** Activity and question after each change. */
  said: string[];
  /** Questions the user was told of. */
  told: (string | undefined)[];
  pass(milliseconds: number): void;
}

function setUp(): Scene {
  const [said, told]: [string[], (string | undefined)[]] = [[], []];
  let nowMs = 100_000;
  const timers = new Set<{ atMs: number; work: () => void }>();
  const attention = new Attention({
    now: () => nowMs,
    later: (work, delayMs) => {
      const timer = { atMs: nowMs + delayMs, work };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    onChange: (_, { activity, question }) => said.push(question ? `${activity}: ${question}` : activity),
    onNeedsYou: (_, question) => told.push(question),
  });
  const pass = (milliseconds: number): void => {
    nowMs += milliseconds;
    for (const timer of timers) {
      if (timer.atMs > nowMs) continue;
      timers.delete(timer);
      timer.work();
    }
  };
  return { attention, said, told, pass };
}

Deno.test("a notification is over when the user types, and what was reported before holds again", () => {
  const { attention, said, told } = setUp();
  attention.report("a", { activity: "working" });
  attention.notify("a", "Look");
  attention.typed("a");
  assert.deepEqual([said, told], [["working", "needs_you: Look", "working"], ["Look"]]);
});

Deno.test("a notification is over when work goes on, not when a prompt is drawn", () => {
  const { attention, said, pass } = setUp();
  attention.notify("a", "Look");
  for (let n = 1; n <= 3; n++) {
    pass(1000);
    attention.grown("a", n * 100);
  }
  pass(5000);
  attention.grown("a", 500);
  assert.deepEqual(said, ["needs_you: Look"]);
  for (let n = 1; n <= 3; n++) {
    pass(1000);
    attention.grown("a", 500 + n * 100);
  }
  assert.deepEqual(said, ["needs_you: Look", "working"]);
});

Deno.test("a question the agent itself reported stays until the agent says something else", () => {
  const { attention, said, pass } = setUp();
  attention.report("a", { activity: "needs_you", question: "May I?" });
  attention.notify("a", "It asks");
  attention.typed("a");
  for (let n = 1; n <= 9; n++) {
    pass(1000);
    attention.grown("a", n);
  }
  assert.deepEqual(said, ["needs_you: May I?"]);
  attention.report("a", { activity: "idle" });
  assert.deepEqual(said, ["needs_you: May I?", "idle"]);
});

Deno.test("a bell before a rest wants the user, once", () => {
  const { attention, said, told, pass } = setUp();
  attention.grown("a", 90);
  attention.bell("a", 90);
  pass(1000);
  attention.bell("a", 95);
  attention.grown("a", 300);
  pass(2000);
  assert.deepEqual(said, []);
  pass(1000);
  assert.deepEqual([said, told], [["needs_you"], [undefined]]);
});

Deno.test("a bell among work, and one that answers a key, want nobody", () => {
  const { attention, said, pass } = setUp();
  attention.bell("a", 100);
  attention.grown("a", 100_000);
  pass(5000);
  attention.typed("a");
  pass(100);
  attention.bell("a", 100_010);
  pass(10_000);
  attention.bell("a", 100_020);
  attention.typed("a");
  pass(10_000);
  assert.deepEqual(said, []);
});

Deno.test("one event seen by two sources is told once, another question is told again", () => {
  const { attention, told, pass } = setUp();
  attention.notify("a", undefined);
  pass(1000);
  attention.report("a", { activity: "needs_you", question: "Approve Bash: ls" });
  assert.deepEqual(told, [undefined]);
  pass(60_000);
  attention.report("a", { activity: "needs_you", question: "Approve Bash: rm" });
  assert.deepEqual(told, [undefined, "Approve Bash: rm"]);
});

Deno.test("what is taken up after a restart is told to nobody", () => {
  const { attention, said, told } = setUp();
  attention.adopt("a", { activity: "needs_you", question: "May I?" });
  attention.report("a", { activity: "needs_you", question: "May I?" });
  assert.deepEqual([said, told], [[], []]);
});

Deno.test("a program that asks again and again is told of now and then", () => {
  const { attention, said, told, pass } = setUp();
  for (let n = 0; n < 60; n++) {
    attention.notify("a", `again ${n}`);
    attention.typed("a");
    pass(1000);
  }
  assert.deepEqual([said.length, told.length], [120, 2]);
  for (let n = 0; n < 60; n++) {
    attention.report("b", { activity: n % 2 === 0 ? "needs_you" : "working" });
    pass(100);
  }
  assert.equal(told.length, 4);
});
