// From limits and what has been spent to a verdict: go on, warn, or stop, and which budget says so.

import type { Limits } from "./limits.ts";
import { type Amount, BUDGET_UNITS, type BudgetUnit, inUnit } from "./spend.ts";

/** What a budget covers, narrowest first. */
const BUDGET_SCOPES = ["conversation", "repository", "day", "week", "month"] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

export interface Budget extends Limits {
  id: string;
  scope: BudgetScope;
  /** The start of the period that `spent` is of; a new period warns anew. Left out for budgets without one. */
  periodStartMs?: number;
}

/** One limit of one budget, and how far it is used. */
export interface BudgetLine {
  budgetId: string;
  scope: BudgetScope;
  unit: BudgetUnit;
  periodStartMs?: number;
  /** In nano-dollars or tokens, like `used` and `remaining`. */
  limit: number;
  used: number;
  /** Below zero once the limit is overrun. */
  remaining: number;
  /** `used / limit`: 1 is all of it. */
  fraction: number;
}

/** A warning that was given: at which limit, so that a raise can bring another. */
export type WarningRecord = Pick<BudgetLine, "budgetId" | "unit" | "limit" | "periodStartMs">;

export type Verdict =
  | { kind: "ok" }
  | { kind: "warn"; warnings: BudgetLine[] }
  /** `ruling` is the limit to name; `warnings` are those that were skipped by jumping past them. */
  | { kind: "exceeded"; ruling: BudgetLine; exceeded: BudgetLine[]; warnings: BudgetLine[] };

export interface Decision {
  /** Every limit that applies, the tightest first. */
  lines: BudgetLine[];
  verdict: Verdict;
  /** The least that is left in each unit, where it is limited. */
  tightest: { usd?: BudgetLine; tokens?: BudgetLine };
}

export interface DecideInput {
  /** All budgets above one conversation: the fleet's periods, its repository, its own. */
  budgets: readonly Budget[];
  /** What has been spent in each, by budget id; every budget must be in it. */
  spent: ReadonlyMap<string, Amount>;
  /** Warnings already given. */
  warned: readonly WarningRecord[];
}

/** One fifth of a limit left, rounded so that integers decide: warned from 80 % on. */
function warningLine(limit: number): number {
  return limit - Math.floor(limit / 5);
}

/** Throws RangeError for a budget whose spending is missing or not a sum: a budget must never pass by mistake. */
export function decideBudgets(input: DecideInput): Decision {
  const lines = input.budgets.flatMap((budget) => linesOf(budget, input.spent.get(budget.id))).sort(
    byTightness,
  );
  const exceeded = lines.filter((line) => line.used >= line.limit);
  const warnings = lines.filter((line) => line.used >= warningLine(line.limit) && isDue(line, input.warned));
  const [ruling] = exceeded;
  return {
    lines,
    verdict: ruling !== undefined
      ? { kind: "exceeded", ruling, exceeded, warnings }
      : warnings.length > 0
      ? { kind: "warn", warnings }
      : { kind: "ok" },
    tightest: tightestOf(lines),
  };
}

function linesOf(budget: Budget, spent: Amount | undefined): BudgetLine[] {
  return BUDGET_UNITS.flatMap((unit) => {
    const limit = unit === "usd" ? budget.nanoUsd : budget.tokens;
    if (limit === null) return [];
    const used = spent === undefined ? NaN : inUnit(spent, unit);
    if (!(limit > 0) || !Number.isFinite(limit) || !Number.isFinite(used) || used < 0) {
      throw new RangeError(`Cannot decide budget "${budget.id}": ${used} of ${limit} ${unit}`);
    }
    const period = budget.periodStartMs === undefined ? {} : { periodStartMs: budget.periodStartMs };
    return {
      budgetId: budget.id,
      scope: budget.scope,
      unit,
      ...period,
      limit,
      used,
      remaining: limit - used,
      fraction: used / limit,
    };
  });
}

/** The most used first; of equals the narrowest, money before tokens. */
function byTightness(left: BudgetLine, right: BudgetLine): number {
  return right.fraction - left.fraction ||
    BUDGET_SCOPES.indexOf(left.scope) - BUDGET_SCOPES.indexOf(right.scope) ||
    BUDGET_UNITS.indexOf(left.unit) - BUDGET_UNITS.indexOf(right.unit) ||
    (left.budgetId < right.budgetId ? -1 : 1);
}

function tightestOf(lines: readonly BudgetLine[]): Decision["tightest"] {
  const tightest: Decision["tightest"] = {};
  for (const line of lines) {
    const before = tightest[line.unit];
    if (before === undefined || line.remaining < before.remaining) tightest[line.unit] = line;
  }
  return tightest;
}

/** Once per budget, unit and period, and again above the highest limit that was warned at. */
function isDue(line: BudgetLine, warned: readonly WarningRecord[]): boolean {
  return !warned.some((record) =>
    record.budgetId === line.budgetId && record.unit === line.unit &&
    record.periodStartMs === line.periodStartMs && record.limit >= line.limit
  );
}
