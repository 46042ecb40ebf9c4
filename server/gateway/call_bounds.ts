// What a call can cost at most before anything is known of its answer.
import type { CallBounds } from "../budget/gate_step.ts";
import { type Price, type PriceTier, type Rates, ratesFor } from "../pricing/rates.ts";
import { tierFactor, US_ONLY } from "../pricing/service_tier.ts";
import { parseModelId } from "../usage/model_id.ts";
import type { PromptBound } from "./prompt_memory.ts";
import type { RequestFacts } from "./request_facts.ts";

/** Classes are rounded one by one: each may be half a nano-dollar more than its share. */
const ROUNDING_NANO_USD = 5;

export interface BoundsOptions {
  /** Undefined for a model without a price: it is bounded in tokens only. */
  price: Price | undefined;
  countCacheReads: boolean;
  /** Where requests run that leave it open; undefined while nobody has said so. */
  defaultGeo?: string | undefined;
}

/** The bounds of a call whose prompt has at most so many tokens. */
export function boundCall(facts: RequestFacts, prompt: PromptBound, options: BoundsOptions): CallBounds {
  const { price, countCacheReads, defaultGeo } = options;
  const tokens = prompt.fresh + (countCacheReads ? prompt.cached : 0);
  if (price === undefined) return { input: { nanoUsd: 0, tokens }, outputPicoUsd: 0 };
  const factor = tierFactor({
    model: parseModelId(facts.model).base,
    provider: price.provider,
    ...(facts.serviceTier === undefined ? {} : { serviceTier: facts.serviceTier }),
    ...(facts.speed === undefined ? {} : { speed: facts.speed }),
    // A workspace's default may be the dearer one, and only an answer tells.
    inferenceGeo: facts.inferenceGeo ?? defaultGeo ?? US_ONLY,
  });
  const rates = dearestRates(price, prompt);
  const times = factor.times / factor.by;
  const inputPico = (prompt.fresh * freshRate(rates, facts) + prompt.cached * rates.cacheRead) * times;
  return {
    input: {
      nanoUsd: Math.ceil(inputPico / 1000) + facts.maxSearches * price.webSearchNanoUsd + ROUNDING_NANO_USD,
      tokens,
    },
    outputPicoUsd: Math.ceil(rates.output * times),
  };
}

/** A prompt is charged at its tier: of those that it may still fall into, the dearest counts. */
function dearestRates(price: Price, prompt: PromptBound): Rates {
  const highest = ratesFor(price, prompt.fresh + prompt.cached);
  const possible = price.tiers.filter((tier) => tier.abovePromptTokens <= highest.abovePromptTokens);
  return possible.reduce(
    (best: PriceTier, tier) => tier.rates.output > best.rates.output ? tier : best,
    highest,
  )
    .rates;
}

/** New prompt is written to the cache if the request asks for it; OpenAI does so unasked. */
function freshRate(rates: Rates, { cache, cachesByItself }: RequestFacts): number {
  if (cache === "none" && !cachesByItself) return rates.input;
  if (cache === "1h") return Math.max(rates.input, rates.cacheWrite1h);
  return Math.max(rates.input, rates.cacheWrite5m);
}
