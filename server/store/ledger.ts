// SQL of the ledger: one row per model call, its counters in the same transaction, and how far sources were read.
import type { LedgerQuery, LedgerRow, Page } from "../protocol.ts";
import type { MergedCall } from "../usage/merged_call.ts";
import type { Database } from "./database.ts";
import {
  callOf,
  LEDGER_COLUMNS,
  LEDGER_NAMES,
  type LedgerOwner,
  type PricedCall,
  type RowCost,
  type StoredRow,
  toMerged,
  toRow,
  viewRow,
} from "./ledger_rows.ts";
import { SpendingTable } from "./spending.ts";

export interface LedgerWrite {
  owner: LedgerOwner;
  upserted: PricedCall[];
  /** Keys of rows that are no calls of their own any more. */
  removed: string[];
  /** How far the sources were read for this. */
  states: SourceState[];
  /** The call under way that is one of these now: what was reserved for it goes with the same commit. */
  settles?: string;
}

export interface SourceState {
  name: string;
  sessionId: string;
  state: unknown;
}

const SELECT = `SELECT id, ${
  LEDGER_NAMES.map((name) => `${LEDGER_COLUMNS[name]} AS ${name}`).join(", ")
} FROM ledger`;
const UPSERT = `INSERT INTO ledger (${Object.values(LEDGER_COLUMNS).join(", ")})
  VALUES (${LEDGER_NAMES.map(() => "?").join(", ")})
  ON CONFLICT (session_id, key) DO UPDATE SET ${
  Object.values(LEDGER_COLUMNS).map((column) => `${column} = excluded.${column}`).join(", ")
}`;
/** What sums a session up is beside its own calls. */
const OWN = "kind <> 'summary'";
const SORTS: Record<LedgerQuery["sort"], string> = {
  time: "at_ms",
  cost: "cost_nano_usd",
  tokens: "(input + cache_read + cache_write_5m + cache_write_1h + output)",
  model: "model",
};

