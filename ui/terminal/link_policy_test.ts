import assert from "node:assert/strict";
import { safeLink } from "./link_policy.ts";

Deno.test("only http and https addresses may be opened", () => {
  assert.equal(safeLink("https://example.com/a?b"), "https://example.com/a?b");
  assert.equal(safeLink("http://127.0.0.1:8080"), "http://127.0.0.1:8080/");
  for (const target of ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "example.com", ""]) {
    assert.equal(safeLink(target), undefined, target);
  }
});
