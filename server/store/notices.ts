// SQL of what the user was told, whether a page was open or not.
import type { BudgetLineView, Notice, Page } from "../protocol.ts";
import type { Database } from "./database.ts";
import type { TimePlace } from "./events.ts";

interface NoticeRow {
  id: number;
  atMs: number;
  kind: Notice["kind"];
  title: string;
  text: string;
  sessionId: string | null;
  budget: string | null;
  seen: number;
}

const COLUMNS = "id, at_ms AS atMs, kind, title, text, session_id AS sessionId, budget, seen";

/** What comes from one sequence of a program is noted within this time. */
const SAME_MOMENT_MS = 10_000;

export class NoticeTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  add(notice: Omit<Notice, "id" | "seen">): Notice {
    const id = this.#db.insert(
      "INSERT INTO notices (at_ms, kind, title, text, session_id, budget) VALUES (?, ?, ?, ?, ?, ?)",
      notice.atMs,
      notice.kind,
      notice.title,
      notice.text,
      notice.sessionId ?? null,
      notice.budget === undefined ? null : JSON.stringify(notice.budget),
    );
    return { ...notice, id, seen: false };
  }

  /** A page, newest first; the cursor is the last id. */
  list(page: { cursor?: number; limit: number }): Page<Notice> {
    const rows = this.#db.all<NoticeRow>(
      `SELECT ${COLUMNS} FROM notices WHERE id < ? ORDER BY id DESC LIMIT ?`,
      page.cursor ?? Number.MAX_SAFE_INTEGER,
      page.limit + 1,
    );
    const items = rows.slice(0, page.limit).map(toNotice);
    const last = items.at(-1);
    return rows.length > page.limit && last ? { items, next: String(last.id) } : { items };
  }

  /**
   * At most `limit` of a session, of other kinds than `without`, newest first. A question that came as a notification is
   * left out: it is among the session's events.
   */
  listByTime(
    sessionId: string,
    { before, limit, without }: { before: TimePlace; limit: number; without: readonly Notice["kind"][] },
  ): Notice[] {
    return this.#db.all<NoticeRow>(
      `SELECT ${COLUMNS} FROM notices WHERE session_id = ? AND (at_ms, id) < (?, ?)
         AND kind NOT IN (${without.map(() => "?").join(", ")})
         AND NOT (kind = 'needs_you' AND EXISTS (
           SELECT 1 FROM events WHERE events.session_id = notices.session_id
             AND events.part_of IS NULL AND events.at_ms BETWEEN notices.at_ms - ? AND notices.at_ms + ?
             AND events.kind = 'notification' AND events.text = notices.text))
       ORDER BY at_ms DESC, id DESC LIMIT ?`,
      sessionId,
      before.atMs,
      before.id,
      ...without,
      SAME_MOMENT_MS,
      SAME_MOMENT_MS,
      limit,
    ).map(toNotice);
  }

  get(sessionId: string, id: number): Notice | undefined {
    const row = this.#db.get<NoticeRow>(
      `SELECT ${COLUMNS} FROM notices WHERE session_id = ? AND id = ?`,
      sessionId,
      id,
    );
    return row && toNotice(row);
  }

  markSeen(upTo: number): void {
    this.#db.run("UPDATE notices SET seen = 1 WHERE id <= ? AND seen = 0", upTo);
  }
}

function toNotice({ sessionId, budget, seen, ...rest }: NoticeRow): Notice {
  return {
    ...rest,
    ...(sessionId === null ? {} : { sessionId }),
    ...(budget === null ? {} : { budget: JSON.parse(budget) as BudgetLineView }),
    seen: seen === 1,
  };
}
