// SQL of what the gate did to model calls.
import type { GateEventView } from "../protocol.ts";
import type { Database } from "./database.ts";

export interface GateEventRow {
  sessionId: string;
  event: GateEventView;
}

/** Of one session; older ones go. */
const MAX_PER_SESSION = 1000;

export class GateEventTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The highest id so far; 0 when there is none. */
  get lastId(): number {
    return this.#db.get<{ id: number | null }>("SELECT max(id) AS id FROM gate_events")?.id ?? 0;
  }

  /** Adds events with their own ids; those of sessions that are deleted are dropped. Does not wait for the disk. */
  add(rows: readonly GateEventRow[]): void {
    this.#db.transactionSoon(() => {
      for (const { sessionId, event: { id, ...facts } } of rows) {
        this.#db.run(
          `INSERT INTO gate_events (id, session_id, event)
           SELECT ?, id, ? FROM sessions WHERE id = ?`,
          id,
          JSON.stringify(facts),
          sessionId,
        );
      }
      for (const sessionId of new Set(rows.map((row) => row.sessionId))) this.#dropOldest(sessionId);
    });
  }

  /** Newest first. */
  list(sessionId: string, limit: number): GateEventView[] {
    return this.#db.all<{ id: number; event: string }>(
      "SELECT id, event FROM gate_events WHERE session_id = ? ORDER BY id DESC LIMIT ?",
      sessionId,
      limit,
    ).map(({ id, event }) => ({ id, ...JSON.parse(event) }));
  }

  #dropOldest(sessionId: string): void {
    this.#db.run(
      `DELETE FROM gate_events WHERE session_id = ?1 AND id <= (
         SELECT id FROM gate_events WHERE session_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ${MAX_PER_SESSION}
       )`,
      sessionId,
    );
  }
}
