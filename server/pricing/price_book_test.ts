import assert from "node:assert/strict";
import { usdToNanoUsd } from "../usage/nano_usd.ts";
import { createPriceBook } from "../testing/loaded_prices.ts";
import { randomInt, seededRandom } from "../usage/testdata/seeded_random.ts";
import { divideHalfEven } from "./half_even.ts";
import { parseOverrides } from "./overrides.ts";
import type { PricedCall } from "./call_cost.ts";

const AT_MS = Date.UTC(2026, 10, 22);
const BOOK = createPriceBook();

function call(model: string, change: Partial<PricedCall> = {}): PricedCall {
  return {
    model,
    atMs: AT_MS,
    input: 0,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: 0,
    ...change,
  };
}

/** Dollars per million: input, cache read, 5 min write, 1 h write, output. */
function perMillion(model: string, change: Partial<PricedCall> = {}): number[] {
  const count = 1_000_000;
  return (["input", "cacheRead", "cacheWrite5m", "cacheWrite1h", "output"] as const).map((name) =>
    // 1,000 parts of 1,000 tokens: below every long-context tier
    BOOK.cost(call(model, { [name]: count / 1000, ...change })).byClass[name] * 1000 / 1e9
  );
}

// Written by hand from the vendors' price pages, in November 2026; the same in LiteLLM 1.109.1 and genai-prices 0.2.3.
const PUBLISHED: Array<[model: string, prices: number[]]> = [
  ["claude-opus-5-5", [4, 0.2, 5, 8, 20]],
  ["claude-opus-5-5[1m]", [4, 0.2, 5, 8, 20]],
  ["claude-opus-4-8", [5, 0.5, 6.25, 10, 25]],
  ["claude-opus-4-1-20250805", [15, 1.5, 18.75, 30, 75]],
  ["claude-sonnet-4-6", [3, 0.3, 3.75, 6, 15]],
  ["claude-sonnet-5", [2, 0.2, 2.5, 4, 10]],
  ["claude-sonnet-5-5", [2, 0.1, 2.5, 4, 10]],
  ["claude-haiku-4-5-20251001", [1, 0.1, 1.25, 2, 5]],
  ["claude-haiku-5-5", [0.1, 0.01, 0.125, 0.2, 0.5]],
  ["claude-fable-5-1", [10, 0.25, 12.5, 20, 50]],
  ["claude-fable-5-2", [8, 0.2, 10, 16, 40]],
  ["claude-mythos-5", [10, 1, 12.5, 20, 50]],
  ["claude-mythos-5-1", [10, 0.25, 12.5, 20, 50]],
  ["claude-mythos-5-2[1m]", [8, 0.2, 10, 16, 40]],
  ["vertex_ai/claude-haiku-4-5@20251001", [1, 0.1, 1.25, 2, 5]],
  ["us.anthropic.claude-opus-4-5-20251101-v1:0", [5.5, 0.55, 6.875, 11, 27.5]],
  ["global.anthropic.claude-opus-4-5-20251101-v1:0", [5, 0.5, 6.25, 10, 25]],
  ["eu.anthropic.claude-haiku-5-5-v1:0", [0.11, 0.011, 0.1375, 0.22, 0.55]],
  ["gpt-5.5", [5, 0.5, 5, 5, 30]],
  ["gpt-5.4", [2.5, 0.25, 2.5, 2.5, 15]],
  ["openai/gpt-5.1-codex", [1.25, 0.125, 1.25, 1.25, 10]],
  ["gpt-6-sol", [2, 0.2, 2.5, 2.5, 10]],
  ["gpt-6-astra", [10, 1, 12.5, 12.5, 50]],
  ["gpt-6-luna", [0.1, 0.01, 0.125, 0.125, 0.5]],
  ["gpt-6.1-sol", [2, 0.1, 2.5, 2.5, 10]],
  ["gpt-6.1-sol-2026-09-29", [2, 0.1, 2.5, 2.5, 10]],
  ["gpt-6.1-terra", [1, 0.05, 1.25, 1.25, 5]],
  ["gpt-5.6-terra", [2, 0.2, 2.5, 2.5, 12]],
  ["gpt-daybreak-blue-latest", [4, 0.4, 5, 5, 20]],
  ["gpt-daybreak-red-latest", [12.5, 1.25, 15.625, 15.625, 75]],
  ["gemini-2.5-pro", [1.25, 0.125, 1.25, 1.25, 10]],
];

