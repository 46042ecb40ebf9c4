// What a session's view says of money: usage, budgets, window, speed.
import { BURN_WINDOW_MS, burnRateNanoUsdPerHour, timeToLimitMs } from "../budget/burn_rate.ts";
import { budgetTokens } from "../budget/spend.ts";
import type {
  BudgetLineView,
  BurnView,
  Confidence,
  ContextView,
  FleetSettings,
  MeteringMode,
  UsageSource,
  UsageView,
} from "../protocol.ts";
import type { PriceBook } from "../pricing/price_book.ts";
import type { LedgerTable } from "../store/ledger.ts";
import type { SessionRow } from "../store/sessions.ts";
import type { Spending } from "../store/spending.ts";
import type { Budgets } from "./budgets.ts";

/** The part of a `SessionView` that is about money; fields are missing where there is nothing to say. */
export interface SessionMoney {
  usage?: UsageView;
  summaryCostNanoUsd?: number;
  budgets?: BudgetLineView[];
  context?: ContextView;
  burn?: BurnView;
  metering: MeteringMode;
  blindSpots?: string[];
  meteringNote?: string;
}

export interface SessionMoneyOptions {
  table: LedgerTable;
  budgets: Budgets;
  settings: () => FleetSettings;
  prices: () => PriceBook;
  /** Interrupted answers of a session that no source counts. */
  countUnseen: (sessionId: string) => number;
  /** How full the window is, where a source says so; survives as long as the server. */
  contextOf: (sessionId: string) => ContextView | undefined;
  now: () => number;
}

/** A difference to the CLI's own figure is worth showing from here on. */
const NOTABLE_DIFFERENCE = 0.01;
const BLIND_SPOTS: Record<SessionRow["kind"], string> = {
  claude: "An answer that is cut off counts only with what its transcript has of it",
  codex: "An answer that is cut off is in no source of Codex: what it cost is not counted",
  shell: "Estimated from the characters on the terminal: real model calls of this program are not seen",
};

/** Reads it all from the store; cheap enough to be asked for a page of sessions. */
export function describeMoney(session: SessionRow, options: SessionMoneyOptions): SessionMoney {
  const spending = options.table.spending.get("session", session.id);
  const summaries = options.table.spending.get("summary", session.id);
  const lines = options.budgets.linesOf(session);
  const context = options.contextOf(session.id) ?? describeContext(session, options);
  const burn = session.lifecycle === "ended" ? undefined : describeBurn(session.id, { lines, ...options });
  return {
    ...(spending.calls === 0 ? {} : { usage: describeUsage(session, { spending, ...options }) }),
    ...(summaries.calls === 0 ? {} : { summaryCostNanoUsd: summaries.costNanoUsd }),
    ...(lines.length === 0 ? {} : { budgets: lines }),
    ...(context === undefined ? {} : { context }),
    ...(burn === undefined ? {} : { burn }),
    metering: session.gateway === null ? "observe" : "gate",
    ...describeBlindSpots(session, { spending, ...options }),
    ...describeLateLimit(session, lines),
  };
}

/** A base URL is fixed when an agent starts: what began without the gate cannot be put behind it while it runs. */
function describeLateLimit(
  { gateway, kind, lifecycle, additions }: SessionRow,
  lines: readonly BudgetLineView[],
): Pick<SessionMoney, "meteringNote"> {
  if (gateway !== null || kind === "shell" || lifecycle === "ended" || lines.length === 0) return {};
  const wish = additions === null ? {} : JSON.parse(additions) as Record<string, boolean>;
  const remedy = wish["gateway"] === false
    ? "The gate was switched off for it at its launch."
    : "Stop and resume it to put it behind the gate.";
  return {
    meteringNote:
      "This session was started without the gate: its calls are counted once they are reported, " +
      `and a limit stops it only after a call has crossed it. ${remedy}`,
  };
}

