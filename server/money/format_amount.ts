// Money and tokens in sentences for the user.
import type { BudgetLineView } from "../protocol.ts";

const NANO_PER_USD = 1e9;
/** Amounts below it are shown with four decimals: a cent hides a whole answer of a cheap model. */
const SMALL_USD = 1;

/** `$1.50`, `$0.0042`, `12,345 tokens`. */
export function formatAmount(amount: number, unit: BudgetLineView["unit"]): string {
  if (unit === "tokens") return `${amount.toLocaleString("en-US")} tokens`;
  const usd = amount / NANO_PER_USD;
  return `$${usd.toFixed(usd !== 0 && Math.abs(usd) < SMALL_USD ? 4 : 2)}`;
}

/** `$16.20 of $20.00`. */
export function formatLine({ used, limit, unit }: Pick<BudgetLineView, "used" | "limit" | "unit">): string {
  const left = unit === "tokens" ? used.toLocaleString("en-US") : formatAmount(used, unit);
  return `${left} of ${unit === "usd" ? formatLimit(limit) : formatAmount(limit, unit)}`;
}

function formatLimit(nanoUsd: number): string {
  const usd = nanoUsd / NANO_PER_USD;
  return `$${Number.isInteger(usd * 100) ? usd.toFixed(2) : usd.toFixed(4)}`;
}
