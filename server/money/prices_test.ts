import assert from "node:assert/strict";
import { parseOverrides } from "../pricing/overrides.ts";
import type { PriceTable } from "../protocol.ts";
import { loadPriceLibrary } from "../pricing/price_library.ts";
import { NO_TOKENS, UNKNOWN_MODEL } from "../usage/model_call.ts";
import { FleetStore } from "../store/fleet_store.ts";
import { Prices, type PricesOptions } from "./prices.ts";

const AT_MS = Date.UTC(2026, 10, 22);

function list(inputPer1M: number, model = "claude-opus-5-5"): PriceTable {
  return { models: { [model]: { inputPer1M, outputPer1M: 20 } } };
}

async function withPrices(change: Partial<PricesOptions>, work: (prices: Prices) => void): Promise<void> {
  const store = new FleetStore(":memory:");
  try {
    const prices = new Prices({
      json: undefined,
      file: undefined,
      settings: () => ({ models: {} }),
      ledger: store.ledger,
      loadLibrary: loadPriceLibrary,
      now: () => AT_MS,
      ...change,
    });
    await prices.ready();
    work(prices);
  } finally {
    store.close();
  }
}

const inputOf = (prices: Prices): number | undefined =>
  prices.book.priceOf("claude-opus-5-5", AT_MS)?.tiers[0]?.rates.input;

Deno.test("places win in their order: service, PRICING_JSON, the file, Settings, the built-in table", async () => {
  const all = {
    json: JSON.stringify(list(2)),
    file: { text: JSON.stringify(list(3)) },
    settings: () => list(4),
  };
  await withPrices(all, (prices) => {
    prices.setFeed({ state: "in_use", overrides: parseOverrides(list(1)), problems: [] });
    assert.equal(inputOf(prices), 1_000_000);
    prices.setFeed({ state: "unused", problems: [] });
    assert.equal(inputOf(prices), 2_000_000);
  });
  await withPrices({ ...all, json: undefined }, (prices) => assert.equal(inputOf(prices), 3_000_000));
  await withPrices({ settings: all.settings }, (prices) => assert.equal(inputOf(prices), 4_000_000));
});

Deno.test("a place that cannot be used says why and changes nothing", async () => {
  const broken = { json: "{", file: { problem: '"/x" cannot be read: gone' } };
  await withPrices(broken, (prices) => {
    assert.equal(inputOf(prices), 4_000_000);
    const places = prices.view().places.filter(({ state }) => state === "failed");
    assert.deepEqual(places.map(({ name, problems }) => [name, problems.length]), [
      ["PRICING_JSON", 1],
      ["PRICING_JSON_PATH", 1],
    ]);
  });
});

Deno.test("entries that cannot be used are named, the others are used", async () => {
  const json = JSON.stringify({ models: { ...list(2).models, bad: { inputPer1M: -1, outputPer1M: 1 } } });
  await withPrices({ json }, (prices) => {
    assert.equal(inputOf(prices), 2_000_000);
    const place = prices.view().places.find(({ name }) => name === "PRICING_JSON");
    assert.deepEqual([place?.state, place?.models], ["in_use", 1]);
    assert.match(place?.problems[0] ?? "", /"bad"/);
  });
});

Deno.test("until the library is there nothing that needs it gets a price, and what does not gets its own", async () => {
  const store = new FleetStore(":memory:");
  let tries = 0;
  const prices = new Prices({
    json: undefined,
    file: undefined,
    settings: () => ({ models: {} }),
    ledger: store.ledger,
    loadLibrary: () => tries++ === 0 ? Promise.reject(new Error("gone")) : loadPriceLibrary(),
    now: () => AT_MS,
  });
  const unknown = { model: UNKNOWN_MODEL, atMs: AT_MS, ...NO_TOKENS, output: 1000 };
  assert.equal(prices.book.cost(unknown).nanoUsd, 15_000_000);
  assert.throws(() => prices.book.priceOf("claude-opus-4-5", AT_MS), /being loaded/);
  assert.equal(prices.book.windowOf("claude-opus-4-5"), undefined);
  await assert.rejects(prices.ready(), /gone/);
  await prices.ready();
  assert.ok(prices.book.priceOf("claude-opus-4-5", AT_MS));
  store.close();
});
