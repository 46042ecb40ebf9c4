import assert from "node:assert/strict";
import type { GateActivity, GateEventView } from "../../server/protocol.ts";
import { FakeMessages, makeEvent } from "../testing/gate.ts";
import { GateActivityModel, type GateActivityStore, groupCalls, mergeEvents } from "./gate_activity.ts";

function setUp(): {
  gate: GateActivityStore;
  messages: FakeMessages;
  answers: PromiseWithResolvers<GateActivity>[];
  push(...events: GateEventView[]): void;
} {
  const messages = new FakeMessages();
  const answers: PromiseWithResolvers<GateActivity>[] = [];
  const gate = new GateActivityModel({
    api: {
      getGate: () => {
        const answer = Promise.withResolvers<GateActivity>();
        answers.push(answer);
        return answer.promise;
      },
    },
    sessionId: "s1",
    onMessage: messages.listen,
  });
  return {
    gate,
    messages,
    answers,
    push: (...events) =>
      messages.push({ type: "gate_events", items: events.map((event) => ({ sessionId: "s1", event })) }),
  };
}

Deno.test("events of one call become one entry with its outcome, its marks and its figures", () => {
  const [call] = groupCalls([
    makeEvent(5, { kind: "settled", nanoUsd: 40, outputTokens: 900 }),
    makeEvent(4, { kind: "ended_early", outputTokens: 900 }),
    makeEvent(3, { kind: "extended", nanoUsd: 200, outputTokens: 8192 }),
    makeEvent(2, { kind: "reserved", nanoUsd: 100, outputTokens: 4096 }),
    makeEvent(1, { kind: "waited" }),
  ]);
  assert.deepEqual([call?.outcome, call?.marks], ["settled", ["waited", "ended_early"]]);
  assert.deepEqual([call?.costNanoUsd, call?.reservedNanoUsd, call?.outputTokens], [40, 200, 900]);
  assert.deepEqual(call?.events.map(({ id }) => id), [1, 2, 3, 4, 5]);
});

Deno.test("a call that is not over shows how far it came; a retry is a call of its own", () => {
  const calls = groupCalls([
    makeEvent(4, { callId: "b", kind: "held" }),
    makeEvent(3, { callId: "a", kind: "sent_back" }),
    makeEvent(2, { callId: "a", kind: "held" }),
  ]);
  assert.deepEqual(calls.map(({ callId, outcome, marks }) => [callId, outcome, marks]), [
    ["b", "held", []],
    ["a", "sent_back", ["held"]],
  ]);
});

Deno.test("what is pushed while the list is loaded is not lost, and nothing is there twice", async () => {
  const { gate, answers, push } = setUp();
  const loading = gate.load();
  push(makeEvent(3, { kind: "settled" }));
  answers[0]?.resolve({ inFlight: [], events: [makeEvent(2), makeEvent(1, { callId: "a" })] });
  await loading;
  push(makeEvent(3, { kind: "settled" }), makeEvent(4, { callId: "b", kind: "refused" }));
  assert.deepEqual(gate.calls.value.map(({ callId, events }) => [callId, events.length]), [
    ["b", 1],
    ["call1", 2],
    ["a", 1],
  ]);
  gate.filter.value = "limit";
  assert.deepEqual(gate.shown.value.map(({ callId }) => callId), ["b"]);
  assert.deepEqual(gate.counts.value, { all: 3, limit: 1, waited: 0, unclear: 0 });
  gate[Symbol.dispose]();
});

Deno.test("events of other sessions are none of its business", async () => {
  const { gate, messages, answers } = setUp();
  const loading = gate.load();
  answers[0]?.resolve({ inFlight: [], events: [] });
  await loading;
  messages.push({ type: "gate_events", items: [{ sessionId: "s2", event: makeEvent(1) }] });
  assert.deepEqual(gate.calls.value, []);
  gate[Symbol.dispose]();
});

Deno.test("another server's list takes the place of the one before", async () => {
  const { gate, messages, answers } = setUp();
  const loading = gate.load();
  answers[0]?.resolve({ inFlight: [], events: [makeEvent(9)] });
  await loading;
  messages.push({ type: "ready", instance: "next", version: "v" });
  answers[1]?.resolve({ inFlight: [], events: [makeEvent(1, { callId: "new" })] });
  await answers[1]?.promise;
  assert.deepEqual(gate.calls.value.map(({ callId }) => callId), ["new"]);
  gate[Symbol.dispose]();
});

Deno.test("a failure is said and goes with the next success", async () => {
  const { gate, answers } = setUp();
  const first = gate.load();
  answers[0]?.reject(new Error("no answer"));
  await first;
  assert.deepEqual([gate.error.value, gate.loaded.value], ["no answer", false]);
  const second = gate.load();
  answers[1]?.resolve({ inFlight: [], events: [] });
  await second;
  assert.deepEqual([gate.error.value, gate.loaded.value], [undefined, true]);
  gate[Symbol.dispose]();
});

Deno.test("as many events are kept as the server keeps", () => {
  const events = Array.from({ length: 250 }, (_, index) => makeEvent(index + 1));
  const merged = mergeEvents(events, [makeEvent(251)]);
  assert.deepEqual([merged.length, merged[0]?.id, merged.at(-1)?.id], [200, 251, 52]);
});