for (const [model, prices] of PUBLISHED) {
  Deno.test(`${model} costs what its vendor publishes`, () => {
    assert.deepEqual(perMillion(model), prices);
  });
}

Deno.test("a long prompt is charged at its tier for every token of the call", () => {
  const prompt = { input: 72_000, cacheRead: 200_000 };
  const below = BOOK.cost(call("gpt-6-sol", { ...prompt, output: 1000 }));
  assert.deepEqual([below.byClass.input, below.byClass.cacheRead, below.byClass.output], [144e6, 40e6, 10e6]);
  const above = BOOK.cost(call("gpt-6-sol", { ...prompt, input: 72_001, output: 1000 }));
  assert.deepEqual([above.byClass.input, above.byClass.cacheRead, above.byClass.output], [
    288_004_000,
    80e6,
    15e6,
  ]);
  assert.ok(above.priceId.endsWith("+>272000"));
  const haiku = BOOK.cost(call("claude-haiku-5-5", { cacheRead: 100_001, output: 1000 }));
  assert.deepEqual([haiku.byClass.cacheRead, haiku.byClass.output], [5_000_050, 2_500_000]);
});

// Published as "prompts with more than 272K input tokens"; the library's own limit is one token lower.
for (
  const model of [
    "gpt-6-sol",
    "gpt-6-astra",
    "gpt-5.5",
    "gpt-5.6-luna",
    "gpt-6.1-terra",
    "gpt-daybreak-blue-latest",
  ]
) {
  Deno.test(`${model} has the long prompt's price above 272,000 tokens, not at them`, () => {
    const cost = (input: number): number => BOOK.cost(call(model, { input })).nanoUsd / input;
    assert.equal(cost(272_000), cost(1000));
    assert.equal(cost(272_001), cost(1000) * 2);
  });
}

Deno.test("windows are known of models that are newer than the library", () => {
  const windows = ["claude-fable-5-2", "claude-haiku-5-5[1m]", "gpt-6.1-terra-2026-10-26", "gpt-6-sol", "new"]
    .map((model) => BOOK.windowOf(model));
  assert.deepEqual(windows, [1_000_000, 1_000_000, 1_050_000, 1_050_000, undefined]);
});

Deno.test("prices are those of the call's own time", () => {
  const cacheReadAt = (atMs: number): number =>
    BOOK.cost(call("claude-sonnet-5-5", { cacheRead: 1000, atMs })).nanoUsd;
  assert.deepEqual([cacheReadAt(Date.UTC(2026, 9, 6)), cacheReadAt(Date.UTC(2026, 9, 8))], [
    200_000,
    100_000,
  ]);
  const inputAt = (atMs: number): number => BOOK.cost(call("gpt-5.6-sol", { input: 1000, atMs })).nanoUsd;
  assert.deepEqual([inputAt(Date.UTC(2026, 7, 1)), inputAt(Date.UTC(2026, 8, 1))], [5e6, 4e6]);
});

