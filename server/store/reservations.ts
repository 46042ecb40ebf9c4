// SQL of reservations: calls under way, each as the ledger row it becomes if this program dies meanwhile.
import type { ModelCall } from "../usage/model_call.ts";
import type { Database } from "./database.ts";

export interface ReservationRow {
  callId: string;
  sessionId: string;
  call: ModelCall;
}

export class ReservationTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Inserts or replaces. No call waits for the disk: agents do not survive a power cut either. */
  put({ callId, sessionId, call }: ReservationRow): void {
    this.#db.runUnsynced(
      `INSERT INTO reservations (call_id, session_id, call) VALUES (?, ?, ?)
       ON CONFLICT (call_id) DO UPDATE SET call = excluded.call`,
      callId,
      sessionId,
      JSON.stringify(call),
    );
  }

  remove(callId: string): void {
    this.#db.runUnsynced("DELETE FROM reservations WHERE call_id = ?", callId);
  }

  list(): ReservationRow[] {
    return this.#db.all<{ callId: string; sessionId: string; call: string }>(
      "SELECT call_id AS callId, session_id AS sessionId, call FROM reservations ORDER BY call_id",
    ).map((row) => ({ ...row, call: JSON.parse(row.call) as ModelCall }));
  }
}
