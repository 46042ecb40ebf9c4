import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomInt, seededRandom } from "../usage/testdata/seeded_random.ts";
import { readRequestFacts } from "./request_facts.ts";

const FIELDS = ["tools", "instructions", "system", "input", "messages"];

/** Bytes of a parsed prompt, as the gate counts them: texts, and a little for what is around them. */
function count(value: unknown, leaves: number[]): number {
  if (typeof value === "string") {
    leaves.push(Buffer.byteLength(value) + 8);
    return Buffer.byteLength(value) + 8;
  }
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + count(item, leaves), 0);
  if (typeof value !== "object" || value === null) return 8;
  return Object.entries(value).reduce(
    (sum, [key, part]) => key === "cache_control" ? sum : sum + key.length + 4 + count(part, leaves),
    0,
  );
}

function randomBlock(random: () => number): unknown {
  const text = ["x", "é", "\n", '"', "😀"].map((piece) => piece.repeat(randomInt(random, 0, 30))).join(" ");
  const cache = random() < 0.3 ? { cache_control: { type: "ephemeral" } } : {};
  if (random() < 0.5) return { type: "text", text, ...cache };
  return {
    type: "tool_use",
    id: "t1",
    input: { command: text, n: randomInt(random, 0, 9), deep: [[text], null] },
  };
}

Deno.test("every text of a prompt is counted, in the order of the prompt, wherever the body has it", () => {
  const random = seededRandom(5);
  for (let run = 0; run < 500; run++) {
    const content = (): unknown[] =>
      Array.from({ length: randomInt(random, 0, 4) }, () => randomBlock(random));
    const parts = {
      messages: [{ role: "user", content: content() }, { role: "assistant", content: "plain" }],
      system: content(),
      tools: [{ name: "bash", input_schema: { type: "object", properties: { a: { type: "string" } } } }],
    };
    const request = {
      stream: true,
      ...parts,
      model: "m",
      metadata: { user_id: "not a prompt" },
      max_tokens: 7,
    };
    const facts = readRequestFacts("messages", request);
    const leaves: number[] = [];
    const bytes = FIELDS.reduce(
      (sum, name) => sum + (name in parts ? count(parts[name as keyof typeof parts], leaves) : 0),
      0,
    );
    assert.deepEqual([facts?.promptBytes, facts?.leaves.map((leaf) => leaf.bytes)], [bytes, leaves]);
    assert.deepEqual([facts?.model, facts?.isStream, facts?.maxOutputTokens], ["m", true, 7]);
  }
});

Deno.test("the same text is known again, another of the same length is not", () => {
  const long = (middle: string): string => "a".repeat(60) + middle + "b".repeat(60);
  const texts = [
    "one",
    "two",
    "one",
    long("1"),
    long("2"),
    long("12"),
    `${"a".repeat(47)}1${"b".repeat(80)}`,
  ];
  const facts = readRequestFacts("responses", { model: "m", input: texts });
  const [one, two, again, first, second, third, fourth] =
    facts?.leaves.map(({ fingerprint }) => fingerprint) ?? [];
  assert.equal(one, again);
  // Only the ends and the length of a long text are looked at.
  assert.equal(first, second);
  assert.equal(new Set([one, two, first, third, fourth]).size, 5);
});

Deno.test("a picture counts as one, wherever its type stands and whatever is in it", () => {
  const data = "A".repeat(200_000);
  const source = { type: "base64", media_type: "image/png", data };
  for (const image of [{ type: "image", source }, { source, type: "image" }]) {
    const content = [{ type: "tool_result", content: [image, { type: "text", text: "hello" }] }];
    const facts = readRequestFacts("messages", { model: "m", messages: [{ role: "user", content }] });
    assert.equal(facts?.images, 1);
    assert.ok((facts?.promptBytes ?? Infinity) < 300);
    assert.deepEqual(facts?.leaves.filter(({ isImage }) => isImage).map(({ bytes }) => bytes), [0]);
  }
  const input = [{ type: "input_image", image_url: `data:image/png;base64,${data}` }];
  assert.equal(readRequestFacts("responses", { model: "m", input })?.images, 1);
  const file = [{ type: "document", source: { type: "url", url: "https://example.com/a.pdf" } }];
  assert.deepEqual(
    readRequestFacts("messages", { model: "m", messages: [{ role: "user", content: file }] })
      ?.unbounded,
    ["a document that the provider fetches"],
  );
});

Deno.test("bodies that are no request have no facts", () => {
  for (const body of [undefined, null, [], "text", 5, { model: 5 }, { model: "" }, { messages: [] }]) {
    assert.equal(readRequestFacts("messages", body), undefined);
  }
});