export class LedgerTable {
  readonly spending: SpendingTable;
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    this.spending = new SpendingTable(db);
  }

  /** Stores what changed in a session's calls, its counters and source states: all of it or nothing. */
  write({ owner, upserted, removed, states, settles }: LedgerWrite): void {
    this.#db.transactionSoon(() => {
      for (const key of removed) this.#remove(owner.sessionId, key);
      for (const call of upserted) this.#upsert(toRow(owner, call));
      for (const state of states) this.#setState(state);
      if (settles !== undefined) this.#db.run("DELETE FROM reservations WHERE call_id = ?", settles);
    });
  }

  /** Calls of a session as its matcher knows them. */
  listCalls(sessionId: string): MergedCall[] {
    return this.#db.all<StoredRow>(`${SELECT} WHERE session_id = ? AND ${OWN} ORDER BY id`, sessionId).map(
      toMerged,
    );
  }

  /** The session that has a call with one of these ids of the provider. */
  findOwner(ids: { messageId?: string; requestId?: string }): string | undefined {
    const byMessage = ids.messageId === undefined ? undefined : this.#db.get<{ sessionId: string }>(
      "SELECT session_id AS sessionId FROM ledger WHERE message_id = ? AND kind <> 'summary' ORDER BY id LIMIT 1",
      ids.messageId,
    );
    if (byMessage || ids.requestId === undefined) return byMessage?.sessionId;
    return this.#db.get<{ sessionId: string }>(
      "SELECT session_id AS sessionId FROM ledger WHERE request_id = ? AND kind <> 'summary' ORDER BY id LIMIT 1",
      ids.requestId,
    )?.sessionId;
  }

  /** A page of a session's rows; the cursor is the last row's sort value and id. */
  list(
    sessionId: string,
    page: LedgerQuery & { cursor?: [value: string | number, id: number]; limit: number },
  ): Page<LedgerRow> {
    const { where, values, order } = filterOf(sessionId, page);
    const after = page.cursor
      ? ` AND (${SORTS[page.sort]}, id) ${page.order === "asc" ? ">" : "<"} (?, ?)`
      : "";
    const rows = this.#db.all<StoredRow & { sortValue: string | number }>(
      `${
        SELECT.replace("SELECT ", `SELECT ${SORTS[page.sort]} AS sortValue, `)
      } ${where}${after} ${order} LIMIT ?`,
      ...values,
      ...page.cursor ?? [],
      page.limit + 1,
    );
    const items = rows.slice(0, page.limit).map(viewRow);
    const last = rows[page.limit - 1];
    return rows.length > page.limit && last
      ? { items, next: JSON.stringify([last.sortValue, last.id]) }
      : { items };
  }

  /** All rows of a session, one by one. */
  *iterate(sessionId: string, query: LedgerQuery): Iterable<LedgerRow> {
    const { where, values, order } = filterOf(sessionId, query);
    for (const row of this.#db.iterate<StoredRow>(`${SELECT} ${where} ${order}`, ...values)) {
      yield viewRow(row);
    }
  }

  /** Every row there is, one by one. */
  iterateAll(): Iterable<StoredRow> {
    return this.#db.iterate<StoredRow>(`${SELECT} ORDER BY id`);
  }

  /** Costs of a session's calls since a moment. */
  listCosts(sessionId: string, sinceMs: number): { atMs: number; nanoUsd: number }[] {
    return this.#db.all(
      `SELECT at_ms AS atMs, cost_nano_usd AS nanoUsd FROM ledger
       WHERE session_id = ? AND at_ms >= ? AND ${OWN}`,
      sessionId,
      sinceMs,
    );
  }

  /** What a session's calls cost that reports or transcripts have seen, and the gateway has not. */
  sumUngated(sessionId: string): number {
    const sum = this.#db.get<{ nanoUsd: number }>(
      `SELECT coalesce(sum(cost_nano_usd), 0) AS nanoUsd FROM ledger
       WHERE session_id = ? AND source IN ('otlp', 'transcript')`,
      sessionId,
    );
    return sum?.nanoUsd ?? 0;
  }

  /** Prompt size and model of the newest call that is not a sub-agent's. */
  getLatestPrompt(sessionId: string): { model: string; promptTokens: number } | undefined {
    const row = this.#db.get<StoredRow>(
      `${SELECT} WHERE session_id = ? AND ${OWN} AND subagent IS NULL AND source NOT IN ('screen', 'estimate')
         AND (purpose IS NULL OR purpose NOT LIKE 'generate%') ORDER BY at_ms DESC, id DESC LIMIT 1`,
      sessionId,
    );
    if (!row) return undefined;
    const call = callOf(row);
    // The last run of the call's own model has read everything; counts are sums over all.
    const last = call.passes?.findLast(({ aside }) => aside === undefined) ?? call;
    return {
      model: call.model,
      promptTokens: last.input + last.cacheRead + last.cacheWrite5m + last.cacheWrite1h,
    };
  }

  /** Models with their number of rows, most used first. */
  listModels(): { model: string; calls: number; atMs: number }[] {
    return this.#db.all(
      "SELECT model, count(*) AS calls, max(at_ms) AS atMs FROM ledger GROUP BY model ORDER BY calls DESC, model",
    );
  }

  /** Gives rows another cost, and their counters with them. */
  setCosts(changes: Iterable<{ row: StoredRow; cost: RowCost }>): void {
    this.#db.transaction(() => {
      for (const { row, cost } of changes) {
        this.#upsert({
          ...row,
          costNanoUsd: cost.nanoUsd,
          priceId: cost.priceId,
          priceEstimated: Number(cost.estimated),
        });
      }
    });
  }

  /** Counters that are not the sums of their rows, one sentence each. */
  check(): { rows: number; problems: string[] } {
    return this.#db.snapshot(() => ({
      rows: this.#db.get<{ rows: number }>("SELECT count(*) AS rows FROM ledger")?.rows ?? 0,
      problems: this.spending.check(this.iterateAll()),
    }));
  }

  getState(name: string): unknown {
    const row = this.#db.get<{ state: string }>("SELECT state FROM source_states WHERE name = ?", name);
    return row && JSON.parse(row.state);
  }

  /** Names of a session's source states. */
  listStates(sessionId: string): string[] {
    return this.#db.all<{ name: string }>("SELECT name FROM source_states WHERE session_id = ?", sessionId)
      .map(({ name }) => name);
  }

  #setState({ name, sessionId, state }: SourceState): void {
    this.#db.run(
      `INSERT INTO source_states (name, session_id, state) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET session_id = excluded.session_id, state = excluded.state`,
      name,
      sessionId,
      JSON.stringify(state),
    );
  }

  #get(sessionId: string, key: string): StoredRow | undefined {
    return this.#db.get<StoredRow>(`${SELECT} WHERE session_id = ? AND key = ?`, sessionId, key);
  }

  #remove(sessionId: string, key: string): void {
    const row = this.#get(sessionId, key);
    if (!row) return;
    this.#db.run("DELETE FROM ledger WHERE id = ?", row.id);
    this.spending.add(row, -1);
  }

  #upsert(row: Omit<StoredRow, "id">): void {
    const before = this.#get(row.sessionId, row.key);
    this.#db.run(UPSERT, ...LEDGER_NAMES.map((name) => row[name]));
    if (before) this.spending.add(before, -1);
    this.spending.add(row, 1);
  }
}

function filterOf(
  sessionId: string,
  { sort, order, q }: LedgerQuery,
): { where: string; values: string[]; order: string } {
  const words = q?.split(/\s+/).filter(Boolean) ?? [];
  const text =
    "lower(model || ' ' || source || ' ' || coalesce(subagent, '') || ' ' || coalesce(purpose, ''))";
  const conditions = ["session_id = ?", ...words.map(() => `instr(${text}, lower(?)) > 0`)];
  const direction = order === "asc" ? "ASC" : "DESC";
  return {
    where: `WHERE ${conditions.join(" AND ")}`,
    values: [sessionId, ...words],
    order: `ORDER BY ${SORTS[sort]} ${direction}, id ${direction}`,
  };
}
