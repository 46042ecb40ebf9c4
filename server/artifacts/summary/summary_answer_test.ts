import assert from "node:assert/strict";
import { readAnswer } from "./summary_answer.ts";

const GOOD = { title: "Adds a parser", summary: "It adds a parser. Tests pass." };
const READ = { title: GOOD.title, text: GOOD.summary };

Deno.test("readAnswer takes JSON, bare or in fences or among sentences", () => {
  const json = JSON.stringify(GOOD);
  for (
    const answer of [json, `\`\`\`json\n${json}\n\`\`\``, `Here it is:\n${json}\nBye`, `\ufeff${json}\n`]
  ) {
    assert.deepEqual(readAnswer(answer, { isLast: false }), READ);
  }
});

Deno.test("readAnswer makes text of one line without control or hiding characters", () => {
  const answer = JSON.stringify({
    title: '"Adds\u202e a\nparser."',
    summary: "\u001b[31mRed\u0000\n\ttext.",
    more: 1,
  });
  assert.deepEqual(readAnswer(answer, { isLast: false }), { title: "Adds a parser", text: "[31mRed text." });
});

Deno.test("readAnswer says what is wrong", () => {
  const cases: [answer: string, problem: RegExp][] = [
    ["", /not JSON/],
    ["I cannot do that", /not JSON/],
    ["{broken", /not JSON/],
    ["{a: 1}", /not JSON/],
    ["[1]", /not JSON/],
    ["{}", /"title" is missing/],
    ['{"title":"x"}', /"summary" is missing/],
    ['{"title":7,"summary":"x"}', /"title" is missing or no text/],
    ['{"title":" ","summary":"x"}', /"title" is missing/],
    [JSON.stringify({ title: "x", summary: "y".repeat(5000) }), /"summary" is too long/],
    [JSON.stringify({ ...GOOD, title: "one two three four five six seven eight nine" }), /has 9 words/],
  ];
  for (const [answer, problem] of cases) {
    const read = readAnswer(answer, { isLast: false });
    assert.match("problem" in read ? read.problem : "", problem, answer);
  }
});

Deno.test("readAnswer cuts the title of a last answer instead of giving it up", () => {
  const answer = JSON.stringify({ ...GOOD, title: "one two three four five six seven eight nine" });
  assert.deepEqual(readAnswer(answer, { isLast: true }), {
    title: "one two three four five six seven eight",
    text: GOOD.summary,
  });
});
