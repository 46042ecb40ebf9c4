// What is said about budgets: figures, colours, the limit to name, and what a raise makes of a limit; pure.

import type { BudgetLineView, BudgetScope, BurnView, ContextView, SessionView } from "../server/protocol.ts";
import { formatCount, formatDuration } from "./format.ts";
import { formatExactUsd, formatPercent, formatTokens, formatUsd, formatUsdLimit } from "./format_money.ts";
import { isLive, statusOf, type Tone } from "./session_status.ts";

const WARN_FROM = 0.8;
/** Up to here token limits are written out. */
const EXACT_TOKENS = 10_000_000;

/** Green below 80 %, amber from there on, red once it is used up. */
export function budgetTone(fraction: number): Tone {
  if (fraction >= 1) return "red";
  return fraction >= WARN_FROM ? "amber" : "green";
}

/** `$1.23 / $5.00` or `total 81,772 / 100,000`. */
export function budgetFigures(line: BudgetLineView): string {
  if (line.unit === "usd") return `${formatUsd(line.used)} / ${formatUsdLimit(line.limit)}`;
  const write = line.limit > EXACT_TOKENS ? formatTokens : formatCount;
  return `total ${write(line.used)} / ${write(line.limit)}`;
}

/** Everything about one limit in exact figures. */
export function budgetUse(line: BudgetLineView): string {
  const exact = (amount: number): string =>
    line.unit === "usd" ? formatExactUsd(amount) : `${formatCount(amount)} tokens`;
  const rest = line.remaining >= 0 ? `${exact(line.remaining)} left` : `over by ${exact(-line.remaining)}`;
  const percent = formatPercent(line.fraction);
  return `${capitalize(line.name)}: ${exact(line.used)} of ${exact(line.limit)} used (${percent}), ${rest}`;
}

/** The same among other limits, for hover. */
export function budgetExplanation(line: BudgetLineView): string {
  return budgetUse(line) + (line.rules ? ". The tightest limit: it rules" : "");
}

/** The limit to name when there is room for one. */
export function rulingLine(lines: readonly BudgetLineView[] | undefined): BudgetLineView | undefined {
  return lines?.find((line) => line.rules) ?? lines?.[0];
}

/** The limit a row of the list shows: what rules while it runs, after that only its own. */
export function rowBudget(session: SessionView): BudgetLineView | undefined {
  if (isLive(session)) return rulingLine(session.budgets);
  return session.budgets?.find((line) => line.scope === "conversation");
}

/** What a resume may still spend: the rest of the tightest limit. */
export function remainingText(lines: readonly BudgetLineView[] | undefined): string | undefined {
  const line = rulingLine(lines);
  if (line === undefined) return undefined;
  if (line.remaining <= 0) return `budget of ${line.name} used up`;
  return line.unit === "usd"
    ? `${formatUsd(line.remaining)} left`
    : `${formatTokens(line.remaining)} tokens left`;
}

/** What a session may still spend, for its top: `$1.23` left of `$5.00`; after its end of its own budget alone. */
export function moneyLeft(
  session: Pick<SessionView, "lifecycle" | "budgets">,
): { line: BudgetLineView; left: string; of: string } | undefined {
  const line = session.lifecycle === "ended"
    ? session.budgets?.find(({ scope }) => scope === "conversation")
    : leastLeft(session.budgets ?? []);
  if (line === undefined) return undefined;
  const rest = Math.max(0, line.remaining);
  return line.unit === "usd"
    ? { line, left: formatUsd(rest), of: formatUsdLimit(line.limit) }
    : { line, left: `${formatTokens(rest)} tokens`, of: formatTokens(line.limit) };
}

/** Dollars come first: they compare, and people think in them. */
function leastLeft(lines: readonly BudgetLineView[]): BudgetLineView | undefined {
  const dollars = lines.filter(({ unit }) => unit === "usd");
  return (dollars.length > 0 ? dollars : [...lines]).sort((a, b) => a.remaining - b.remaining)[0];
}

/** When its limit comes at this rate; nothing while it stands still, since then it comes no nearer. */
export function timeToLimitText(session: SessionView, { timeToLimitMs }: BurnView): string | undefined {
  if (timeToLimitMs === undefined) return undefined;
  if (timeToLimitMs <= 0) return "limit reached";
  const { label, detail } = statusOf(session);
  return label === "running" && detail !== "idle" ? `limit in ${formatDuration(timeToLimitMs)}` : undefined;
}

export function scopeName(scope: BudgetScope): string {
  const names: Record<BudgetScope, string> = {
    conversation: "Conversation",
    repository: "Repository",
    day: "Day",
    week: "Week",
    month: "Month",
  };
  return names[scope];
}

/** One click more. */
export type Raise = { label: string; add: number } | { label: string; factor: number };

const USD_RAISES: readonly Raise[] = [
  { label: "+$1", add: 1 },
  { label: "+$5", add: 5 },
  { label: "+20 %", factor: 1.2 },
];
const TOKEN_RAISES: readonly Raise[] = [
  { label: "+100 K", add: 100_000 },
  { label: "+1 M", add: 1_000_000 },
  { label: "+20 %", factor: 1.2 },
];

export function raisesOf(unit: "usd" | "tokens"): readonly Raise[] {
  return unit === "usd" ? USD_RAISES : TOKEN_RAISES;
}

/** The limit after a raise, from what was spent when that is more: a raise always makes room. In dollars or tokens. */
export function raiseLimit(
  raise: Raise,
  now: { unit: "usd" | "tokens"; limit: number | null; spent: number },
): number {
  const base = Math.max(now.limit ?? 0, now.spent);
  const raised = "add" in raise ? base + raise.add : base * raise.factor;
  const steps = now.unit === "usd" ? 100 : 1;
  return Math.ceil(raised * steps - 1e-6) / steps;
}

/** A context window in percent and the colour of its chip: amber from 70, red from 90. */
export function contextLevel(context: ContextView): { percent: number; tone: Tone } {
  const percent = Math.round(context.percentUsed);
  return { percent, tone: percent >= 90 ? "red" : percent >= 70 ? "amber" : "green" };
}

/** How full the window is, for hover. */
export function contextExplanation({ usedTokens, sizeTokens, percentUsed }: ContextView): string {
  const percent = `${
    percentUsed.toLocaleString("en-US", { maximumFractionDigits: 1 })
  } % of the model's window`;
  if (usedTokens === undefined) return percent;
  const size = sizeTokens === undefined ? "" : ` of ${formatCount(sizeTokens)}`;
  return `${percent}: ${formatCount(usedTokens)}${size} tokens at its last call`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
