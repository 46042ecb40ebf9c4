// SQL of sums over ledger rows, kept as counters so that no decision has to add rows up.
import type { TokenCounts } from "../usage/model_call.ts";
import type { Database } from "./database.ts";

/** What is summed of ledger rows. */
export interface Spending {
  calls: number;
  input: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  output: number;
  costNanoUsd: number;
  /** Rows with a cost of the CLI's own, the sum of those costs, and of ours for the same rows. */
  reportedCalls: number;
  reportedCostNanoUsd: number;
  comparedCostNanoUsd: number;
  /** Rows whose counts are not final, and those that are only estimated. */
  inexactCalls: number;
  estimatedCalls: number;
  /** Rows whose price is a guess. */
  unpricedCalls: number;
  incompleteCalls: number;
  gatewayCalls: number;
  otlpCalls: number;
  transcriptCalls: number;
  screenCalls: number;
  estimateCalls: number;
}

/** What a ledger row adds to. `quarter` is a quarter of an hour of Unix time, `summary` what sums a session up. */
export type SpendingScope = "session" | "conversation" | "repository" | "quarter" | "summary";

/** The columns that a row's contribution is worked out from. */
export interface SpendingRow extends TokenCounts {
  kind: string;
  sessionId: string;
  conversationId: string;
  repositoryRoot: string | null;
  atMs: number;
  costNanoUsd: number;
  reportedCostNanoUsd: number | null;
  source: string;
  confidence: string;
  incomplete: string | null;
  priceEstimated: number;
  isShared: number;
}

const COLUMNS: Record<keyof Spending, string> = {
  calls: "calls",
  input: "input",
  cacheRead: "cache_read",
  cacheWrite5m: "cache_write_5m",
  cacheWrite1h: "cache_write_1h",
  output: "output",
  costNanoUsd: "cost_nano_usd",
  reportedCalls: "reported_calls",
  reportedCostNanoUsd: "reported_cost_nano_usd",
  comparedCostNanoUsd: "compared_cost_nano_usd",
  inexactCalls: "inexact_calls",
  estimatedCalls: "estimated_calls",
  unpricedCalls: "unpriced_calls",
  incompleteCalls: "incomplete_calls",
  gatewayCalls: "gateway_calls",
  otlpCalls: "otlp_calls",
  transcriptCalls: "transcript_calls",
  screenCalls: "screen_calls",
  estimateCalls: "estimate_calls",
};
const NAMES = Object.keys(COLUMNS) as (keyof Spending)[];
const ADD = `INSERT INTO spending (scope, id, ${Object.values(COLUMNS).join(", ")})
  VALUES (?, ?, ${NAMES.map(() => "?").join(", ")})
  ON CONFLICT (scope, id) DO UPDATE SET ${
  Object.values(COLUMNS).map((column) => `${column} = ${column} + excluded.${column}`).join(", ")
}`;

const GET = `SELECT ${NAMES.map((name) => `${COLUMNS[name]} AS ${name}`).join(", ")}
  FROM spending WHERE scope = ? AND id = ?`;
const GET_PERIOD = `SELECT ${NAMES.map((name) => `coalesce(sum(${COLUMNS[name]}), 0) AS ${name}`).join(", ")}
  FROM spending WHERE scope = 'quarter' AND id >= ? AND id < ?`;

const QUARTER_MS = 15 * 60_000;
const QUARTER_DIGITS = 12;

const NO_SPENDING: Readonly<Spending> = Object.freeze(
  Object.fromEntries(NAMES.map((name) => [name, 0])) as unknown as Spending,
);

