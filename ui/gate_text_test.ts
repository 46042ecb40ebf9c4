import assert from "node:assert/strict";
import { eventText, shortCallsText, summarizeCalls } from "./gate_text.ts";
import { makeCall, makeEvent } from "./testing/gate.ts";

Deno.test("one call under way is named, several are counted by state, sums are of all", () => {
  assert.equal(summarizeCalls([]), undefined);
  assert.deepEqual(summarizeCalls([makeCall()]), {
    what: "claude-opus-5-5 · answering",
    tone: "green",
    outputTokens: 1234,
    reservedNanoUsd: 123_000_000,
  });
  const calls = [
    makeCall({ state: "held", outputTokens: 0, reservedNanoUsd: 0 }),
    makeCall(),
    makeCall({ outputTokens: 766 }),
  ];
  assert.deepEqual(summarizeCalls(calls), {
    what: "3 calls · 2 answering, 1 held",
    tone: "green",
    outputTokens: 2000,
    reservedNanoUsd: 246_000_000,
  });
});

Deno.test("a call that nothing limits reserves nothing, and one without a model is a model's", () => {
  const { coveredTokens: _, reservedNanoUsd: __, ...free } = makeCall({ model: "", state: "sent" });
  const summary = summarizeCalls([free]);
  assert.deepEqual([summary?.what, summary?.reservedNanoUsd], ["a model · sent", undefined]);
});

Deno.test("a row of the list has room for a word and a figure", () => {
  assert.equal(shortCallsText([]), "");
  assert.equal(shortCallsText([makeCall({ state: "held" })]), "");
  assert.equal(shortCallsText([makeCall()]), "answering 1.23 K");
  assert.equal(shortCallsText([makeCall({ state: "waiting", outputTokens: 0 })]), "waiting for money");
  assert.equal(shortCallsText([makeCall(), makeCall()]), "2 calls 2.47 K");
});

Deno.test("an event says what it means, or its own words, and its figures", () => {
  assert.equal(
    eventText(makeEvent(1, { nanoUsd: 120_000_000, outputTokens: 4096 })),
    "Budgets hold this for the call · $0.1200 · covers 4.10 K tokens of output",
  );
  assert.equal(eventText(makeEvent(1, { kind: "refused", text: "Too much" })), "Too much");
  assert.match(
    eventText(makeEvent(1, { kind: "settled", nanoUsd: 0, outputTokens: 12 })),
    /12 tokens of output$/,
  );
});
