import assert from "node:assert/strict";
import { negotiate, parseCall, parseHello, parseWelcome } from "./holder_protocol.ts";

Deno.test("messages are read as they were sent, and what a newer end adds is left out", () => {
  const hello = { secret: "s", min: 1, max: 2, version: "1" };
  assert.deepEqual(parseHello({ hello: { ...hello, more: 1 } }), { hello });
  const welcome = { protocol: 1, version: "1", pid: 7 };
  assert.deepEqual(parseWelcome({ welcome: { ...welcome, more: 1 } }), { welcome });
  const call = { id: 1, operation: "write", call: { session: "a" } };
  assert.deepEqual(parseCall(call), call);
});

Deno.test("anything else is refused", () => {
  const hellos = [null, [], "x", {}, { hello: null }, { hello: { secret: 1, min: 1, max: 1, version: "1" } }];
  for (const body of hellos) assert.throws(() => parseHello(body), TypeError);
  for (const protocol of [1.5, "1", NaN]) {
    assert.throws(() => parseWelcome({ welcome: { protocol, version: "1", pid: 1 } }), TypeError);
  }
  for (const call of [undefined, [], "x"]) {
    assert.throws(() => parseCall({ id: 1, operation: "a", call }), TypeError);
  }
});

Deno.test("the newest version that both speak is taken", () => {
  assert.equal(negotiate({ min: 1, max: 3 }, { min: 1, max: 2 }), 2);
  assert.equal(negotiate({ min: 3, max: 3 }, { min: 1, max: 2 }), undefined);
});
