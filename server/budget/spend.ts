// What counts against a limit: money, and the tokens that a token budget means.

/** Spent, reserved or limited: integer nano-dollars and tokens. */
export interface Amount {
  nanoUsd: number;
  tokens: number;
}

export type BudgetUnit = "usd" | "tokens";
export const BUDGET_UNITS: readonly BudgetUnit[] = ["usd", "tokens"];

/** The part of an amount that a unit's limit applies to. */
export function inUnit(amount: Amount, unit: BudgetUnit): number {
  return unit === "usd" ? amount.nanoUsd : amount.tokens;
}

/** The token classes of a ledger row or of a sum of rows. */
export interface TokenSpend {
  input: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  output: number;
}

/** Input, output and cache writes; cache reads only where the setting says so. */
export function budgetTokens(counts: TokenSpend, options: { countCacheReads: boolean }): number {
  const written = counts.cacheWrite5m + counts.cacheWrite1h;
  return counts.input + counts.output + written + (options.countCacheReads ? counts.cacheRead : 0);
}