Deno.test("service tiers and speeds multiply the token prices", () => {
  const output = (model: string, change: Partial<PricedCall>): number =>
    BOOK.cost(call(model, { output: 1000, ...change })).nanoUsd / 1e6;
  assert.equal(output("gpt-6-sol", { serviceTier: "priority" }), 20);
  assert.equal(output("gpt-6-sol", { serviceTier: "fast" }), 20);
  assert.equal(output("gpt-6-sol", { serviceTier: "flex" }), 5);
  assert.equal(output("gpt-6-sol", { serviceTier: "default" }), 10);
  assert.equal(output("gpt-5.5", { serviceTier: "priority" }), 75);
  assert.equal(output("gpt-6.1-terra", { serviceTier: "priority" }), 10);
  assert.equal(output("gpt-6.1-sol", { serviceTier: "ultrafast" }), 60);
  assert.equal(output("gpt-4o", { serviceTier: "priority" }), 17);
  assert.equal(output("o4-mini", { serviceTier: "priority" }), 8);
  assert.equal(output("claude-fable-5-2", { speed: "fast" }), 80);
  assert.equal(output("claude-opus-5-5", { speed: "fast", serviceTier: "standard" }), 40);
  assert.equal(output("claude-opus-4-7", { speed: "fast" }), 150);
  assert.equal(output("claude-opus-5-5", { serviceTier: "batch" }), 10);
  assert.equal(output("claude-opus-5-5", { serviceTier: "priority", speed: "standard" }), 20);
  const unknown = BOOK.cost(call("claude-opus-5-5", { output: 1000, serviceTier: "galactic" }));
  assert.deepEqual([unknown.nanoUsd, unknown.estimated], [20e6, true]);
});

Deno.test("inference in the United States only costs a tenth more, from Claude 4.6 on", () => {
  const output = (model: string, change: Partial<PricedCall>): number =>
    BOOK.cost(call(model, { output: 1000, ...change })).nanoUsd / 1e6;
  assert.equal(output("claude-opus-5-5", { inferenceGeo: "us" }), 22);
  assert.equal(output("claude-opus-5-5", { inferenceGeo: "us", speed: "fast" }), 44);
  for (const inferenceGeo of ["", "global", "not_available"]) {
    assert.equal(output("claude-opus-5-5", { inferenceGeo }), 20);
  }
  assert.equal(output("claude-sonnet-4-6", { inferenceGeo: "us" }), 16.5);
  assert.equal(output("claude-sonnet-4-5-20250929", { inferenceGeo: "us" }), 15);
  assert.equal(output("claude-haiku-4-5-20251001", { inferenceGeo: "us" }), 5);
  assert.equal(output("gpt-6-sol", { inferenceGeo: "us" }), 10);
  const { priceId, estimated } = BOOK.cost(call("claude-opus-5-5", { inferenceGeo: "us", speed: "fast" }));
  assert.deepEqual([priceId, estimated], ["genai-prices:anthropic/claude-opus-5-5+fast+us", false]);
  const elsewhere = BOOK.cost(call("claude-opus-5-5", { output: 1000, inferenceGeo: "eu" }));
  assert.deepEqual([elsewhere.nanoUsd, elsewhere.estimated], [22e6, true]);
});

const NONE = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0 };

Deno.test("each pass of a call is charged at the tier of its own prompt", () => {
  const passes = [60_000, 70_000].map((cacheRead) => ({ ...NONE, cacheRead, output: 100 }));
  const totals = { cacheRead: 130_000, output: 200 };
  const [whole, split] = [{}, { passes }].map((change) =>
    BOOK.cost(call("claude-haiku-5-5", { ...totals, ...change }))
  );
  assert.deepEqual([whole?.nanoUsd, split?.nanoUsd], [7_000_000, 1_400_000]);
  assert.deepEqual([whole?.priceId, split?.priceId], [
    "own:anthropic/claude-haiku-5-5+>100000",
    "own:anthropic/claude-haiku-5-5",
  ]);
  const other = BOOK.cost(call("claude-haiku-5-5", { ...totals, output: 201, passes }));
  assert.equal(other.nanoUsd, 7_002_500, "passes that are not the call's counts do not count");
});

Deno.test("an advisor's pass has its own model's price, in the same place, at no faster tier", () => {
  const advisor = { ...NONE, input: 1000, model: "claude-opus-5-5", aside: "advisor" as const };
  const own = { ...NONE, output: 1000 };
  const change = { input: 1000, output: 1000, passes: [own, advisor] };
  const cost = (more: Partial<PricedCall>): number[] => {
    const { input, output } = BOOK.cost(call("claude-sonnet-5-5", { ...change, ...more })).byClass;
    return [input / 1e6, output / 1e6];
  };
  assert.deepEqual(cost({}), [4, 10]);
  assert.deepEqual(cost({ speed: "fast" }), [4, 20]);
  assert.deepEqual(cost({ inferenceGeo: "us" }), [4.4, 11]);
  assert.equal(
    BOOK.cost(call("claude-sonnet-5-5", change)).priceId,
    "own:anthropic/claude-sonnet-5-5 & genai-prices:anthropic/claude-opus-5-5",
  );
});

