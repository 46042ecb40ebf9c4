// SQL of sessions and their conversations. Transitions compare the old state, so each happens once.
import type { AtLimit, EndReason, Lifecycle, Page, SessionKind } from "../protocol.ts";
import type { Database } from "./database.ts";

/** A session as stored; what lives only in memory (activity, stop progress) is added elsewhere. */
export interface SessionRow {
  id: string;
  conversationId: string;
  revision: number;
  kind: SessionKind;
  title: string | null;
  /** Of the newest summary. */
  aiTitle: string | null;
  command: string;
  cwd: string;
  repositoryRoot: string | null;
  repositoryName: string | null;
  branch: string | null;
  lifecycle: Lifecycle;
  stopCause: EndReason | null;
  endReason: EndReason | null;
  exitCode: number | null;
  exitSignal: string | null;
  failure: string | null;
  pid: number | null;
  cols: number;
  rows: number;
  recordedBytes: number;
  createdAtMs: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  resumedFrom: string | null;
  /** The agent's own id of its conversation. */
  agentSessionId: string | null;
  resumeConfirmed: number;
  resumeCommand: string | null;
  hasPlan: number;
  /** The agent was told to report its model calls to us. */
  hasTelemetry: number;
  /** JSON of what was switched on or off at launch. */
  additions: string | null;
  /** JSON of where model calls go behind the gateway; null when they do not pass it. */
  gateway: string | null;
  atLimit: AtLimit;
}

export interface NewSession {
  id: string;
  conversationId: string;
  kind: SessionKind;
  title: string | undefined;
  command: string;
  cwd: string;
  repository: { root: string; name: string; branch?: string } | undefined;
  cols: number;
  rows: number;
  createdAtMs: number;
  resumedFrom?: string;
  agentSessionId?: string;
  resumeCommand?: string;
  hasPlan?: boolean;
  hasTelemetry?: boolean;
  additions?: string;
  gateway?: string;
  atLimit?: AtLimit;
}

export interface SessionEnd {
  /** Used unless a stop was asked for before, whose cause wins. */
  reason: EndReason;
  exitCode: number | undefined;
  exitSignal: string | undefined;
  failure: string | undefined;
  recordedBytes: number;
  endedAtMs: number;
}

export interface SessionFilter {
  lifecycle?: "live" | "ended";
  kind?: SessionKind;
  repository?: string;
  /** Words that titles, command, path or branch must contain. */
  text?: string;
  /** Where the previous page ended. */
  cursor?: string;
  limit: number;
}

const COLUMNS =
  `id, conversation_id AS conversationId, revision, kind, title, ai_title AS aiTitle, command, cwd,
  repository_root AS repositoryRoot, repository_name AS repositoryName, branch, lifecycle,
  stop_cause AS stopCause, end_reason AS endReason, exit_code AS exitCode, exit_signal AS exitSignal,
  failure, pid, cols, rows, recorded_bytes AS recordedBytes, created_at_ms AS createdAtMs,
  started_at_ms AS startedAtMs, ended_at_ms AS endedAtMs, resumed_from AS resumedFrom,
  agent_session_id AS agentSessionId, resume_confirmed AS resumeConfirmed, resume_command AS resumeCommand,
  has_plan AS hasPlan, has_telemetry AS hasTelemetry, additions, gateway, at_limit AS atLimit`;

