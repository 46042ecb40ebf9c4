import assert from "node:assert/strict";
import { createPriceBook } from "../testing/loaded_prices.ts";
import { parseOverrides } from "./overrides.ts";
import type { PricedCall } from "./call_cost.ts";

const CALL: PricedCall = {
  model: "claude-opus-5-5",
  atMs: Date.UTC(2026, 10, 22),
  input: 1000,
  cacheRead: 1000,
  cacheWrite5m: 1000,
  cacheWrite1h: 1000,
  output: 1000,
};

function costWith(places: unknown[], model: string): number[] {
  const book = createPriceBook({ overrides: places.map(parseOverrides) });
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output } = book.cost({ ...CALL, model }).byClass;
  return [input, cacheRead, cacheWrite5m, cacheWrite1h, output].map((nanoUsd) => nanoUsd / 1e6);
}

const one = (id: string, rates: Record<string, unknown>): unknown => ({ models: { [id]: rates } });

Deno.test("an override wins over a known price, and the first place over the later ones", () => {
  const places = [
    one("claude-opus-5-5", { inputPer1M: 1, outputPer1M: 2 }),
    one("claude-opus-5-5", { inputPer1M: 9, outputPer1M: 9 }),
  ];
  assert.deepEqual(costWith(places, "claude-opus-5-5"), [1, 0.05, 1.25, 2, 2]);
  assert.deepEqual(costWith(places.toReversed(), "claude-opus-5-5").slice(-1), [9]);
});

Deno.test("an override's own cache prices count; what it leaves out keeps its proportion to the input", () => {
  const rates = { inputPer1M: 8, outputPer1M: 2, cacheReadPer1M: 7, cacheWrite5mPer1M: 6 };
  assert.deepEqual(costWith([one("claude-opus-5-5", rates)], "claude-opus-5-5"), [8, 7, 6, 16, 2]);
  assert.deepEqual(costWith([one("brand-new", { inputPer1M: 10, outputPer1M: 2 })], "brand-new"), [
    10,
    1,
    10,
    10,
    2,
  ]);
});

Deno.test("an override is found under dates, prefixes, other case, and as the only name with that ending", () => {
  const rates = { inputPer1M: 1, outputPer1M: 1 };
  const input = (id: string, model: string): number | undefined => costWith([one(id, rates)], model)[0];
  assert.equal(input("claude-opus-4-5", "us.anthropic.claude-opus-4-5-20251101-v1:0"), 1);
  assert.equal(
    input("us.anthropic.claude-opus-4-5-20251101-v1:0", "us.anthropic.claude-opus-4-5-20251101-v1:0"),
    1,
  );
  assert.equal(input("us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5"), 5);
  assert.equal(input("My-Model", "my-model"), 1);
  assert.equal(input("groq/my-model", "my-model"), 1);
  const two = { models: { "a/my-model": rates, "b/my-model": rates } };
  assert.equal(costWith([two], "my-model")[0], 3);
});

Deno.test("an overridden default stays an estimate", () => {
  const book = createPriceBook({
    overrides: [parseOverrides({ default: { inputPer1M: 1, outputPer1M: 2 } })],
  });
  const cost = book.cost({ ...CALL, model: "unheard-of" });
  assert.deepEqual([cost.byClass.input, cost.byClass.output, cost.estimated, cost.priceId], [
    1e6,
    2e6,
    true,
    "override:default",
  ]);
  assert.equal(book.priceOf("unheard-of", 0), undefined);
});

Deno.test("parseOverrides leaves out what cannot be a price and says so", () => {
  const rates = { inputPer1M: 1, outputPer1M: 1 };
  for (const bad of [-1, NaN, Infinity, "3", null, 1e9, undefined]) {
    const parsed = parseOverrides({ models: { good: rates, bad: { ...rates, inputPer1M: bad } } });
    assert.deepEqual([...parsed.models.keys()], ["good"]);
    assert.match(parsed.problems.join(), /"bad"/);
  }
  assert.equal(parseOverrides({ models: { m: { ...rates, cacheReadPer1M: -1 } } }).models.size, 0);
  assert.equal(parseOverrides({ default: { inputPer1M: 1 } }).default, undefined);
});

Deno.test("parseOverrides survives any JSON", () => {
  for (
    const json of [null, 7, "x", [], { models: [] }, { models: 7 }, { models: { a: null } }, { default: [] }]
  ) {
    const parsed = parseOverrides(json);
    assert.equal(parsed.models.size, 0);
    assert.ok(parsed.problems.length > 0);
  }
  assert.deepEqual(parseOverrides({}), { models: new Map(), problems: [] });
  const hostile = parseOverrides(JSON.parse('{"models":{"__proto__":{"inputPer1M":1,"outputPer1M":1}}}'));
  assert.equal(({} as Record<string, unknown>).inputPer1M, undefined);
  assert.ok(hostile.models.size <= 1);
});
