// Claude's usage pass by pass: one request may run its model several times, and other models beside it.

import * as z from "zod";
import {
  addTokens,
  type ModelPass,
  NO_TOKENS,
  promptTokens,
  sumPasses,
  type TokenCounts,
  UNKNOWN_MODEL,
} from "./model_call.ts";
import { parseModelId } from "./model_id.ts";
import { maybe, optional, shortText, tokenCount } from "./usage_fields.ts";

/** The provider's own loops end long before; a longer list is taken for a defect. */
const MAX_PASSES = 200;
/** No context window comes near it: above it an entry is not believed. */
const MAX_TOKENS_PER_PASS = 20_000_000;
/** Passes that the totals of the usage leave out. */
const ASIDES = { advisor_message: "advisor", compaction: "compaction" } as const;

/** The counts that a whole answer and each of its passes have. */
export const claudeUsageFields = {
  input_tokens: tokenCount,
  output_tokens: tokenCount,
  cache_read_input_tokens: maybe(tokenCount),
  cache_creation_input_tokens: maybe(tokenCount),
  cache_creation: maybe(z.object({
    ephemeral_5m_input_tokens: maybe(tokenCount),
    ephemeral_1h_input_tokens: maybe(tokenCount),
  })),
};

type ClaudeUsage = z.output<z.ZodObject<typeof claudeUsageFields>>;

const iterationSchema = z.object({
  type: z.enum(["message", "fallback_message", "advisor_message", "compaction"]),
  model: maybe(shortText),
  ...claudeUsageFields,
}).refine((entry) => promptTokens(toCounts(entry)) + entry.output_tokens <= MAX_TOKENS_PER_PASS);
type Iteration = z.output<typeof iterationSchema>;

/** Any usage in the provider's names, by our classes. */
export function toCounts(usage: ClaudeUsage): TokenCounts {
  return {
    input: usage.input_tokens,
    cacheRead: usage.cache_read_input_tokens ?? 0,
    ...cacheWrites(usage),
    output: usage.output_tokens,
  };
}

/** The split by lifetime; what the split leaves over of the total is a 5-minute write, the default. */
function cacheWrites(usage: ClaudeUsage): { cacheWrite5m: number; cacheWrite1h: number } {
  const fiveMinutes = usage.cache_creation?.ephemeral_5m_input_tokens ?? 0;
  const oneHour = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const total = Math.max(usage.cache_creation_input_tokens ?? 0, fiveMinutes + oneHour);
  return { cacheWrite5m: total - oneHour, cacheWrite1h: oneHour };
}

/**
 * The passes behind an answer's totals, and those that the totals leave out: an advisor's, a compaction's. Undefined where
 * `iterations` tells no more than the totals do.
 */
export function readPasses(
  iterations: unknown,
  totals: { model: string } & TokenCounts,
): ModelPass[] | undefined {
  if (!Array.isArray(iterations) || iterations.length > MAX_PASSES) return undefined;
  const entries = iterations.flatMap((entry) => iterationSchema.safeParse(entry).data ?? []);
  const asides = entries.filter(({ type }) => type in ASIDES);
  // A model that declined is not charged for, only the one that stepped in.
  const hasFallback = entries.some(({ type }) => type === "fallback_message");
  const steps = entries.filter(({ type }) => type === (hasFallback ? "fallback_message" : "message"))
    .map((entry) => toPass(entry, totals.model));
  const own: ModelPass[] = covers(steps, totals)
    ? withLifetimes(steps, totals)
    : [addTokens(totals, NO_TOKENS)];
  const passes = [...own, ...asides.map((entry) => toPass(entry, totals.model))];
  return passes.length > 1 || passes.some(({ model }) => model !== undefined) ? passes : undefined;
}

function toPass(entry: Iteration, ownModel: string): ModelPass {
  const isOther = typeof entry.model === "string" && ownModel !== UNKNOWN_MODEL &&
    parseModelId(entry.model).base !== parseModelId(ownModel).base;
  return {
    ...optional("model", isOther ? entry.model : undefined),
    ...optional("aside", entry.type in ASIDES ? ASIDES[entry.type as keyof typeof ASIDES] : undefined),
    ...toCounts(entry),
  };
}

/** Totals have been the sum of their passes, and the first one's prompt with the output of all; never more. */
function covers(steps: readonly ModelPass[], totals: TokenCounts): boolean {
  if (steps.length === 0) return false;
  const sum = sumPasses(steps);
  return sum.input >= totals.input && sum.cacheRead >= totals.cacheRead && sum.output >= totals.output &&
    sum.cacheWrite5m + sum.cacheWrite1h >= totals.cacheWrite5m + totals.cacheWrite1h;
}

/** Writes whose lifetime only the totals state: as many as are left over there are for an hour. */
function withLifetimes(steps: readonly ModelPass[], totals: TokenCounts): ModelPass[] {
  let left = Math.max(0, totals.cacheWrite1h - sumPasses(steps).cacheWrite1h);
  return steps.map((step) => {
    const moved = Math.min(left, step.cacheWrite5m);
    left -= moved;
    return { ...step, cacheWrite5m: step.cacheWrite5m - moved, cacheWrite1h: step.cacheWrite1h + moved };
  });
}
