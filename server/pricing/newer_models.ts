// Prices that are newer than the price library in use. Delete an entry once the library has it.

import { picoPerToken, type Price, type Rates } from "./rates.ts";

interface NewerPrice {
  provider: string;
  /** Unix milliseconds from which the entry is valid; an older call takes the entry before it, or the library's. */
  fromMs: number;
  /** Dollars per million tokens: input, cache read, 5-minute and 1-hour cache write, output. */
  usdPerMillion: readonly [number, number, number, number, number];
  /** The same for prompts of more tokens than `above`. */
  long?: { above: number; usdPerMillion: readonly [number, number, number, number, number] };
}

/** From the vendors' public price pages, read in November 2026; genai-prices 0.1.8 has none of them. */
const NEWER_PRICES: Readonly<Record<string, readonly NewerPrice[]>> = {
  "claude-fable-5-2": [{ provider: "anthropic", fromMs: 0, usdPerMillion: [8, 0.2, 10, 16, 40] }],
  "claude-haiku-5-5": [{
    provider: "anthropic",
    fromMs: 0,
    usdPerMillion: [0.1, 0.01, 0.125, 0.2, 0.5],
    long: { above: 100_000, usdPerMillion: [0.5, 0.05, 0.625, 1, 2.5] },
  }],
  // The library takes this name for Sonnet 5, whose cache reads cost 0.20: right until they were halved.
  "claude-sonnet-5-5": [{
    provider: "anthropic",
    fromMs: Date.UTC(2026, 9, 7),
    usdPerMillion: [2, 0.1, 2.5, 4, 10],
  }],
  "gpt-6.1-sol": [{
    provider: "openai",
    fromMs: 0,
    usdPerMillion: [2, 0.1, 2.5, 2.5, 10],
    long: { above: 272_000, usdPerMillion: [4, 0.2, 5, 5, 15] },
  }],
};

/** The price of a model that the library does not know or knows wrongly; undefined for all others. */
export function newerPrice(model: string, atMs: number): Price | undefined {
  if (!Object.hasOwn(NEWER_PRICES, model)) return undefined;
  const entry = NEWER_PRICES[model]?.findLast((price) => atMs >= price.fromMs);
  if (entry === undefined) return undefined;
  const tiers = [{ abovePromptTokens: 0, rates: toRates(entry.usdPerMillion) }];
  if (entry.long) {
    tiers.push({ abovePromptTokens: entry.long.above, rates: toRates(entry.long.usdPerMillion) });
  }
  return {
    id: `own:${entry.provider}/${model}`,
    estimated: false,
    provider: entry.provider,
    tiers,
    webSearchNanoUsd: 10_000_000,
  };
}

function toRates(usdPerMillion: NewerPrice["usdPerMillion"]): Rates {
  const [input, cacheRead, cacheWrite5m, cacheWrite1h, output] = usdPerMillion;
  return {
    input: picoPerToken(input),
    cacheRead: picoPerToken(cacheRead),
    cacheWrite5m: picoPerToken(cacheWrite5m),
    cacheWrite1h: picoPerToken(cacheWrite1h),
    output: picoPerToken(output),
  };
}
