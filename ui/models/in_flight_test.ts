import assert from "node:assert/strict";
import { FakeMessages, makeCall } from "../testing/gate.ts";
import { callsOf, InFlightModel } from "./in_flight.ts";

Deno.test("calls under way are known by session until the next message, or another server", () => {
  const messages = new FakeMessages();
  const model = new InFlightModel({ onMessage: messages.listen });
  const [mine, other] = [makeCall(), makeCall({ callId: "call2", sessionId: "s2" })];
  messages.push({ type: "in_flight", calls: [mine, other] });
  assert.deepEqual(["s1", "s2", "s3"].map((id) => callsOf(model, id)), [[mine], [other], []]);
  messages.push({ type: "in_flight", calls: [other] });
  assert.deepEqual(["s1", "s2"].map((id) => callsOf(model, id)), [[], [other]]);
  messages.push({ type: "ready", instance: "i", version: "v" });
  assert.deepEqual(callsOf(model, "s2"), []);
  model[Symbol.dispose]();
});