export class SessionTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Inserts a session in state `starting`, and its conversation if that is new; a resumed one keeps what a model called it. */
  create(session: NewSession): SessionRow {
    return this.#db.transaction(() => {
      this.#db.run(
        "INSERT OR IGNORE INTO conversations (id, created_at_ms) VALUES (?, ?)",
        session.conversationId,
        session.createdAtMs,
      );
      this.#db.run(
        `INSERT INTO sessions (id, conversation_id, kind, title, ai_title, command, cwd, repository_root, repository_name,
           branch, lifecycle, cols, rows, created_at_ms, resumed_from, agent_session_id, resume_command, has_plan,
           has_telemetry, additions, gateway, at_limit)
         VALUES (?, ?, ?, ?, (SELECT ai_title FROM sessions WHERE id = ?), ?, ?, ?, ?, ?, 'starting', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        session.id,
        session.conversationId,
        session.kind,
        session.title ?? null,
        session.resumedFrom ?? null,
        session.command,
        session.cwd,
        session.repository?.root ?? null,
        session.repository?.name ?? null,
        session.repository?.branch ?? null,
        session.cols,
        session.rows,
        session.createdAtMs,
        session.resumedFrom ?? null,
        session.agentSessionId ?? null,
        session.resumeCommand ?? null,
        Number(session.hasPlan ?? false),
        Number(session.hasTelemetry ?? false),
        session.additions ?? null,
        session.gateway ?? null,
        session.atLimit ?? "stop",
      );
      return this.#mustGet(session.id);
    });
  }

  get(id: string): SessionRow | undefined {
    return this.#db.get(`SELECT ${COLUMNS} FROM sessions WHERE id = ?`, id);
  }

  /** starting -> running. Undefined when it was not starting any more. */
  markRunning(id: string, started: { pid: number; startedAtMs: number }): SessionRow | undefined {
    return this.#transition(
      id,
      "lifecycle = 'running', pid = ?, started_at_ms = ?",
      "lifecycle = 'starting'",
      [started.pid, started.startedAtMs],
    );
  }

  /** running -> stopping; the first cause wins. Undefined when it was not running any more. */
  markStopping(id: string, cause: EndReason): SessionRow | undefined {
    return this.#transition(id, "lifecycle = 'stopping', stop_cause = ?", "lifecycle = 'running'", [cause]);
  }

  /** Anything but ended -> ended. Undefined when it had ended before. */
  markEnded(id: string, end: SessionEnd): SessionRow | undefined {
    return this.#transition(
      id,
      `lifecycle = 'ended', end_reason = coalesce(stop_cause, ?), exit_code = ?, exit_signal = ?, failure = ?,
       recorded_bytes = ?, ended_at_ms = ?`,
      "lifecycle <> 'ended'",
      [
        end.reason,
        end.exitCode ?? null,
        end.exitSignal ?? null,
        end.failure ?? null,
        end.recordedBytes,
        end.endedAtMs,
      ],
    );
  }

  setTitle(id: string, title: string | null): SessionRow | undefined {
    return this.#transition(id, "title = ?", "1", [title]);
  }

  setAiTitle(id: string, aiTitle: string): SessionRow | undefined {
    return this.#transition(id, "ai_title = ?", "1", [aiTitle]);
  }

  setAtLimit(id: string, atLimit: AtLimit): SessionRow | undefined {
    return this.#transition(id, "at_limit = ?", "1", [atLimit]);
  }

  setSize(id: string, size: { cols: number; rows: number }): SessionRow | undefined {
    return this.#transition(id, "cols = ?, rows = ?", "lifecycle <> 'ended'", [size.cols, size.rows]);
  }

  /** Notes how the agent calls its conversation; what it printed itself is not overwritten by a guess. */
  setResume(
    id: string,
    resume: { agentSessionId: string; command: string; confirmed: boolean },
  ): SessionRow | undefined {
    return this.#transition(
      id,
      "agent_session_id = ?, resume_command = ?, resume_confirmed = ?",
      resume.confirmed ? "1" : "resume_confirmed = 0",
      [resume.agentSessionId, resume.command, Number(resume.confirmed)],
    );
  }

  /** Sessions of one conversation, oldest first. */
  listConversation(conversationId: string): SessionRow[] {
    return this.#db.all(
      `SELECT ${COLUMNS} FROM sessions WHERE conversation_id = ? ORDER BY created_at_ms, id`,
      conversationId,
    );
  }

  /** Removes an ended session with all that belongs to it. False when it is missing or has not ended. */
  delete(id: string): boolean {
    return this.#db.transaction(() => {
      const row = this.get(id);
      if (row?.lifecycle !== "ended") return false;
      this.#db.run("DELETE FROM sessions WHERE id = ?", id);
      this.#db.run(
        `DELETE FROM conversations WHERE id = ?
         AND NOT EXISTS (SELECT 1 FROM sessions WHERE conversation_id = conversations.id)`,
        row.conversationId,
      );
      return true;
    });
  }

  /** Sessions that have not ended. */
  listLive(): SessionRow[] {
    return this.#db.all(
      `SELECT ${COLUMNS} FROM sessions WHERE lifecycle <> 'ended' ORDER BY created_at_ms, id`,
    );
  }

  /** A page, newest first. */
  list(filter: SessionFilter): Page<SessionRow> {
    const conditions: string[] = [];
    const values: (string | number)[] = [];
    const where = (condition: string, ...bound: (string | number)[]): void => {
      conditions.push(condition);
      values.push(...bound);
    };
    if (filter.lifecycle) where(`lifecycle ${filter.lifecycle === "ended" ? "=" : "<>"} 'ended'`);
    if (filter.kind) where("kind = ?", filter.kind);
    if (filter.repository) where("repository_root = ?", filter.repository);
    for (const word of filter.text?.split(/\s+/).filter(Boolean) ?? []) {
      where(
        `instr(lower(coalesce(title, '') || ' ' || coalesce(ai_title, '') || ' ' || command || ' ' || cwd || ' ' ||
           coalesce(branch, '')), lower(?)) > 0`,
        word,
      );
    }
    const after = filter.cursor === undefined ? undefined : parseCursor(filter.cursor);
    if (after) where("(created_at_ms, id) < (?, ?)", after.createdAtMs, after.id);
    const items = this.#db.all<SessionRow>(
      `SELECT ${COLUMNS} FROM sessions ${conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : ""}
       ORDER BY created_at_ms DESC, id DESC LIMIT ?`,
      ...values,
      filter.limit + 1,
    );
    const last = items[filter.limit - 1];
    if (items.length <= filter.limit || !last) return { items };
    return { items: items.slice(0, filter.limit), next: `${last.createdAtMs}.${last.id}` };
  }

  /** The newest launch of each directory and command. */
  listRecentLaunches(limit: number): SessionRow[] {
    return this.#db.all(
      `SELECT ${COLUMNS} FROM sessions WHERE id IN (
         SELECT max(id) FROM sessions WHERE resumed_from IS NULL GROUP BY cwd, command ORDER BY max(id) DESC LIMIT ?)
       ORDER BY id DESC`,
      limit,
    );
  }

  #transition(
    id: string,
    assignments: string,
    condition: string,
    values: (string | number | null)[],
  ): SessionRow | undefined {
    const changed = this.#db.run(
      `UPDATE sessions SET ${assignments}, revision = revision + 1 WHERE id = ? AND ${condition}`,
      ...values,
      id,
    );
    return changed === 0 ? undefined : this.#mustGet(id);
  }

  #mustGet(id: string): SessionRow {
    const row = this.get(id);
    if (!row) throw new TypeError(`Session "${id}" vanished inside its own transaction`);
    return row;
  }
}

/** Undefined for text that is no cursor of ours. */
export function parseCursor(cursor: string): { createdAtMs: number; id: string } | undefined {
  const match = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor);
  return match?.[1] && match[2] ? { createdAtMs: Number(match[1]), id: match[2] } : undefined;
}
