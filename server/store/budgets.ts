// SQL of limits and of the warnings that were given.
import type { BudgetScope } from "../protocol.ts";
import type { Database } from "./database.ts";

/** Limits in nano-dollars and tokens; null is "no limit". */
export interface BudgetRow {
  scope: BudgetScope;
  /** A conversation's id, a repository's root, or empty for the fleet's periods. */
  target: string;
  nanoUsd: number | null;
  tokens: number | null;
}

export interface WarningRow {
  budgetId: string;
  unit: "usd" | "tokens";
  limit: number;
  /** 0 for a budget without periods. */
  periodStartMs: number;
}

const COLUMNS = "scope, target, nano_usd AS nanoUsd, tokens";

export class BudgetTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Missing means that nobody has ever decided. */
  get(scope: BudgetScope, target: string): BudgetRow | undefined {
    return this.#db.get(`SELECT ${COLUMNS} FROM budgets WHERE scope = ? AND target = ?`, scope, target);
  }

  /** Repositories that have limits. */
  listRepositories(): BudgetRow[] {
    return this.#db.all(
      `SELECT ${COLUMNS} FROM budgets WHERE scope = 'repository' AND (nano_usd IS NOT NULL OR tokens IS NOT NULL)
       ORDER BY target`,
    );
  }

  /** Whether any limit is there that sessions of several conversations share. */
  hasShared(): boolean {
    return this.#db.get(
      `SELECT 1 FROM budgets WHERE scope <> 'conversation' AND (nano_usd IS NOT NULL OR tokens IS NOT NULL) LIMIT 1`,
    ) !== undefined;
  }

  set(budget: BudgetRow): void {
    this.#db.run(
      `INSERT INTO budgets (scope, target, nano_usd, tokens) VALUES (?, ?, ?, ?)
       ON CONFLICT (scope, target) DO UPDATE SET nano_usd = excluded.nano_usd, tokens = excluded.tokens`,
      budget.scope,
      budget.target,
      budget.nanoUsd,
      budget.tokens,
    );
  }

  /** Warnings that were given for a budget. */
  listWarnings(budgetId: string): WarningRow[] {
    return this.#db.all(
      `SELECT budget_id AS budgetId, unit, limit_value AS "limit", period_start_ms AS periodStartMs
       FROM budget_warnings WHERE budget_id = ?`,
      budgetId,
    );
  }

  /** Notes a warning; the one before it in the same period was at a lower limit. */
  addWarning(warning: WarningRow): void {
    this.#db.run(
      `INSERT INTO budget_warnings (budget_id, unit, limit_value, period_start_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (budget_id, unit, period_start_ms) DO UPDATE SET limit_value = max(limit_value, excluded.limit_value)`,
      warning.budgetId,
      warning.unit,
      warning.limit,
      warning.periodStartMs,
    );
  }
}
