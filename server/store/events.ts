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

/** An entry of the list that is ordered by time; the parts of an input are one. */
export interface EventEntry {
  id: number;
  atMs: number;
  kind: NewEvent["kind"];
  offset: number;
  text: string;
}

/** Where a list by time goes on: behind this moment, and of those at this moment behind this id. */
export interface TimePlace {
  atMs: number;
  id: number;
}

/** An input that was not finished by Enter goes on with what is typed within this time, */
const INPUT_PAUSE_MS = 60_000;
/** up to so many parts. */
const MAX_INPUT_PARTS = 100;
/** How the audit writes Enter at the end of a line. */
const FINISHED = /(\\[rn]|without echo\])$/;

const ENTRY = `SELECT id, at_ms AS atMs, kind, offset, text || coalesce(
    (SELECT group_concat(part.text, '' ORDER BY part.id) FROM events part WHERE part.part_of = events.id), ''
  ) AS text FROM events`;

export class EventTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** What is typed joins the line before as long as that was not finished. */
  add(event: NewEvent): void {
    this.#db.run(
      "INSERT INTO events (session_id, at_ms, kind, offset, text, part_of) VALUES (?, ?, ?, ?, ?, ?)",
      event.sessionId,
      event.atMs,
      event.kind,
      event.offset,
      event.text,
      event.kind === "input" ? this.#findOpenInput(event) : null,
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

  /** At most `limit` entries of some kinds, or of all but `without`, newest first. */
  listByTime(
    sessionId: string,
    wish: { before: TimePlace; limit: number; without: readonly string[]; kinds?: readonly string[] },
  ): EventEntry[] {
    const { before, limit, kinds, without } = wish;
    const names = kinds ?? without;
    return this.#db.all<EventEntry>(
      // A few of some kinds are not looked for among all that was typed.
      `${ENTRY} ${kinds ? "INDEXED BY events_by_kind" : ""}
       WHERE session_id = ? AND part_of IS NULL AND (at_ms, id) < (?, ?)
         AND kind ${kinds ? "" : "NOT "}IN (${names.map(() => "?").join(", ")})
       ORDER BY at_ms DESC, id DESC LIMIT ?`,
      sessionId,
      before.atMs,
      before.id,
      ...names,
      limit,
    );
  }

  /** What was typed, in order: the first lines and, of a long session, the last ones. */
  listInputs(sessionId: string, { first, last }: { first: number; last: number }): string[] {
    const query = `${ENTRY} WHERE session_id = ? AND kind = 'input' AND part_of IS NULL ORDER BY id`;
    const beginning = this.#db.all<EventEntry>(`${query} LIMIT ?`, sessionId, first);
    const end = this.#db.all<EventEntry>(`${query} DESC LIMIT ?`, sessionId, last);
    const known = beginning.at(-1)?.id ?? 0;
    return [...beginning, ...end.filter(({ id }) => id > known).reverse()].map(({ text }) => text);
  }

  getEntry(sessionId: string, id: number): EventEntry | undefined {
    return this.#db.get(`${ENTRY} WHERE session_id = ? AND id = ? AND part_of IS NULL`, sessionId, id);
  }

  countKind(sessionId: string, kind: MarkerKind): number {
    return this.#db.get<{ count: number }>(
      "SELECT count(*) AS count FROM events INDEXED BY events_by_kind WHERE session_id = ? AND kind = ?",
      sessionId,
      kind,
    )?.count ?? 0;
  }

  /** All of one kind, oldest first. */
  listKind(sessionId: string, kind: MarkerKind): EventEntry[] {
    const query = `${ENTRY} INDEXED BY events_by_kind WHERE session_id = ? AND kind = ? ORDER BY at_ms, id`;
    return this.#db.all(query, sessionId, kind);
  }

  /** The first part of the input that a new one goes on with. */
  #findOpenInput({ sessionId, atMs }: NewEvent): number | null {
    const last = this.#db.get<EventEntry & { partOf: number | null }>(
      `SELECT id, at_ms AS atMs, kind, text, part_of AS partOf FROM events
       WHERE session_id = ? ORDER BY id DESC LIMIT 1`,
      sessionId,
    );
    if (last?.kind !== "input" || FINISHED.test(last.text) || atMs - last.atMs > INPUT_PAUSE_MS) return null;
    const first = last.partOf ?? last.id;
    const parts = this.#db.get<{ count: number }>(
      "SELECT count(*) AS count FROM events WHERE part_of = ?",
      first,
    );
    return (parts?.count ?? 0) < MAX_INPUT_PARTS - 1 ? first : null;
  }
}
