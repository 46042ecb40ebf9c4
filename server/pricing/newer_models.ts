// Prices that are newer than the price library in use. Delete an entry once the library has it.

import { picoPerToken, type Price, type Rates } from "./rates.ts";

/** Dollars per million tokens: input, cache read, 5-minute and 1-hour cache write, output. */
type UsdPerMillion = readonly [number, number, number, number, number];

interface NewerModel {
  provider: string;
  /** Unix milliseconds from which the entry is valid; an older call takes the library's. */
  fromMs?: number;
  usdPerMillion: UsdPerMillion;
  /** The same for prompts of more tokens than `above`. */
  long?: { above: number; usdPerMillion: UsdPerMillion };
  windowTokens: number;
}

const ANTHROPIC = { provider: "anthropic", windowTokens: 1_000_000 };
const OPENAI = { provider: "openai", windowTokens: 1_050_000 };
/** OpenAI writes caches at one price. */
const GPT_5_6_CYBER: NewerModel = {
  provider: "openai",
  windowTokens: 400_000,
  usdPerMillion: [12.5, 1.25, 15.625, 15.625, 75],
  // LiteLLM has these, genai-prices says that none are published: the higher ones keep a budget safe.
  long: { above: 272_000, usdPerMillion: [25, 2.5, 31.25, 31.25, 112.5] },
};

/**
 * By the name without date, region and variant. Compared on 2026-11-22 with the lists inside LiteLLM 1.109.1 and
 * genai-prices 0.2.3 for Python, and for Claude with the catalogue inside Claude Code 2.1.330. The library in use is
 * genai-prices 0.1.8, the newest for JavaScript, of September 2026; it has none of them.
 */
const NEWER_MODELS: Readonly<Record<string, NewerModel>> = {
  "claude-fable-5-2": { ...ANTHROPIC, usdPerMillion: [8, 0.2, 10, 16, 40] },
  "claude-haiku-5-5": {
    ...ANTHROPIC,
    usdPerMillion: [0.1, 0.01, 0.125, 0.2, 0.5],
    long: { above: 100_000, usdPerMillion: [0.5, 0.05, 0.625, 1, 2.5] },
  },
  "claude-mythos-5": { ...ANTHROPIC, usdPerMillion: [10, 1, 12.5, 20, 50] },
  "claude-mythos-5-1": { ...ANTHROPIC, usdPerMillion: [10, 0.25, 12.5, 20, 50] },
  "claude-mythos-5-2": { ...ANTHROPIC, usdPerMillion: [8, 0.2, 10, 16, 40] },
  // The library takes this name for Sonnet 5, whose cache reads cost 0.20: right until they were halved.
  "claude-sonnet-5-5": {
    ...ANTHROPIC,
    fromMs: Date.UTC(2026, 9, 7),
    usdPerMillion: [2, 0.1, 2.5, 4, 10],
  },
  "gpt-5.6-cyber": GPT_5_6_CYBER,
  "gpt-6.1-sol": {
    ...OPENAI,
    usdPerMillion: [2, 0.1, 2.5, 2.5, 10],
    long: { above: 272_000, usdPerMillion: [4, 0.2, 5, 5, 15] },
  },
  "gpt-6.1-terra": {
    ...OPENAI,
    usdPerMillion: [1, 0.05, 1.25, 1.25, 5],
    long: { above: 272_000, usdPerMillion: [2, 0.1, 2.5, 2.5, 7.5] },
  },
  // Names that Codex 0.169 offers for GPT-5.6 Sol and GPT-5.6 Cyber.
  "gpt-daybreak-blue": {
    ...OPENAI,
    usdPerMillion: [4, 0.4, 5, 5, 20],
    long: { above: 272_000, usdPerMillion: [8, 0.8, 10, 10, 30] },
  },
  "gpt-daybreak-red": GPT_5_6_CYBER,
};

/** Tokens of a model's window, where the library does not know the model. */
export function newerWindowTokens(model: string): number | undefined {
  return find(model)?.windowTokens;
}

/** The price of a model that the library does not know or knows wrongly; undefined for all others. */
export function newerPrice(model: string, atMs: number): Price | undefined {
  const entry = find(model);
  if (entry === undefined || atMs < (entry.fromMs ?? 0)) return undefined;
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

function find(model: string): NewerModel | undefined {
  return Object.hasOwn(NEWER_MODELS, model) ? NEWER_MODELS[model] : undefined;
}

function toRates(usdPerMillion: UsdPerMillion): Rates {
  const [input, cacheRead, cacheWrite5m, cacheWrite1h, output] = usdPerMillion;
  return {
    input: picoPerToken(input),
    cacheRead: picoPerToken(cacheRead),
    cacheWrite5m: picoPerToken(cacheWrite5m),
    cacheWrite1h: picoPerToken(cacheWrite1h),
    output: picoPerToken(output),
  };
}
