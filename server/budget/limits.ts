// What a limit may be: checked where it enters, so that nothing is unlimited or unreachable by accident.

import { AppError } from "../errors.ts";
import type { BudgetUnit } from "./spend.ts";

/** One million dollars: far below where nano-dollars stop being exact. */
export const MAX_LIMIT_USD = 1_000_000;
export const MAX_LIMIT_TOKENS = 1_000_000_000_000;

const NANO_PER_USD = 1_000_000_000;

/** A limit in nano-dollars or tokens; null is the user's "no limit". */
export type Limit = number | null;

export interface Limits {
  nanoUsd: Limit;
  tokens: Limit;
}

/** Limits to change; a unit that is left out stays as it is. */
export type LimitsPatch = Partial<Limits>;

/**
 * The limits of a request: `usd` in dollars and `tokens`, each a number above zero, null for none, or left out.
 * Throws `AppError("invalid")` that names the field for anything else; strings are not numbers here.
 */
export function parseLimits(input: unknown): LimitsPatch {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new AppError("invalid", "Give the limits as an object with usd and tokens");
  }
  const { usd, tokens, ...others } = input as { usd?: unknown; tokens?: unknown };
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new AppError("invalid", `There is no limit "${unknown}"`, { field: unknown });
  }
  const patch: LimitsPatch = {};
  if (usd !== undefined) patch.nanoUsd = parseLimit(usd, "usd");
  if (tokens !== undefined) patch.tokens = parseLimit(tokens, "tokens");
  return patch;
}

/** One limit in its unit's own terms (dollars, tokens); throws `AppError("invalid")` unless it can be kept. */
export function parseLimit(value: unknown, unit: BudgetUnit): Limit {
  if (value === null) return null;
  const ceiling = unit === "usd" ? MAX_LIMIT_USD : MAX_LIMIT_TOKENS;
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
    throw new AppError("invalid", `${unit} must be a number above 0, or null for no limit`, { field: unit });
  }
  if (value > ceiling) throw new AppError("invalid", `${unit} must be at most ${ceiling}`, { field: unit });
  const limit = unit === "usd" ? Math.round(value * NANO_PER_USD) : value;
  if (limit < 1 || !Number.isInteger(limit)) {
    const smallest = unit === "usd" ? "at least 0.000000001" : "a whole number";
    throw new AppError("invalid", `${unit} must be ${smallest}`, { field: unit });
  }
  return limit;
}
