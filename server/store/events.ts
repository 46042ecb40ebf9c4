// SQL of markers and of the audit of what was typed.
import type { MarkerKind, Page, SessionEvent } from "../protocol.ts";
import type { Database } from "./database.ts";

export interface NewEvent {
  sessionId: string;
  atMs: number;
  kind: MarkerKind | "input";
  offset: number;
  text: string;
}

export class EventTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  add(event: NewEvent): void {
    this.#db.run(
      "INSERT INTO events (session_id, at_ms, kind, offset, text) VALUES (?, ?, ?, ?, ?)",
      event.sessionId,
      event.atMs,
      event.kind,
      event.offset,
      event.text,
    );
  }

  /** The kind of a session's newest event among some kinds. */
  getLatestKind(sessionId: string, kinds: readonly MarkerKind[]): MarkerKind | undefined {
    const places = kinds.map(() => "?").join(", ");
    return this.#db.get<{ kind: MarkerKind }>(
      `SELECT kind FROM events WHERE session_id = ? AND kind IN (${places}) ORDER BY id DESC LIMIT 1`,
      sessionId,
      ...kinds,
    )?.kind;
  }

  /** A page of a session's events, newest first; the cursor is the last id. */
  list(sessionId: string, page: { cursor?: number; limit: number }): Page<SessionEvent> {
    const items = this.#db.all<SessionEvent>(
      `SELECT id, at_ms AS atMs, kind, offset, text FROM events
       WHERE session_id = ? AND id < ? ORDER BY id DESC LIMIT ?`,
      sessionId,
      page.cursor ?? Number.MAX_SAFE_INTEGER,
      page.limit + 1,
    );
    const last = items[page.limit - 1];
    if (items.length <= page.limit || !last) return { items };
    return { items: items.slice(0, page.limit), next: String(last.id) };
  }
}
