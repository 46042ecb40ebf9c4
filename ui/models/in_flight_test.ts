import assert from "node:assert/strict";
import { FakeMessages, makeCall } from "../testing/gate.ts";
import { InFlightModel } from "./in_flight.ts";

Deno.test("calls under way are known by session until the next message, or another server", () => {
  const messages = new FakeMessages();
  const model = new InFlightModel({ onMessage: messages.listen });
  const [mine, other] = [makeCall(), makeCall({ callId: "call2", sessionId: "s2" })];
  messages.push({ type: "in_flight", calls: [mine, other] });
  assert.deepEqual([model.of("s1"), model.of("s2"), model.of("s3")], [[mine], [other], []]);
  messages.push({ type: "in_flight", calls: [other] });
  assert.deepEqual([model.of("s1"), model.of("s2")], [[], [other]]);
  messages.push({ type: "ready", instance: "i", version: "v" });
  assert.deepEqual(model.of("s2"), []);
  model[Symbol.dispose]();
});
