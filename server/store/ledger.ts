// SQL of the ledger: one row per model call, its counters in the same transaction, and how far sources were read.
import type { LedgerQuery, LedgerRow, Page, SessionKind, UsageSource } from "../protocol.ts";
import type { MergedCall } from "../usage/merged_call.ts";
import type { ModelCall } from "../usage/model_call.ts";
import type { Database } from "./database.ts";
import { type SpendingRow, SpendingTable } from "./spending.ts";

/** Whose call it is. */
export interface LedgerOwner {
  sessionId: string;
  conversationId: string;
  kind: SessionKind;
  repositoryRoot: string | null;
  branch: string | null;
}

export interface RowCost {
  nanoUsd: number;
  priceId: string;
  estimated: boolean;
}

export interface PricedCall extends MergedCall {
  cost: RowCost;
  /** False where only the session's own budget counts it. */
  isShared: boolean;
}

export interface LedgerWrite {
  owner: LedgerOwner;
  upserted: PricedCall[];
  /** Keys of rows that are no calls of their own any more. */
  removed: string[];
  /** How far the sources were read for this. */
  states: SourceState[];
}

export interface SourceState {
  name: string;
  sessionId: string;
  state: unknown;
}

/** A row as stored. */
export interface StoredRow extends SpendingRow {
  id: number;
  key: string;
  kind: SessionKind;
  branch: string | null;
  model: string;
  reasoning: number;
  serverToolUses: number | null;
  webSearches: number | null;
  serviceTier: string | null;
  speed: string | null;
  subagent: string | null;
  purpose: string | null;
  requestId: string | null;
  messageId: string | null;
  priceId: string;
  members: string;
  source: UsageSource;
  confidence: ModelCall["confidence"];
  incomplete: "interrupted" | "unfinished" | null;
}

const COLUMNS: Record<Exclude<keyof StoredRow, "id">, string> = {
  sessionId: "session_id",
  conversationId: "conversation_id",
  key: "key",
  kind: "kind",
  repositoryRoot: "repository_root",
  branch: "branch",
  atMs: "at_ms",
  model: "model",
  input: "input",
  cacheRead: "cache_read",
  cacheWrite5m: "cache_write_5m",
  cacheWrite1h: "cache_write_1h",
  output: "output",
  reasoning: "reasoning",
  serverToolUses: "server_tool_uses",
  webSearches: "web_searches",
  serviceTier: "service_tier",
  speed: "speed",
  subagent: "subagent",
  purpose: "purpose",
  requestId: "request_id",
  messageId: "message_id",
  costNanoUsd: "cost_nano_usd",
  priceId: "price_id",
  priceEstimated: "price_estimated",
  reportedCostNanoUsd: "reported_cost_nano_usd",
  source: "source",
  confidence: "confidence",
  incomplete: "incomplete",
  members: "members",
  isShared: "is_shared",
};
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
const SELECT = `SELECT id, ${NAMES.map((name) => `${COLUMNS[name]} AS ${name}`).join(", ")} FROM ledger`;
const UPSERT = `INSERT INTO ledger (${Object.values(COLUMNS).join(", ")})
  VALUES (${NAMES.map(() => "?").join(", ")})
  ON CONFLICT (session_id, key) DO UPDATE SET ${
  Object.values(COLUMNS).map((column) => `${column} = excluded.${column}`).join(", ")
}`;
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
  write({ owner, upserted, removed, states }: LedgerWrite): void {
    this.#db.transaction(() => {
      for (const key of removed) this.#remove(owner.sessionId, key);
      for (const call of upserted) this.#upsert(toRow(owner, call));
      for (const state of states) this.#setState(state);
    });
  }

  /** Calls of a session as its matcher knows them. */
  listCalls(sessionId: string): MergedCall[] {
    return this.#db.all<StoredRow>(`${SELECT} WHERE session_id = ? ORDER BY id`, sessionId).map(toMerged);
  }

  /** The session that has a call with one of these ids of the provider. */
  findOwner(ids: { messageId?: string; requestId?: string }): string | undefined {
    const byMessage = ids.messageId === undefined ? undefined : this.#db.get<{ sessionId: string }>(
      "SELECT session_id AS sessionId FROM ledger WHERE message_id = ? ORDER BY id LIMIT 1",
      ids.messageId,
    );
    if (byMessage || ids.requestId === undefined) return byMessage?.sessionId;
    return this.#db.get<{ sessionId: string }>(
      "SELECT session_id AS sessionId FROM ledger WHERE request_id = ? ORDER BY id LIMIT 1",
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
      "SELECT at_ms AS atMs, cost_nano_usd AS nanoUsd FROM ledger WHERE session_id = ? AND at_ms >= ?",
      sessionId,
      sinceMs,
    );
  }

  /** Prompt size and model of the newest call that is not a sub-agent's. */
  getLatestPrompt(sessionId: string): { model: string; promptTokens: number } | undefined {
    return this.#db.get(
      `SELECT model, input + cache_read + cache_write_5m + cache_write_1h AS promptTokens FROM ledger
       WHERE session_id = ? AND subagent IS NULL AND source NOT IN ('screen', 'estimate')
         AND (purpose IS NULL OR purpose NOT LIKE 'generate%') ORDER BY at_ms DESC, id DESC LIMIT 1`,
      sessionId,
    );
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
    return this.#db.transaction(() => ({
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
    this.#db.run(UPSERT, ...NAMES.map((name) => row[name]));
    if (before) this.spending.add(before, -1);
    this.spending.add(row, 1);
  }
}

