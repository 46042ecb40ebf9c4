// Usage, budgets and ledger rows for tests.

import type { BudgetLineView, BudgetView, LedgerRow, UsageView } from "../../server/protocol.ts";

/** $1.23 by two exact calls. */
export function makeUsage(patch: Partial<UsageView> = {}): UsageView {
  return {
    tokens: { input: 12_345, cacheRead: 1_200_000, cacheWrite: 80_000, output: 4_560 },
    budgetTokens: 96_905,
    costNanoUsd: 1_230_000_000,
    calls: 2,
    confidence: "exact",
    sources: { otlp: 2 },
    unpricedCalls: 0,
    incompleteCalls: 0,
    ...patch,
  };
}

/** $1.23 of $5.00 of a conversation. */
export function makeLine(patch: Partial<BudgetLineView> = {}): BudgetLineView {
  const limit = patch.limit ?? 5_000_000_000;
  const used = patch.used ?? 1_230_000_000;
  return {
    budgetId: "conversation c1",
    scope: "conversation",
    name: "this conversation",
    unit: "usd",
    limit,
    used,
    remaining: limit - used,
    fraction: used / limit,
    rules: false,
    ...patch,
  };
}

/** A day's budget without limits, with $3.10 spent. */
export function makeBudget(patch: Partial<BudgetView> = {}): BudgetView {
  return {
    id: "day",
    scope: "day",
    name: "today",
    limits: { usd: null, tokens: null },
    spent: { nanoUsd: 3_100_000_000, tokens: 250_000 },
    lines: [],
    ...patch,
  };
}

export function makeRow(patch: Partial<LedgerRow> = {}): LedgerRow {
  return {
    id: 1,
    atMs: 1_000,
    model: "claude-sonnet-4-5",
    tokens: { input: 10, cacheRead: 100, cacheWrite5m: 20, cacheWrite1h: 5, output: 50, reasoning: 7 },
    costNanoUsd: 4_211_000,
    priceId: "library",
    priceEstimated: false,
    source: "otlp",
    sources: ["otlp"],
    confidence: "exact",
    ...patch,
  };
}
