// What a token of each class costs, in integers small enough for any published price.

/** Integer pico-dollars (1e-12 USD) per token: a price of $0.0028 per million tokens is 2800. */
export interface Rates {
  input: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  output: number;
}

export const PICO_PER_USD_PER_MILLION = 1_000_000;

/** Dollars per million tokens to pico-dollars per token. */
export function picoPerToken(usdPerMillion: number): number {
  return Math.round(usdPerMillion * PICO_PER_USD_PER_MILLION);
}

/** The rates of a model from a prompt size upwards. */
export interface PriceTier {
  /** The tier applies to prompts of more tokens than this, to every token of the call. */
  abovePromptTokens: number;
  rates: Rates;
}

/** What a model costs at a moment. */
export interface Price {
  /** Says where the price is from, e.g. `genai-prices:anthropic/claude-opus-5-5`. */
  id: string;
  /** True where the price is a guess: the model has none of its own. */
  estimated: boolean;
  /** `anthropic`, `openai`, …: whose service tiers apply; "" when not known. */
  provider: string;
  /** The first starts at 0 (applies to every prompt), the others follow in ascending order. */
  tiers: PriceTier[];
  /** Nano-dollars of one web search run by the provider. */
  webSearchNanoUsd: number;
}

/** The rates that a prompt of this size is charged with. */
export function ratesFor(price: Price, promptTokens: number): PriceTier {
  const [base, ...others] = price.tiers;
  if (base === undefined) throw new RangeError(`Price "${price.id}" has no rates`);
  return others.findLast((tier) => promptTokens > tier.abovePromptTokens) ?? base;
}

/**
 * The classes that a price list leaves out. A missing cache-read price means no discount; cache writes cost
 * 1.25 times (1 h: twice) the input at Anthropic and the same as input elsewhere.
 */
export function completeRates(
  known: { input: number; output: number } & Partial<Rates>,
  provider: string,
): Rates {
  const isAnthropic = provider === "anthropic";
  const cacheWrite5m = known.cacheWrite5m ?? (isAnthropic ? Math.round(known.input * 1.25) : known.input);
  return {
    input: known.input,
    cacheRead: known.cacheRead ?? known.input,
    cacheWrite5m,
    cacheWrite1h: known.cacheWrite1h ?? (isAnthropic ? known.input * 2 : cacheWrite5m),
    output: known.output,
  };
}

/** What a regional Bedrock endpoint costs more than a global one, for models that we only know the global price of. */
const REGIONAL_PREMIUM = 1.1;

/** The price at a regional endpoint, derived from the global one. */
export function withRegionalPremium(price: Price): Price {
  const raise = (rates: Rates): Rates => ({
    input: Math.round(rates.input * REGIONAL_PREMIUM),
    cacheRead: Math.round(rates.cacheRead * REGIONAL_PREMIUM),
    cacheWrite5m: Math.round(rates.cacheWrite5m * REGIONAL_PREMIUM),
    cacheWrite1h: Math.round(rates.cacheWrite1h * REGIONAL_PREMIUM),
    output: Math.round(rates.output * REGIONAL_PREMIUM),
  });
  const tiers = price.tiers.map((tier) => ({ ...tier, rates: raise(tier.rates) }));
  return { ...price, id: `${price.id}+regional`, estimated: true, tiers };
}
