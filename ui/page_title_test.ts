import assert from "node:assert/strict";
import { pageTitle } from "./page_title.ts";

Deno.test("pageTitle counts what runs and names what is open", () => {
  assert.equal(pageTitle({ running: 0, spentNanoUsd: 5_000_000_000 }, undefined), "Agents Fleet");
  assert.equal(pageTitle({ running: 2 }, undefined), "● 2 running · Agents Fleet");
  assert.equal(pageTitle({ running: 1, spentNanoUsd: 0 }, "Fix the tests"), "● 1 running · Fix the tests");
});

Deno.test("pageTitle says what was spent today", () => {
  assert.equal(
    pageTitle({ running: 2, spentNanoUsd: 3_100_000_000 }, undefined),
    "● 2 running · $3.10 · Agents Fleet",
  );
});
