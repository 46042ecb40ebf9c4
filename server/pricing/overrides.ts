// Prices that the user gives: checked once, whatever place they come from.

import * as z from "zod";
import { parseModelId } from "../usage/model_id.ts";
import { picoPerToken } from "./rates.ts";

/** Dearer than anything on sale by far: above it a price is a slip of the decimal point or of the unit. */
const MAX_USD_PER_MILLION = 100_000;
const MAX_MODELS = 10_000;

/** Integer pico-dollars per token; what is left out follows the model's known price. */
export interface OverrideRates {
  input: number;
  output: number;
  cacheRead?: number;
  cacheWrite5m?: number;
  cacheWrite1h?: number;
}

/** One place's prices; parsed, so that every entry can be used as it is. */
export interface PriceOverrides {
  /** For models that nothing else has a price for. */
  default?: OverrideRates;
  /** By model name in lower case. */
  models: ReadonlyMap<string, OverrideRates>;
  /** Why entries were left out, one sentence each, for the user. */
  problems: string[];
}

const price = z.number().min(0).max(MAX_USD_PER_MILLION);
const ratesSchema = z.object({
  inputPer1M: price,
  outputPer1M: price,
  cacheReadPer1M: price.nullish(),
  cacheWrite5mPer1M: price.nullish(),
  cacheWrite1hPer1M: price.nullish(),
});

/** Prices from parsed JSON of any shape. Never throws: what cannot be used is named in `problems`. */
export function parseOverrides(json: unknown): PriceOverrides {
  const problems: string[] = [];
  if (!isRecord(json)) return { models: new Map(), problems: ["Prices must be a JSON object"] };
  const models = new Map<string, OverrideRates>();
  if (json.models !== undefined && !isRecord(json.models)) problems.push('"models" must be an object');
  const entries = isRecord(json.models) ? Object.entries(json.models) : [];
  if (entries.length > MAX_MODELS) problems.push(`Only the first ${MAX_MODELS} models are used`);
  for (const [model, value] of entries.slice(0, MAX_MODELS)) {
    const rates = parseRates(value, { name: model.slice(0, 100), problems });
    if (rates !== undefined) models.set(model.toLowerCase(), rates);
  }
  const standard = json.default === undefined
    ? undefined
    : parseRates(json.default, { name: "default", problems });
  return { ...(standard === undefined ? {} : { default: standard }), models, problems };
}

/**
 * The first override that names the model: exactly, without dates and prefixes, or as the only one that ends in
 * `/<model>`.
 */
export function findOverride(
  overrides: readonly PriceOverrides[],
  model: string,
): { name: string; rates: OverrideRates } | undefined {
  const { candidates, bedrock } = parseModelId(model);
  for (const { models } of overrides) {
    for (const name of bedrock === undefined ? candidates : [bedrock, ...candidates]) {
      const rates = models.get(name);
      if (rates !== undefined) return { name, rates };
    }
    const suffixed = [...models].filter(([name]) =>
      candidates.some((candidate) => name.endsWith(`/${candidate}`))
    );
    const [only] = suffixed;
    if (only !== undefined && suffixed.length === 1) return { name: only[0], rates: only[1] };
  }
  return undefined;
}

function parseRates(
  value: unknown,
  context: { name: string; problems: string[] },
): OverrideRates | undefined {
  const parsed = ratesSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    context.problems.push(`Price of "${context.name}" left out: ${issue?.path.join(".")} ${issue?.message}`);
    return undefined;
  }
  const fields = parsed.data;
  const rates: OverrideRates = {
    input: picoPerToken(fields.inputPer1M),
    output: picoPerToken(fields.outputPer1M),
  };
  if (typeof fields.cacheReadPer1M === "number") rates.cacheRead = picoPerToken(fields.cacheReadPer1M);
  if (typeof fields.cacheWrite5mPer1M === "number") {
    rates.cacheWrite5m = picoPerToken(fields.cacheWrite5mPer1M);
  }
  if (typeof fields.cacheWrite1hPer1M === "number") {
    rates.cacheWrite1h = picoPerToken(fields.cacheWrite1hPer1M);
  }
  return rates;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