export class SpendingTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Adds a row (`sign` 1), or takes it back (-1), wherever it counts. */
  add(row: SpendingRow, sign: 1 | -1): void {
    const part = contributionOf(row);
    const values = NAMES.map((name) => part[name] * sign);
    for (const [scope, id] of countersOf(row)) this.#db.run(ADD, scope, id, ...values);
  }

  get(scope: SpendingScope, id: string): Spending {
    return this.#db.get<Spending>(GET, scope, id) ?? { ...NO_SPENDING };
  }

  /** The sum of a period, whose ends lie on quarters of an hour as every local midnight does. */
  getPeriod(period: { startMs: number; endMs: number }): Spending {
    const [start, end] = [quarterOf(period.startMs), quarterOf(period.endMs)];
    const sums = this.#db.get<Spending>(GET_PERIOD, start, end);
    return sums ?? { ...NO_SPENDING };
  }

  /** Compares every counter with the sum of its rows; answers a sentence for each that differs. */
  check(rows: Iterable<SpendingRow>): string[] {
    const sums = new Map<string, Spending>();
    for (const row of rows) {
      const part = contributionOf(row);
      for (const [scope, id] of countersOf(row)) {
        const sum = sums.get(`${scope} ${id}`) ?? { ...NO_SPENDING };
        for (const name of NAMES) sum[name] += part[name];
        sums.set(`${scope} ${id}`, sum);
      }
    }
    const problems: string[] = [];
    const columns = NAMES.map((name) => `${COLUMNS[name]} AS ${name}`).join(", ");
    for (
      const { scope, id, ...stored } of this.#db.all<Spending & { scope: string; id: string }>(
        `SELECT scope, id, ${columns} FROM spending`,
      )
    ) {
      const key = `${scope} ${id}`;
      problems.push(...differences(key, { stored, summed: sums.get(key) ?? NO_SPENDING }));
      sums.delete(key);
    }
    for (const [key, summed] of sums) problems.push(...differences(key, { stored: NO_SPENDING, summed }));
    return problems;
  }
}

function differences(key: string, { stored, summed }: { stored: Spending; summed: Spending }): string[] {
  return NAMES.filter((name) => stored[name] !== summed[name])
    .map((name) => `${key}: ${name} is ${stored[name]}, its rows sum up to ${summed[name]}`);
}

function countersOf(row: SpendingRow): [SpendingScope, string][] {
  // The fleet pays for it; what the session and its conversation may spend is not touched.
  if (row.kind === "summary") return [["summary", row.sessionId], ["quarter", quarterOf(row.atMs)]];
  const own: [SpendingScope, string][] = [["session", row.sessionId], ["conversation", row.conversationId]];
  if (row.isShared === 0) return own;
  if (row.repositoryRoot !== null) own.push(["repository", row.repositoryRoot]);
  return [...own, ["quarter", quarterOf(row.atMs)]];
}

/** Fixed width, so that text sorts as time does. */
function quarterOf(atMs: number): string {
  return String(Math.floor(atMs / QUARTER_MS)).padStart(QUARTER_DIGITS, "0");
}

function contributionOf(row: SpendingRow): Spending {
  const isReported = row.reportedCostNanoUsd !== null;
  return {
    calls: 1,
    input: row.input,
    cacheRead: row.cacheRead,
    cacheWrite5m: row.cacheWrite5m,
    cacheWrite1h: row.cacheWrite1h,
    output: row.output,
    costNanoUsd: row.costNanoUsd,
    reportedCalls: Number(isReported),
    reportedCostNanoUsd: row.reportedCostNanoUsd ?? 0,
    comparedCostNanoUsd: isReported ? row.costNanoUsd : 0,
    inexactCalls: Number(row.confidence !== "exact"),
    estimatedCalls: Number(row.confidence === "estimated"),
    unpricedCalls: row.priceEstimated,
    incompleteCalls: Number(row.incomplete !== null),
    gatewayCalls: Number(row.source === "gateway"),
    otlpCalls: Number(row.source === "otlp"),
    transcriptCalls: Number(row.source === "transcript"),
    screenCalls: Number(row.source === "screen"),
    estimateCalls: Number(row.source === "estimate"),
  };
}
