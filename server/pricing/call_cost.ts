// What a call costs: each pass of a model at the tier of its own prompt, and what the provider's tools add.

import {
  addTokens,
  type ModelCall,
  type ModelPass,
  NO_TOKENS,
  promptTokens,
  sumPasses,
} from "../usage/model_call.ts";
import { parseModelId } from "../usage/model_id.ts";
import { optional } from "../usage/usage_fields.ts";
import { divideHalfEven } from "./half_even.ts";
import { type Price, type Rates, ratesFor } from "./rates.ts";
import { tierFactor } from "./service_tier.ts";

type CostByClass = Record<keyof Rates | "serverTools", number>;

/** The part of a call that its price depends on. */
export type PricedCall =
  & Pick<ModelCall, "model" | "atMs" | keyof Rates>
  & Partial<
    Pick<
      ModelCall,
      "source" | "serviceTier" | "speed" | "inferenceGeo" | "passes" | "webSearches" | "reportedCostNanoUsd"
    >
  >;

export interface CallCost {
  /** The sum of `byClass`, or what the CLI reported for totals without a price of ours. */
  nanoUsd: number;
  /** Where the prices are from, with the prompt and service tiers that applied. */
  priceId: string;
  /** True when the price is the default one or the service tier's price is not known. */
  estimated: boolean;
  /** Each class is rounded half to even, once a pass. */
  byClass: CostByClass;
}

const CLASSES: ReadonlyArray<keyof Rates> = ["input", "cacheRead", "cacheWrite5m", "cacheWrite1h", "output"];

/** The cost by our prices; `priceOf` has one for every model, be it the default. */
export function costOf(call: PricedCall, priceOf: (model: string) => Price): CallCost {
  const byClass = noCost();
  const own = priceOf(call.model);
  const ids = new Set<string>();
  let estimated = own.estimated;
  for (const pass of passesOf(call)) {
    const price = pass.model === undefined ? own : priceOf(pass.model);
    const { id, isKnown } = addPass(byClass, { pass, price, call });
    ids.add(id);
    estimated ||= price.estimated || !isKnown;
  }
  byClass.serverTools = (call.webSearches ?? 0) * own.webSearchNanoUsd;
  const nanoUsd = Object.values(byClass).reduce((sum, part) => sum + part, 0);
  return { nanoUsd, priceId: [...ids].join(" & "), estimated, byClass };
}

/** The cost of a total that only its CLI has a figure for. */
export function reportedCost(nanoUsd: number): CallCost {
  return { nanoUsd, priceId: "reported", estimated: true, byClass: noCost() };
}

/** One pass where nothing else is known, or where the counts are no longer those of the passes. */
function passesOf(call: PricedCall): readonly ModelPass[] {
  const whole = addTokens(call, NO_TOKENS);
  if (call.passes === undefined) return [whole];
  const sum = sumPasses(call.passes);
  return CLASSES.every((name) => sum[name] === whole[name]) ? call.passes : [whole];
}

function addPass(
  byClass: CostByClass,
  { pass, price, call }: { pass: ModelPass; price: Price; call: PricedCall },
): { id: string; isKnown: boolean } {
  const tier = ratesFor(price, promptTokens(pass));
  const { inferenceGeo, serviceTier, speed } = call;
  const factor = tierFactor({
    model: parseModelId(pass.model ?? call.model).base,
    provider: price.provider,
    ...optional("inferenceGeo", inferenceGeo),
    // How fast an answer was served is said of its own model only.
    ...(pass.aside === "advisor"
      ? {}
      : { ...optional("serviceTier", serviceTier), ...optional("speed", speed) }),
  });
  for (const name of CLASSES) {
    byClass[name] += divideHalfEven(
      BigInt(pass[name]) * BigInt(tier.rates[name]) * BigInt(factor.times),
      1000n * BigInt(factor.by),
    );
  }
  const suffixes = [tier.abovePromptTokens > 0 ? `>${tier.abovePromptTokens}` : "", factor.name];
  return {
    id: [price.id, ...suffixes.filter((suffix) => suffix !== "")].join("+"),
    isKnown: factor.isKnown,
  };
}

function noCost(): CostByClass {
  return { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, serverTools: 0 };
}
