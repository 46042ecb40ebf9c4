// SQL of summaries: what a model made of a session, all of them kept.
import type { SummaryView } from "../protocol.ts";
import type { Database } from "./database.ts";
import type { TimePlace } from "./events.ts";

export type NewSummary = Omit<SummaryView, "id">;

/** As stored. */
interface SummaryRow {
  id: number;
  atMs: number;
  state: SummaryView["state"];
  trigger: SummaryView["trigger"];
  title: string | null;
  text: string | null;
  error: string | null;
  provider: SummaryView["provider"] | null;
  model: string | null;
  host: string | null;
  sentBytes: number;
  maskedSecrets: number;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  costNanoUsd: number;
  priceEstimated: number;
  durationMs: number;
}

const COLUMNS = `id, at_ms AS atMs, state, made_by AS "trigger", title, text, error, provider, model, host,
  sent_bytes AS sentBytes, masked_secrets AS maskedSecrets, calls, input_tokens AS inputTokens,
  output_tokens AS outputTokens, cost_nano_usd AS costNanoUsd, price_estimated AS priceEstimated,
  duration_ms AS durationMs`;
const NEWEST_FIRST = "ORDER BY at_ms DESC, id DESC LIMIT ?";

export class SummaryTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Undefined when the session has been deleted meanwhile. */
  add(sessionId: string, summary: NewSummary): SummaryView | undefined {
    return this.#db.transaction(() => {
      if (!this.#db.get("SELECT 1 FROM sessions WHERE id = ?", sessionId)) return undefined;
      const id = this.#db.insert(
        `INSERT INTO summaries (session_id, at_ms, state, made_by, title, text, error, provider, model, host, sent_bytes,
           masked_secrets, calls, input_tokens, output_tokens, cost_nano_usd, price_estimated, duration_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[sessionId, summary.atMs, summary.state, summary.trigger],
        ...[summary.title ?? null, summary.text ?? null, summary.error ?? null],
        ...[summary.provider ?? null, summary.model ?? null, summary.host ?? null],
        ...[summary.sentBytes, summary.maskedSecrets, summary.calls],
        ...[summary.tokens.input, summary.tokens.output],
        ...[summary.costNanoUsd, Number(summary.priceEstimated), summary.durationMs],
      );
      return { id, ...summary };
    });
  }

  /** The newest of a session, newest first. */
  list(sessionId: string, limit: number): SummaryView[] {
    return this.listByTime(sessionId, { before: { atMs: Number.MAX_SAFE_INTEGER, id: 0 }, limit });
  }

  /** Those behind a place, newest first. */
  listByTime(sessionId: string, { before, limit }: { before: TimePlace; limit: number }): SummaryView[] {
    return this.#db.all<SummaryRow>(
      `SELECT ${COLUMNS} FROM summaries WHERE session_id = ? AND (at_ms, id) < (?, ?) ${NEWEST_FIRST}`,
      sessionId,
      before.atMs,
      before.id,
      limit,
    ).map(viewRow);
  }

  get(sessionId: string, id: number): SummaryView | undefined {
    const row = this.#db.get<SummaryRow>(
      `SELECT ${COLUMNS} FROM summaries WHERE session_id = ? AND id = ?`,
      sessionId,
      id,
    );
    return row && viewRow(row);
  }
}

function viewRow({ inputTokens, outputTokens, priceEstimated, ...row }: SummaryRow): SummaryView {
  const view = {
    ...row,
    tokens: { input: inputTokens, output: outputTokens },
    priceEstimated: priceEstimated === 1,
  };
  return Object.fromEntries(
    Object.entries(view).filter(([, part]) => part !== null),
  ) as unknown as SummaryView;
}
