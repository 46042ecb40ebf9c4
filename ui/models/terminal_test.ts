import assert from "node:assert/strict";
import { FakeTimers } from "../testing/fake_timers.ts";
import { type ShownTerminal, TerminalModel, type TypingTerminal } from "./terminal.ts";

function fakeTerminal(log: string[]): ShownTerminal & TypingTerminal {
  return {
    focus: () => log.push("focus"),
    text: () => "text",
    viewText: () => "",
    findNext: (term, options) => log.push(`next ${term}${options?.incremental ? " typing" : ""}`),
    findPrevious: (term) => log.push(`previous ${term}`),
    clearSearch: () => log.push("clear"),
    paste: (text) => log.push(`paste ${text}`),
    submit: (text) => log.push(`submit ${text}`),
    takeOverSize: () => log.push("take over"),
  };
}

Deno.test("the terminal on screen follows the mode and is given back at the end", () => {
  const shown: (ShownTerminal | undefined)[] = [];
  const state = new TerminalModel({
    onShown: (terminal) => shown.push(terminal),
    startTimer: new FakeTimers().start,
  });
  const live = state.live.value = fakeTerminal([]);
  const replay = state.replay.value = fakeTerminal([]);
  state.mode.value = "replay";
  state[Symbol.dispose]();
  assert.deepEqual(shown.map((each) => each === live ? "live" : each === replay ? "replay" : each), [
    undefined,
    "live",
    "replay",
    undefined,
  ]);
});

Deno.test("search goes to the terminal on screen and is cleaned up", () => {
  const log: string[] = [];
  const state = new TerminalModel({ onShown: () => {}, startTimer: new FakeTimers().start });
  state.live.value = fakeTerminal(log);
  state.openSearch();
  state.searchFor("x");
  state.onSearchResults({ index: 0, count: 3 });
  assert.deepEqual(state.search.value, { term: "x", index: 0, count: 3 });
  state.searchNext(1);
  state.searchNext(-1);
  state.closeSearch();
  state.onSearchResults({ index: 0, count: 0 });
  assert.equal(state.search.value, undefined);
  assert.deepEqual(log, ["next x typing", "next x", "previous x", "clear", "focus"]);
});

Deno.test("a questioned paste is typed only after yes", () => {
  const log: string[] = [];
  const state = new TerminalModel({ onShown: () => {}, startTimer: new FakeTimers().start });
  state.live.value = fakeTerminal(log);
  state.pendingPaste.value = "a\nb";
  state.answerPaste(false);
  state.pendingPaste.value = "c\nd";
  state.answerPaste(true);
  assert.deepEqual(log, ["focus", "paste c\nd", "focus"]);
  assert.equal(state.pendingPaste.value, undefined);
});

Deno.test("what was skipped is summed up and said for a while", () => {
  const timers = new FakeTimers();
  const state = new TerminalModel({ onShown: () => {}, startTimer: timers.start });
  state.stream.onSkipped(100);
  timers.advance(7000);
  state.stream.onSkipped(50, 20);
  timers.advance(7000);
  assert.deepEqual([state.skippedBytes.value, state.missingBytes.value], [150, 20]);
  timers.advance(1000);
  assert.equal(state.skippedBytes.value, 0);
  state[Symbol.dispose]();
  assert.equal(timers.pending, 0);
});
