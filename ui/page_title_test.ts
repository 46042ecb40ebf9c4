import assert from "node:assert/strict";
import { pageTitle } from "./page_title.ts";

Deno.test("pageTitle counts what runs and names what is open", () => {
  assert.equal(pageTitle(0, undefined), "Agents Fleet");
  assert.equal(pageTitle(2, undefined), "● 2 running · Agents Fleet");
  assert.equal(pageTitle(1, "Fix the tests"), "● 1 running · Fix the tests");
});
