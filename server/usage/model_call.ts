// The one shape every source of usage delivers: what a single request to a provider consumed.

/** Who saw a call, best first: the order is the rank. */
export const USAGE_SOURCES = ["gateway", "otlp", "transcript", "screen", "estimate"] as const;
export type UsageSource = (typeof USAGE_SOURCES)[number];

/**
 * How far the counts can be trusted: `exact` is the provider's own usage of a finished answer, `reported` is
 * what somebody stated without it being final (an interrupted answer, a total on the screen), `estimated` is
 * derived from text.
 */
export type Confidence = "exact" | "reported" | "estimated";

/** Tokens by the classes that have prices of their own; no token is in two of them. */
export interface TokenCounts {
  /** Prompt tokens that were neither read from nor written to a cache. */
  input: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  /** All output, reasoning included. */
  output: number;
}

/** One run of a model within a call. */
export interface ModelPass extends TokenCounts {
  /** Where it is not the call's own. */
  model?: string;
  /** What it was for, where the CLI's own figures leave it out. */
  aside?: "advisor" | "compaction";
}

export interface ModelCall extends TokenCounts {
  source: UsageSource;
  /** Names the call within its session and source: a later row with the same key replaces the earlier one. */
  key: string;
  /** The provider's id of the request (`req_…`). */
  requestId?: string;
  /** The provider's id of the answer (`msg_…`, `resp_…`). */
  messageId?: string;
  model: string;
  atMs: number;
  /** The part of `output` that was hidden reasoning. */
  reasoning: number;
  /** Searches and fetches the provider ran itself; undefined where the source cannot know. */
  serverToolUses?: number;
  /** The part of `serverToolUses` that is billed per search. */
  webSearches?: number;
  serviceTier?: string;
  speed?: string;
  /** Where the model ran, as Anthropic names it: `us` costs more. */
  inferenceGeo?: string;
  /** Their sum is the call's counts; left out where there was one pass of the call's own model. */
  passes?: ModelPass[];
  /** Name or id of the sub-agent that made the call. */
  subagent?: string;
  /** What the CLI says the call was for, e.g. `generate_session_title`. */
  purpose?: string;
  /** The CLI's own price of the call, for comparison only. */
  reportedCostNanoUsd?: number;
  /** Of the request's body as it came, where the user wants them kept. */
  requestBytes?: number;
  requestSha256?: string;
  confidence: Confidence;
  /** Why the counts may be too low: the user cut the answer off, or it was never seen to finish. */
  incomplete?: "interrupted" | "unfinished";
}

/** Stands in for a model the source does not name; it has no price of its own. */
export const UNKNOWN_MODEL = "unknown";

export const NO_TOKENS: Readonly<TokenCounts> = Object.freeze({
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
});

/** Everything the model had to read for a call: the figure that long-context prices and context bars use. */
export function promptTokens(counts: TokenCounts): number {
  return counts.input + counts.cacheRead + counts.cacheWrite5m + counts.cacheWrite1h;
}

/** The sum of a call's passes. */
export function sumPasses(passes: readonly TokenCounts[]): TokenCounts {
  return passes.reduce(addTokens, NO_TOKENS);
}

/** The counts of a call as its CLI knows them: without what ran aside. */
export function ownTokens(call: TokenCounts & Pick<ModelCall, "passes">): TokenCounts {
  return call.passes === undefined ? call : sumPasses(call.passes.filter(({ aside }) => aside === undefined));
}

/** The sum of two counts, class by class. */
export function addTokens(left: TokenCounts, right: TokenCounts): TokenCounts {
  return {
    input: left.input + right.input,
    cacheRead: left.cacheRead + right.cacheRead,
    cacheWrite5m: left.cacheWrite5m + right.cacheWrite5m,
    cacheWrite1h: left.cacheWrite1h + right.cacheWrite1h,
    output: left.output + right.output,
  };
}
