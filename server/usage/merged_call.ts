// One call as several sources saw it: whose numbers count, and what the others fill in.

import { addTokens, type ModelCall, NO_TOKENS, USAGE_SOURCES, type UsageSource } from "./model_call.ts";

/** A ledger row before it has a price. */
export interface MergedCall {
  /** Unique in the session; changes when a better name for the same call becomes known. */
  key: string;
  /** The best source's numbers, with blanks filled from the others. */
  call: ModelCall;
  /** Every source that saw the call, best first. */
  sources: UsageSource[];
  /** Its rows by source and key, to be stored: `CallMatcher.restore` needs them after a restart. */
  members: Array<{ source: UsageSource; key: string }>;
}

/**
 * Best first: the gateway, which others only repeat when it has ended an answer itself; then a finished answer's counts
 * before an unfinished one's, then by rank, latest first.
 */
export function compareCalls(left: ModelCall, right: ModelCall): number {
  return Number(right.source === "gateway") - Number(left.source === "gateway") ||
    Number(left.incomplete !== undefined) - Number(right.incomplete !== undefined) ||
    USAGE_SOURCES.indexOf(left.source) - USAGE_SOURCES.indexOf(right.source) ||
    right.atMs - left.atMs || compareText(left.key, right.key);
}

/** The row of a call from all that was seen of it; `calls` must not be empty. */
export function mergeCalls(calls: readonly ModelCall[]): MergedCall {
  const sorted = [...calls].sort(compareCalls);
  const merged = {} as Record<string, unknown>;
  for (const call of sorted.toReversed()) Object.assign(merged, call);
  const [best] = sorted;
  if (best === undefined) throw new RangeError("Cannot merge no calls");
  // A field that the best row leaves out says nothing, except that a finished answer is not incomplete.
  if (best.incomplete === undefined) delete merged.incomplete;
  const counted = withPasses(sorted) ?? best;
  if (counted.passes === undefined) delete merged.passes;
  else Object.assign(merged, addTokens(counted, NO_TOKENS), { passes: counted.passes });
  const reasoning = Math.max(...sorted.map((call) => call.reasoning));
  const call = { ...merged, reasoning: Math.min(reasoning, counted.output) } as ModelCall;
  return {
    key: mergedKey(sorted),
    call,
    sources: USAGE_SOURCES.filter((source) => sorted.some((row) => row.source === source)),
    members: sorted.map(({ source, key }) => ({ source, key })).sort(compareMembers),
  };
}

/** Whoever tells an answer's passes knows more of it than its totals say; the gateway sees both. */
function withPasses([best, ...others]: readonly ModelCall[]): ModelCall | undefined {
  if (best === undefined || best.passes !== undefined || best.source === "gateway") return undefined;
  return others.find(({ passes, incomplete }) => passes !== undefined && incomplete === undefined);
}

function mergedKey(calls: readonly ModelCall[]): string {
  return smallest("message:", calls.map((call) => call.messageId)) ??
    smallest("request:", calls.map((call) => call.requestId)) ??
    smallest("", calls.map((call) => `${call.source}:${call.key}`)) ?? "";
}

function smallest(prefix: string, ids: ReadonlyArray<string | undefined>): string | undefined {
  const [first] = ids.filter((id) => id !== undefined).sort(compareText);
  return first === undefined ? undefined : prefix + first;
}

function compareMembers(
  left: { source: string; key: string },
  right: { source: string; key: string },
): number {
  return compareText(left.source, right.source) || compareText(left.key, right.key);
}

/** By code unit, the same in every locale. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