function describeUsage(
  session: SessionRow,
  { spending, settings, table }: {
    spending: Spending;
    settings: () => FleetSettings;
    table: LedgerTable;
  },
): UsageView {
  const { reportedCostNanoUsd, comparedCostNanoUsd } = spending;
  const difference = Math.abs(reportedCostNanoUsd - comparedCostNanoUsd);
  const isNotable = spending.reportedCalls > 0 && difference > reportedCostNanoUsd * NOTABLE_DIFFERENCE;
  const ungated = session.gateway === null ? undefined : describeUngated(session, { spending, table });
  return {
    tokens: {
      input: spending.input,
      cacheRead: spending.cacheRead,
      cacheWrite: spending.cacheWrite5m + spending.cacheWrite1h,
      output: spending.output,
    },
    budgetTokens: budgetTokens(spending, settings()),
    costNanoUsd: spending.costNanoUsd,
    calls: spending.calls,
    confidence: confidenceOf(spending),
    sources: sourcesOf(spending),
    unpricedCalls: spending.unpricedCalls,
    incompleteCalls: spending.incompleteCalls,
    ...(session.hasPlan === 1 ? { plan: "api_equivalent" } : {}),
    ...(isNotable
      ? { reportedCost: { reportedNanoUsd: reportedCostNanoUsd, ourNanoUsd: comparedCostNanoUsd } }
      : {}),
    ...(ungated ? { ungated } : {}),
  };
}

/** An agent's are known before it has spent anything; of a command that uses no model there is nothing to say. */
function describeBlindSpots(
  { id, kind, gateway }: SessionRow,
  { spending, countUnseen }: Pick<SessionMoneyOptions, "countUnseen"> & { spending: Spending },
): Pick<SessionMoney, "blindSpots"> {
  if (gateway !== null || (kind === "shell" && spending.calls === 0)) return {};
  const unseen = kind === "codex" ? countUnseen(id) : 0;
  const turns = unseen === 1 ? "1 turn was" : `${unseen} turns were`;
  const seen = unseen === 0 ? [] : [`${turns} interrupted: what such an answer cost is not in these figures`];
  return { blindSpots: [...seen, BLIND_SPOTS[kind]] };
}

/** Calls that another source has seen and the gate has not. A screen's totals are no calls. */
function describeUngated(
  { id }: SessionRow,
  { spending, table }: { spending: Spending; table: LedgerTable },
): UsageView["ungated"] {
  const calls = spending.otlpCalls + spending.transcriptCalls;
  return calls === 0 ? undefined : { calls, costNanoUsd: table.sumUngated(id) };
}

/** From the newest call's prompt, where no source states the window itself. */
function describeContext(
  session: SessionRow,
  { table, prices }: Pick<SessionMoneyOptions, "table" | "prices">,
): ContextView | undefined {
  if (session.kind === "shell") return undefined;
  const latest = table.getLatestPrompt(session.id);
  const sizeTokens = latest && prices().windowOf(latest.model);
  if (!latest || sizeTokens === undefined) return undefined;
  const usedTokens = latest.promptTokens;
  return { usedTokens, sizeTokens, percentUsed: Math.min(100, Math.round(usedTokens / sizeTokens * 100)) };
}

function confidenceOf(spending: Spending): Confidence {
  if (spending.estimatedCalls > 0) return "estimated";
  return spending.inexactCalls > 0 ? "reported" : "exact";
}

function sourcesOf(spending: Spending): Partial<Record<UsageSource, number>> {
  const counts: [UsageSource, number][] = [
    ["gateway", spending.gatewayCalls],
    ["otlp", spending.otlpCalls],
    ["transcript", spending.transcriptCalls],
    ["screen", spending.screenCalls],
    ["estimate", spending.estimateCalls],
  ];
  return Object.fromEntries(counts.filter(([, calls]) => calls > 0));
}

function describeBurn(
  sessionId: string,
  { table, lines, now }: { table: LedgerTable; lines: readonly BudgetLineView[]; now: () => number },
): BurnView | undefined {
  const nowMs = now();
  // A little more than the window, so that it shows whether there was anything before.
  const samples = table.listCosts(sessionId, nowMs - 2 * BURN_WINDOW_MS);
  const nanoUsdPerHour = burnRateNanoUsdPerHour(samples, { nowMs });
  if (nanoUsdPerHour === 0) return undefined;
  const remaining = lines.filter(({ unit }) => unit === "usd").map((line) => line.remaining);
  if (remaining.length === 0) return { nanoUsdPerHour };
  const untilLimit = timeToLimitMs(Math.min(...remaining), nanoUsdPerHour);
  return { nanoUsdPerHour, ...(untilLimit === undefined ? {} : { timeToLimitMs: untilLimit }) };
}
