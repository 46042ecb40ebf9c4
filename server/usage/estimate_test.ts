import assert from "node:assert/strict";
import { AnsiStripper } from "./ansi_stripper.ts";
import { UsageEstimator } from "./estimate.ts";
import { randomInt, seededRandom } from "./testdata/seeded_random.ts";

const STYLED: Array<[text: string, readable: string]> = [
  ["\x1b[1;31mred\x1b[0m plain", "red plain"],
  ["\x1b]0;a title\x07after\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "afterlink"],
  ["a\x1bPq#0;1~\x1b\\b\x1b_apc\x1b\\c\x1b^pm\x1b\\d\x1bXsos\x1b\\e", "abcde"],
  ["\x1b(Bx\x1b7y\x1b8z\x1b=\x1b>", "xyz"],
  ["one\r\ntwo\ttab\b\x00\x7f", "one\ntwo\ttab"],
  ["\x1bOAup\x1b[A", "up"],
  ["\x1b[3\x1b[1mbroken", "broken"],
  ["ünïcödé 😀 漢字", "ünïcödé 😀 漢字"],
];

Deno.test("AnsiStripper leaves what a person reads, for every way to cut the stream", () => {
  const random = seededRandom(3);
  for (const [text, readable] of STYLED) {
    assert.equal(new AnsiStripper().strip(text), readable);
    for (let run = 0; run < 50; run++) {
      const stripper = new AnsiStripper();
      let stripped = "";
      for (let at = 0; at < text.length;) {
        const end = at + randomInt(random, 1, 5);
        stripped += stripper.strip(text.slice(at, end));
        at = end;
      }
      assert.equal(stripped, readable);
    }
  }
});

Deno.test("AnsiStripper does not swallow everything after a title without an end", () => {
  const stripper = new AnsiStripper();
  stripper.strip("\x1b]0;" + "x".repeat(2 * 1024 * 1024));
  assert.ok(stripper.strip("visible").endsWith("visible"));
});

Deno.test("UsageEstimator counts a quarter of the characters over the running total, not per chunk", () => {
  const estimator = new UsageEstimator();
  for (const char of "\x1b[32m" + "x".repeat(401) + "\x1b[0m") estimator.addOutput(char, 0);
  assert.deepEqual(estimator.totals, { input: 0, output: 101 });
  const keys = new UsageEstimator();
  for (const key of "git status\r") keys.addInput(key, 0);
  assert.equal(keys.totals.input, 3);
});

Deno.test("UsageEstimator does not count keys that type nothing", () => {
  const estimator = new UsageEstimator();
  for (const key of ["\x1b[A", "\x1bOB", "\x7f", "\b", "\x03", "\x1b[200~", "abcd", "\x1b[201~"]) {
    estimator.addInput(key, 0);
  }
  assert.equal(estimator.totals.input, 1);
});

Deno.test("UsageEstimator does not take the echo of typed keys for output", () => {
  const estimator = new UsageEstimator();
  estimator.addInput("ls -la\r", 1000);
  estimator.addOutput("l", 1001);
  estimator.addOutput("s -la\r\n", 1005);
  assert.equal(estimator.totals.output, 0);
  estimator.addOutput("total 12\r\n", 1010);
  assert.deepEqual(estimator.state, { outputChars: "total 12\n".length, inputChars: 7 });
});

Deno.test("UsageEstimator loses at most as much output as was typed to a program that does not echo", () => {
  const estimator = new UsageEstimator();
  estimator.addInput("secret\r", 0);
  estimator.addOutput("secretly ".repeat(100), 10);
  assert.ok(estimator.state.outputChars >= 900 - 7);
  const late = new UsageEstimator();
  late.addInput("secret", 0);
  late.addOutput("secret", 10_000);
  assert.equal(late.state.outputChars, 6);
});

Deno.test("UsageEstimator goes on from an earlier state", () => {
  const estimator = new UsageEstimator({ outputChars: 4001, inputChars: 7 });
  assert.deepEqual(estimator.totals, { input: 2, output: 1001 });
});
