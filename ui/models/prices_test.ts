import assert from "node:assert/strict";
import type { PriceTable, RepriceResult } from "../../server/protocol.ts";
import { type Prices, PricesModel } from "./prices.ts";

const NOTHING: RepriceResult = {
  applied: false,
  calls: 10,
  changedCalls: 0,
  beforeNanoUsd: 5,
  afterNanoUsd: 5,
  models: [],
};

function setUp(kept = true): { prices: Prices; saved: PriceTable[]; repriced: boolean[] } {
  const saved: PriceTable[] = [];
  const repriced: boolean[] = [];
  const prices = new PricesModel({
    api: {
      getPrices: () => Promise.resolve({ places: [], models: [] }),
      reprice: (apply) => {
        repriced.push(apply);
        return Promise.resolve({ ...NOTHING, applied: apply });
      },
    },
    save: (table) => {
      saved.push(table);
      return Promise.resolve(kept);
    },
  });
  return { prices, saved, repriced };
}

Deno.test("a table survives its editor", async () => {
  const { prices, saved } = setUp();
  const table: PriceTable = {
    models: { "my-model": { inputPer1M: 3, outputPer1M: 15, cacheReadPer1M: 0.3 } },
    default: { inputPer1M: 1, outputPer1M: 2 },
  };
  prices.edit(table);
  await prices.save();
  assert.deepEqual(saved, [table]);
  assert.equal(prices.drafts.value, undefined);
});

Deno.test("saved prices are followed by a look at what they change, not by the change", async () => {
  const { prices, repriced } = setUp();
  prices.edit({ models: {} });
  await prices.save();
  assert.deepEqual(repriced, [false]);
  assert.equal(prices.preview.value?.applied, false);
  await prices.apply();
  assert.deepEqual(repriced, [false, true]);
  assert.equal(prices.preview.value?.applied, true);
});

Deno.test("a refused table stays in the editor", async () => {
  const { prices, repriced } = setUp(false);
  prices.edit({ models: {} });
  await prices.save();
  assert.deepEqual(prices.drafts.value, []);
  assert.deepEqual(repriced, []);
});

Deno.test("rows that cannot be read are named and not saved", async () => {
  const { prices, saved } = setUp();
  prices.edit({ models: { a: { inputPer1M: 1, outputPer1M: 2 } } });
  prices.add();
  const [first, second] = prices.drafts.value ?? [];
  assert.equal(prices.problems.value.get(second?.key ?? 0), "");
  prices.type(second?.key ?? 0, { model: "a" });
  assert.match(prices.problems.value.get(second?.key ?? 0) ?? "", /^Input/);
  prices.type(second?.key ?? 0, { field: "inputPer1M", text: "1" });
  prices.type(second?.key ?? 0, { field: "outputPer1M", text: "$2" });
  assert.match(prices.problems.value.get(second?.key ?? 0) ?? "", /listed twice/);
  await prices.save();
  assert.deepEqual(saved, []);
  prices.remove(first?.key ?? 0);
  await prices.save();
  assert.deepEqual(saved, [{ models: { a: { inputPer1M: 1, outputPer1M: 2 } } }]);
});

Deno.test("a model is added to the editor once", () => {
  const { prices } = setUp();
  prices.edit({ models: {} });
  prices.add("m", { inputPer1M: 1, outputPer1M: 2 });
  prices.add("m", null);
  prices.addDefault();
  prices.addDefault();
  assert.deepEqual(prices.drafts.value?.map(({ model, isDefault }) => [model, isDefault]), [
    ["m", false],
    ["", true],
  ]);
});
