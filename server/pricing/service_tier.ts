// What a call costs more or less than the standard price for being served faster, slower, or in one country only.

/** An exact factor on every token price. */
export interface TierFactor {
  times: number;
  by: number;
  /** Part of the price id; "" for the standard tier. */
  name: string;
  /** False for a tier that we know no price of: charged as standard, marked estimated. */
  isKnown: boolean;
}

const STANDARD: TierFactor = { times: 1, by: 1, name: "", isKnown: true };
const STANDARD_NAMES = new Set(["", "standard", "default", "auto", "normal", "standard_only"]);

/** `priority` was renamed to `fast` at OpenAI. Compared on 2026-11-22 with the list inside LiteLLM 1.109.1. */
const OPENAI_FAST: ReadonlyArray<[model: RegExp, times: number, by: number]> = [
  [/^gpt-5\.5(?!-pro)/, 5, 2],
  [/^gpt-5-mini/, 9, 5],
  [/^gpt-4\.1(?!-nano)/, 7, 4],
  [/^gpt-4o-mini/, 5, 3],
  [/^gpt-4o/, 17, 10],
  [/^o3$/, 7, 4],
  [/^o4-mini/, 20, 11],
];
/** GPT-6 Astra and GPT-6.1 Sol; the others have no such tier. */
const OPENAI_ULTRAFAST = { times: 6, by: 1, name: "ultrafast" };
/** Claude Code's own catalogue has it for these two; all later ones double. */
const ANTHROPIC_FAST_SIX = /^claude-opus-4-[67]/;

/** Anthropic's `inference_geo` that costs more: the model runs in the United States only. */
export const US_ONLY = "us";
const GLOBAL_NAMES = new Set(["", "global", "not_available"]);
/** Charged as everywhere, says Anthropic: all before Claude 4.6. */
const BEFORE_GEOGRAPHIES = /^claude-(?:\d|instant|(?:opus|sonnet|haiku)-4(?:-[0-5])?$)/;

interface FactorOptions {
  /** Its base name. */
  model: string;
  provider: string;
  serviceTier?: string;
  speed?: string;
  inferenceGeo?: string;
}

/** The factor for a call with the tier, speed and geography that the provider reported. */
export function tierFactor(call: FactorOptions): TierFactor {
  const served = servingFactor(call);
  const geo = (call.inferenceGeo ?? "").toLowerCase();
  if (call.provider !== "anthropic" || GLOBAL_NAMES.has(geo) || BEFORE_GEOGRAPHIES.test(call.model)) {
    return served;
  }
  return {
    times: served.times * 11,
    by: served.by * 10,
    name: served.name === "" ? geo : `${served.name}+${geo}`,
    isKnown: served.isKnown && geo === US_ONLY,
  };
}

function servingFactor(call: FactorOptions): TierFactor {
  const tier = (call.serviceTier ?? "").toLowerCase();
  const speed = (call.speed ?? "").toLowerCase();
  if (tier === "batch" || tier === "flex") return { times: 1, by: 2, name: tier, isKnown: true };
  if (call.provider === "anthropic") return anthropicFactor({ model: call.model, tier, speed });
  const name = STANDARD_NAMES.has(tier) ? speed : tier;
  if (STANDARD_NAMES.has(name)) return STANDARD;
  if (name === "ultrafast") return { ...OPENAI_ULTRAFAST, isKnown: call.provider === "openai" };
  if (name !== "priority" && name !== "fast") return { ...STANDARD, name, isKnown: false };
  const special = OPENAI_FAST.find(([model]) => model.test(call.model));
  return { times: special?.[1] ?? 2, by: special?.[2] ?? 1, name, isKnown: call.provider === "openai" };
}

/** Anthropic's `priority` tier is capacity bought beforehand: its tokens have the list price. */
function anthropicFactor(call: { model: string; tier: string; speed: string }): TierFactor {
  if (call.speed === "fast") {
    return { times: ANTHROPIC_FAST_SIX.test(call.model) ? 6 : 2, by: 1, name: "fast", isKnown: true };
  }
  const isKnown = STANDARD_NAMES.has(call.speed) &&
    (STANDARD_NAMES.has(call.tier) || call.tier === "priority");
  return isKnown ? STANDARD : { ...STANDARD, name: call.tier || call.speed, isKnown };
}
