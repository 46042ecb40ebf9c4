// What is said about a session's usage: who saw it, how sure it is, what cannot be seen; pure.

import type {
  Confidence,
  LedgerRow,
  MeteringMode,
  SessionView,
  UsageSource,
  UsageView,
} from "../server/protocol.ts";
import { formatCount, formatPlural } from "./format.ts";
import { formatExactUsd, formatUsd } from "./format_money.ts";

const SOURCES: Record<UsageSource, string> = {
  gateway: "gateway",
  otlp: "telemetry",
  transcript: "transcript",
  screen: "status line",
  estimate: "estimate",
};
const CONFIDENCE: Record<Confidence, string> = {
  exact: "exact: the provider's own figures",
  reported: "reported by the CLI, not final",
  estimated: "estimated",
};
const BEST_FIRST: readonly UsageSource[] = ["gateway", "otlp", "transcript", "screen", "estimate"];
/** A figure of the CLI's own that is further away than this is shown. */
const DIFFERS_FROM = 0.01;

export function sourceName(source: UsageSource): string {
  return SOURCES[source];
}

/** How sure a figure is, in words. */
export function confidenceText(confidence: Confidence): string {
  return CONFIDENCE[confidence];
}

/** Whether the dollars carry a `~`: some row is derived from text, or has no stated price. */
export function isEstimate(usage: UsageView): boolean {
  return usage.confidence === "estimated" || usage.unpricedCalls > 0;
}

/**
 * What is shown of a session's use at a glance. What the length of a command's output says about models it may have
 * called is shown only where a budget of its own counts it.
 */
export function shownUsage(
  { kind, usage, budgets }: Pick<SessionView, "kind" | "usage" | "budgets">,
): UsageView | undefined {
  const isGuess = usage !== undefined && kind === "shell" && usage.sources.estimate === usage.calls;
  const counts = budgets?.some(({ scope }) => scope === "conversation") ?? false;
  return isGuess && !counts ? undefined : usage;
}

/** `$1.23`, with `~` on estimates. */
export function costText(usage: UsageView): string {
  return formatUsd(usage.costNanoUsd, { estimated: isEstimate(usage) });
}

/** `12 calls by telemetry, 3 by transcript`. */
export function sourcesText(usage: UsageView): string {
  const seen = BEST_FIRST.flatMap((source) => {
    const calls = usage.sources[source] ?? 0;
    return calls === 0 ? [] : [{ source, calls }];
  });
  return seen.map(({ source, calls }, index) =>
    `${index === 0 ? formatPlural(calls, "call") : formatCount(calls)} by ${SOURCES[source]}`
  ).join(", ");
}

/** The exact sum, who saw it and how sure it is: for hover. */
export function costExplanation(usage: UsageView): string {
  const plan = usage.plan === undefined ? "" : " at API prices; a plan pays";
  return `${formatExactUsd(usage.costNanoUsd)}${plan}. Source: ${sourcesText(usage) || "none yet"}. ${
    capitalize(CONFIDENCE[usage.confidence])
  }`;
}

/** Every class in full. */
export function tokensText({ tokens }: UsageView): string {
  return `${formatCount(tokens.input)} in, ${formatCount(tokens.output)} out, ${
    formatCount(tokens.cacheRead)
  } cache read, ${formatCount(tokens.cacheWrite)} cache write`;
}

/** What the figures leave open, a sentence each. */
export function caveatsOf(usage: UsageView): string[] {
  const caveats: string[] = [];
  const { unpricedCalls, incompleteCalls, reportedCost, ungated } = usage;
  if (ungated !== undefined) {
    caveats.push(
      `${formatPlural(ungated.calls, "call")} worth ${
        formatUsd(ungated.costNanoUsd)
      } did not pass the gate: counted, but not limited.`,
    );
  }
  if (unpricedCalls > 0) {
    caveats.push(
      `${
        formatPlural(unpricedCalls, "call")
      } priced at the default rate: nobody has stated a price for the model.`,
    );
  }
  if (incompleteCalls > 0) {
    caveats.push(`${formatPlural(incompleteCalls, "call")} cut off before the end: the cost may be off.`);
  }
  if (reportedCost !== undefined) {
    caveats.push(
      `The CLI says ${formatUsd(reportedCost.reportedNanoUsd)} where our prices say ${
        formatUsd(reportedCost.ourNanoUsd)
      }.`,
    );
  }
  return caveats;
}

export function meteringName(mode: MeteringMode): string {
  return mode === "gate" ? "gated" : "observed";
}

/** What a mode means for the budget. */
export function meteringText(mode: MeteringMode): string {
  return mode === "gate"
    ? "Every model call is checked before it is paid for: no budget is overrun."
    : "Calls are counted once they are reported, then limits act: the calls in flight can overrun a budget.";
}

/** Whether the CLI's own figure for a call is more than 1 % away from ours. */
export function costDiffers(row: Pick<LedgerRow, "costNanoUsd" | "reportedCostNanoUsd">): boolean {
  if (row.reportedCostNanoUsd === undefined) return false;
  const gap = Math.abs(row.reportedCostNanoUsd - row.costNanoUsd);
  return gap > Math.max(row.costNanoUsd, row.reportedCostNanoUsd) * DIFFERS_FROM;
}

/** Tokens of a row, all classes. */
export function rowTokens({ tokens }: Pick<LedgerRow, "tokens">): number {
  return tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h + tokens.output;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
