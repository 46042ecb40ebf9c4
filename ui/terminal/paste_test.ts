import assert from "node:assert/strict";
import { countLines, encodePaste, needsConfirmation, sanitizePaste } from "./paste.ts";

Deno.test("control characters become visible, tabs and line ends stay", () => {
  assert.equal(sanitizePaste("a\tb\r\nc\n"), "a\tb\r\nc\n");
  assert.equal(sanitizePaste("\x1b[31m\x03\x00\x7f"), "␛[31m␃␀␡");
  assert.equal(sanitizePaste("\x9b31m\x85"), "\ufffd31m\ufffd");
  assert.equal(sanitizePaste("žluťoučký 🐎"), "žluťoučký 🐎");
});

Deno.test("a paste cannot end its own brackets", () => {
  const sent = encodePaste("ls\x1b[201~\nrm -rf /", true);
  assert.equal(sent, "\x1b[200~ls␛[201~\rrm -rf /\x1b[201~");
  assert.equal(sent.split("\x1b").length, 3);
});

Deno.test("line ends are typed as Return", () => {
  assert.equal(encodePaste("a\r\nb\nc", false), "a\rb\rc");
});

Deno.test("only several lines without brackets need a question", () => {
  assert.equal(needsConfirmation("one line", false), false);
  assert.equal(needsConfirmation("one\ntwo", false), true);
  assert.equal(needsConfirmation("one\n", false), true);
  assert.equal(needsConfirmation("one\ntwo", true), false);
});

Deno.test("countLines does not count a final line end", () => {
  assert.equal(countLines("a"), 1);
  assert.equal(countLines("a\nb\r\nc\n"), 3);
});
