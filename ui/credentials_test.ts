import assert from "node:assert/strict";
import { parseLoginCode, takeLoginCode } from "./credentials.ts";

Deno.test("parseLoginCode finds the code in an address, a fragment, or alone", () => {
  assert.equal(parseLoginCode("http://127.0.0.1:4517/#k=abc-DEF_123"), "abc-DEF_123");
  assert.equal(parseLoginCode(" #k=abcdefgh "), "abcdefgh");
  assert.equal(parseLoginCode("abcdefgh1234"), "abcdefgh1234");
});

Deno.test("parseLoginCode refuses what cannot be a code", () => {
  for (const text of ["", "short", "two words here", "http://127.0.0.1:4517/", "#k=", "#x=abcdefgh"]) {
    assert.equal(parseLoginCode(text), undefined, text);
  }
});

Deno.test("takeLoginCode removes the code from the address and keeps the rest", () => {
  const replaced: string[] = [];
  const location = { hash: "#k=abcdefgh", pathname: "/s/1", search: "?at=3" } as Location;
  const history = {
    state: null,
    replaceState: (_state: unknown, _title: string, path: string): void => void replaced.push(path),
  } as unknown as History;
  assert.equal(takeLoginCode(location, history), "abcdefgh");
  assert.deepEqual(replaced, ["/s/1?at=3"]);
  assert.equal(takeLoginCode({ ...location, hash: "" } as Location, history), undefined);
});