Deno.test("web searches are on the bill, at no service tier's factor", () => {
  const { byClass, nanoUsd } = BOOK.cost(
    call("claude-opus-5-5", { webSearches: 3, output: 1, speed: "fast", inferenceGeo: "global" }),
  );
  assert.deepEqual([byClass.serverTools, nanoUsd], [30_000_000, 30_040_000]);
});

Deno.test("a model without a price has the default one, marked estimated, and no price of its own", () => {
  const { nanoUsd, estimated, priceId } = BOOK.cost(call("something-new", { input: 1000, output: 1000 }));
  assert.deepEqual([nanoUsd, estimated, priceId], [18_000_000, true, "default"]);
  assert.equal(BOOK.priceOf("something-new", AT_MS), undefined);
  assert.equal(BOOK.priceOf("", AT_MS), undefined);
  assert.equal(BOOK.priceOf("claude-opus-5-5", AT_MS)?.estimated, false);
  for (const model of ["__proto__", "constructor", "toString", "x".repeat(1e6)]) {
    assert.equal(BOOK.priceOf(model, AT_MS), undefined);
  }
});

Deno.test("a screen's totals cost what the CLI showed", () => {
  const shown = { source: "screen" as const, reportedCostNanoUsd: 81_526_000 };
  const { nanoUsd, priceId, estimated } = BOOK.cost(call("unknown", { ...shown, input: 5 }));
  assert.deepEqual([nanoUsd, priceId, estimated], [81_526_000, "reported", true]);
  assert.equal(BOOK.cost(call("claude-opus-5-5", { ...shown, source: "otlp", input: 5 })).nanoUsd, 20_000);
});

Deno.test("each class is rounded half to even once", () => {
  const cacheRead = (count: number): number =>
    BOOK.cost(call("claude-haiku-5-5", { cacheRead: count })).nanoUsd;
  assert.deepEqual([cacheRead(1), cacheRead(3)], [10, 30]);
  const halves = createPriceBook({
    overrides: [parseOverrides({ models: { m: { inputPer1M: 0.0005, outputPer1M: 0 } } })],
  });
  const input = (count: number): number => halves.cost(call("m", { input: count })).nanoUsd;
  assert.deepEqual([1, 2, 3, 4, 5, 7].map(input), [0, 1, 2, 2, 2, 4]);
});

Deno.test("divideHalfEven rounds as decimal arithmetic does", () => {
  const random = seededRandom(5);
  for (let run = 0; run < 2000; run++) {
    const [value, by] = [randomInt(random, 0, 100_000), randomInt(random, 1, 40)];
    const floor = Math.floor(value / by);
    const rest = value - floor * by;
    const expected = rest * 2 > by || (rest * 2 === by && floor % 2 === 1) ? floor + 1 : floor;
    assert.equal(divideHalfEven(BigInt(value), BigInt(by)), expected);
  }
  assert.equal(divideHalfEven(9_000_000_000_000_000_500n, 1000n), 9_000_000_000_000_000);
});

Deno.test("usdToNanoUsd is exact for what CLIs print and refuses what it cannot hold", () => {
  assert.deepEqual([0.0769916, 1.1562725999999999, 0, 1e-9].map(usdToNanoUsd), [
    76_991_600,
    1_156_272_600,
    0,
    1,
  ]);
  for (const usd of [NaN, Infinity, 1e10]) assert.throws(() => usdToNanoUsd(usd), RangeError);
});

Deno.test("the largest calls stay exact", () => {
  const { nanoUsd } = BOOK.cost(call("claude-opus-5-5", { cacheRead: 99_999_999, output: 99_999_999 }));
  assert.equal(nanoUsd, 99_999_999 * 200 + 99_999_999 * 20_000);
});
