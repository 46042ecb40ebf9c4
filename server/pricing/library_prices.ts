// Looks a model up in the price snapshot of genai-prices and puts what it finds into our integers.

import type { ModelPrice } from "@pydantic/genai-prices";
import type { ModelIdParts } from "../usage/model_id.ts";
import type { LibraryPrice, PriceLibrary } from "./price_library.ts";
import {
  completeRates,
  picoPerToken,
  type Price,
  type PriceTier,
  type Rates,
  withRegionalPremium,
} from "./rates.ts";

/** The library's names of our token classes. */
const FIELDS: Record<keyof Rates, string> = {
  input: "input_mtok",
  cacheRead: "cache_read_mtok",
  cacheWrite5m: "cache_write_mtok",
  cacheWrite1h: "cache_write_1h_mtok",
  output: "output_mtok",
};
const NANO_PER_KCOUNT_USD = 1_000_000;

interface Where {
  library: PriceLibrary;
  atMs: number;
  providerId?: string;
}

/** The price of a model at a moment, undefined when the library has none with both input and output. */
export function libraryPrice(
  parts: ModelIdParts,
  { library, atMs }: { library: PriceLibrary; atMs: number },
): Price | undefined {
  if (parts.bedrock !== undefined) {
    const exact = lookUp(parts.bedrock, { library, atMs, providerId: "aws" });
    if (exact !== undefined) return exact;
  }
  for (const name of parts.candidates) {
    const found = lookUp(name, { library, atMs });
    if (found !== undefined) return parts.isRegional ? withRegionalPremium(found) : found;
  }
  return undefined;
}

function lookUp(model: string, where: Where): Price | undefined {
  const found = calculate(model, where);
  if (!found) return undefined;
  const price = found.model_price;
  if (figure(price[FIELDS.input]) === undefined || figure(price[FIELDS.output]) === undefined) {
    return undefined;
  }
  // Amazon sells Claude by Anthropic's rules: what the list leaves out follows them.
  const provider = found.model.id.includes("claude") ? "anthropic" : found.provider.id;
  return {
    id: `genai-prices:${found.provider.id}/${found.model.id}`,
    estimated: false,
    provider,
    tiers: tierStarts(price).map((start) => toTier(price, { start, provider })),
    webSearchNanoUsd: Math.round((figure(price.web_searches_kcount) ?? 0) * NANO_PER_KCOUNT_USD),
  };
}

function calculate(model: string, where: Where): LibraryPrice {
  const options = { timestamp: new Date(where.atMs) };
  try {
    return where.library.calcPrice(
      {},
      model,
      where.providerId ? { ...options, providerId: where.providerId } : options,
    );
  } catch {
    return null; // the library throws for models it cannot price by tokens alone: the same as not knowing them
  }
}

function tierStarts(price: ModelPrice): number[] {
  const starts = Object.values(FIELDS).flatMap((field) => {
    const value = price[field];
    return typeof value === "object" ? value.tiers.map((tier) => tier.start) : [];
  });
  return [...new Set([0, ...starts])].sort((left, right) => left - right);
}

/** The library's long prices start above 271,999 tokens; published is: above 272,000. */
function publishedLimit(start: number): number {
  return (start + 1) % 1000 === 0 ? start + 1 : start;
}

function toTier(price: ModelPrice, at: { start: number; provider: string }): PriceTier {
  const rate = (field: keyof Rates): number | undefined => {
    const usdPerMillion = figure(price[FIELDS[field]], at.start);
    return usdPerMillion === undefined ? undefined : picoPerToken(usdPerMillion);
  };
  const known: { input: number; output: number } & Partial<Rates> = {
    input: rate("input") ?? 0,
    output: rate("output") ?? 0,
  };
  for (const field of ["cacheRead", "cacheWrite5m", "cacheWrite1h"] as const) {
    const value = rate(field);
    if (value !== undefined) known[field] = value;
  }
  return { abovePromptTokens: publishedLimit(at.start), rates: completeRates(known, at.provider) };
}

/** The dollars that a field states for prompts just above `start`. */
function figure(value: ModelPrice[string], start = 0): number | undefined {
  if (typeof value !== "object") return value;
  return value.tiers.toSorted((left, right) => left.start - right.start)
    .findLast((tier) => start >= tier.start)?.price ?? value.base;
}