function toRow(
  owner: LedgerOwner,
  { key, call, members, cost, isShared }: PricedCall,
): Omit<StoredRow, "id"> {
  return {
    ...owner,
    key,
    atMs: call.atMs,
    model: call.model,
    input: call.input,
    cacheRead: call.cacheRead,
    cacheWrite5m: call.cacheWrite5m,
    cacheWrite1h: call.cacheWrite1h,
    output: call.output,
    reasoning: call.reasoning,
    serverToolUses: call.serverToolUses ?? null,
    webSearches: call.webSearches ?? null,
    serviceTier: call.serviceTier ?? null,
    speed: call.speed ?? null,
    subagent: call.subagent ?? null,
    purpose: call.purpose ?? null,
    requestId: call.requestId ?? null,
    messageId: call.messageId ?? null,
    costNanoUsd: cost.nanoUsd,
    priceId: cost.priceId,
    priceEstimated: Number(cost.estimated),
    reportedCostNanoUsd: call.reportedCostNanoUsd ?? null,
    source: call.source,
    confidence: call.confidence,
    incomplete: call.incomplete ?? null,
    members: JSON.stringify(members),
    isShared: Number(isShared),
  };
}

/** The call of a row, without its place in the ledger. */
export function callOf(row: StoredRow): ModelCall {
  const { source, confidence, model, atMs, reasoning, input, output, cacheRead, cacheWrite5m, cacheWrite1h } =
    row;
  const optional = {
    requestId: row.requestId,
    messageId: row.messageId,
    serverToolUses: row.serverToolUses,
    webSearches: row.webSearches,
    serviceTier: row.serviceTier,
    speed: row.speed,
    subagent: row.subagent,
    purpose: row.purpose,
    reportedCostNanoUsd: row.reportedCostNanoUsd,
    incomplete: row.incomplete,
  };
  const counts = { input, output, cacheRead, cacheWrite5m, cacheWrite1h };
  return { source, key: row.key, model, atMs, reasoning, confidence, ...counts, ...withoutNulls(optional) };
}

function toMerged(row: StoredRow): MergedCall {
  const members: MergedCall["members"] = JSON.parse(row.members);
  const sources = [...new Set(members.map(({ source }) => source))];
  return { key: row.key, call: callOf(row), sources, members };
}

function viewRow(row: StoredRow): LedgerRow {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning } = row;
  const { key: _key, messageId: _id, webSearches: _searches, ...call } = callOf(row);
  const { input: _i, output: _o, cacheRead: _r, cacheWrite5m: _5, cacheWrite1h: _1, reasoning: _t, ...rest } =
    call;
  return {
    ...rest,
    id: row.id,
    tokens: { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning },
    costNanoUsd: row.costNanoUsd,
    priceId: row.priceId,
    priceEstimated: row.priceEstimated === 1,
    sources: toMerged(row).sources,
  };
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

function withoutNulls<Shape extends object>(
  value: Shape,
): { [Key in keyof Shape]?: Exclude<Shape[Key], null> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null)) as {
    [Key in keyof Shape]?: Exclude<Shape[Key], null>;
  };
}
