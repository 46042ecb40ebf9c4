// The authority on what a call costs: the user's overrides, then known prices, then a stated default.

import { AppError } from "../errors.ts";
import { parseModelId } from "../usage/model_id.ts";
import { UNKNOWN_MODEL } from "../usage/model_call.ts";
import { type CallCost, costOf, type PricedCall, reportedCost } from "./call_cost.ts";
import { libraryPrice } from "./library_prices.ts";
import { modelWindowTokens } from "./model_window.ts";
import type { PriceLibrary } from "./price_library.ts";
import { newerPrice } from "./newer_models.ts";
import { findOverride, type OverrideRates, type PriceOverrides } from "./overrides.ts";
import { completeRates, picoPerToken, type Price, type Rates, withRegionalPremium } from "./rates.ts";

export interface PriceBook {
  /** Tokens of a model's window; undefined for one that nobody has described, and before the library is there. */
  windowOf(model: string): number | undefined;
  /** What the model costs at a moment; undefined when nobody has stated a price for it. */
  priceOf(model: string, atMs: number): Price | undefined;
  /** What the call costs. A screen's totals have the cost that the CLI showed, if it showed one. */
  cost(call: PricedCall): CallCost;
}

/** $3 and $15 per million tokens, cache reads at a tenth, writes as at Anthropic. */
const DEFAULT_RATES: OverrideRates = {
  input: picoPerToken(3),
  output: picoPerToken(15),
  cacheRead: picoPerToken(0.3),
};
/** Prices differ by the minute at most (day and night rates); this many look-ups are remembered. */
const MAX_REMEMBERED = 1000;
const MINUTE_MS = 60_000;

export interface PriceBookOptions {
  /** In the order in which they win. */
  overrides?: readonly PriceOverrides[];
  /** Left out while it is loaded: what needs it throws `unavailable` then, and nothing gets a wrong price. */
  library?: PriceLibrary | undefined;
}

export function createPriceBook({ overrides = [], library }: PriceBookOptions): PriceBook {
  const fallback = defaultPrice(overrides);
  const remembered = new Map<string, Price | undefined>();

  function priceOf(model: string, atMs: number): Price | undefined {
    const key = `${Math.floor(atMs / MINUTE_MS)} ${model}`;
    if (remembered.has(key)) return remembered.get(key);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    const price = findPrice(model, { atMs, overrides, library });
    remembered.set(key, price);
    return price;
  }

  return {
    windowOf: (model) => library && modelWindowTokens(model, library),
    priceOf,
    cost(call: PricedCall): CallCost {
      if (call.source === "screen" && call.reportedCostNanoUsd !== undefined) {
        return reportedCost(call.reportedCostNanoUsd);
      }
      return costOf(call, (model) => priceOf(model, call.atMs) ?? fallback);
    },
  };
}

function findPrice(
  model: string,
  where: { atMs: number; overrides: readonly PriceOverrides[]; library: PriceLibrary | undefined },
): Price | undefined {
  const known = knownPrice(model, where);
  const parts = parseModelId(model);
  const override = findOverride(where.overrides, model);
  if (override === undefined) return known;
  const provider = known?.provider ?? (parts.base.startsWith("claude") ? "anthropic" : "");
  return {
    id: `override:${override.name}`,
    estimated: false,
    provider,
    tiers: [{ abovePromptTokens: 0, rates: completeOverride(override.rates, { known, provider }) }],
    webSearchNanoUsd: known?.webSearchNanoUsd ?? 0,
  };
}

function knownPrice(
  model: string,
  { atMs, library }: { atMs: number; library: PriceLibrary | undefined },
): Price | undefined {
  if (model === UNKNOWN_MODEL) return undefined;
  const parts = parseModelId(model);
  const newer = newerPrice(parts.base, atMs);
  if (newer !== undefined) return parts.isRegional ? withRegionalPremium(newer) : newer;
  if (library === undefined) throw new AppError("unavailable", "Prices are being loaded: try again");
  return libraryPrice(parts, { library, atMs });
}

/** What an override leaves out keeps its proportion to the input price. */
function completeOverride(rates: OverrideRates, from: { known: Price | undefined; provider: string }): Rates {
  const base = from.known?.tiers[0]?.rates;
  if (base === undefined || base.input === 0) {
    return completeRates({ cacheRead: Math.round(rates.input / 10), ...rates }, from.provider);
  }
  const inProportion = (known: number): number => Math.round((known * rates.input) / base.input);
  return {
    cacheRead: inProportion(base.cacheRead),
    cacheWrite5m: inProportion(base.cacheWrite5m),
    cacheWrite1h: inProportion(base.cacheWrite1h),
    ...rates,
  };
}

function defaultPrice(overrides: readonly PriceOverrides[]): Price {
  const chosen = overrides.find((place) => place.default !== undefined)?.default;
  const rates = chosen ?? DEFAULT_RATES;
  return {
    id: chosen === undefined ? "default" : "override:default",
    estimated: true,
    provider: "",
    tiers: [{
      abovePromptTokens: 0,
      rates: completeRates({ cacheRead: Math.round(rates.input / 10), ...rates }, "anthropic"),
    }],
    webSearchNanoUsd: 0,
  };
}
