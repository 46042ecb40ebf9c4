// SQL of git snapshots, and of what their stores are still to let go of.
import type { ChangeTotals, CommitView, SnapshotReason } from "../protocol.ts";
import type { Database } from "./database.ts";

/** Where the objects of a snapshot lie. */
export interface StoredTree {
  store: string;
  tree: string;
  /** The name under which the store keeps them. */
  keep: string;
}

export interface NewSnapshot {
  sessionId: string;
  atMs: number;
  reason: SnapshotReason;
  turn?: number;
  isEnd?: boolean;
  root: string;
  notes: string[];
  /** What was captured, or why nothing was. */
  outcome: TakenSnapshot | { failure: string };
}

export interface TakenSnapshot extends StoredTree {
  head?: string;
  branch?: string;
  upstream?: string;
  stashCount: number;
  submodules: { path: string; commit: string }[];
  /** Ids of files that a merge left unmerged. */
  conflicts: string[];
  durationMs: number;
  /** Against the first snapshot of the session; missing for that one. */
  totals?: ChangeTotals;
  /** Since then, newest first. */
  commits: CommitView[];
}

/** A snapshot in a list: without what may be long. */
export interface ListedSnapshot {
  id: number;
  sessionId: string;
  atMs: number;
  reason: SnapshotReason;
  turn: number | null;
  isEnd: number;
  state: "taken" | "failed";
  message: string | null;
  root: string;
  store: string | null;
  tree: string | null;
  keep: string | null;
  head: string | null;
  branch: string | null;
  upstream: string | null;
  stashCount: number | null;
  /** A JSON list. */
  notes: string;
  files: number | null;
  additions: number | null;
  deletions: number | null;
  durationMs: number | null;
}

/** A snapshot as stored. */
export interface SnapshotRow extends ListedSnapshot {
  /** JSON lists. */
  submodules: string;
  commits: string;
  conflicts: string;
}

/** A snapshot whose tree is there. */
export type TakenRow = SnapshotRow & StoredTree & { state: "taken" };

const LISTED_COLUMNS =
  `id, session_id AS sessionId, at_ms AS atMs, reason, turn, is_end AS isEnd, state, message, root,
  store, tree, keep, head, branch, upstream, stash_count AS stashCount, notes, files, additions, deletions,
  duration_ms AS durationMs`;
const COLUMNS = `${LISTED_COLUMNS}, submodules, commits, conflicts`;

export class SnapshotTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Undefined when the session has been deleted meanwhile. */
  add(snapshot: NewSnapshot): SnapshotRow | undefined {
    const { outcome, turn = null, isEnd = false } = snapshot;
    const taken = "failure" in outcome ? undefined : outcome;
    const { totals } = taken ?? {};
    return this.#db.transaction(() => {
      const known = this.#db.get("SELECT 1 FROM sessions WHERE id = ?", snapshot.sessionId);
      if (!known) return undefined;
      const id = this.#db.insert(
        `INSERT INTO snapshots (session_id, at_ms, reason, turn, is_end, state, message, root, store, tree, keep, head,
           branch, upstream, stash_count, submodules, notes, files, additions, deletions, commits, duration_ms,
           conflicts)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[snapshot.sessionId, snapshot.atMs, snapshot.reason, turn, Number(isEnd)],
        ...[taken ? "taken" : "failed", "failure" in outcome ? outcome.failure : null, snapshot.root],
        ...[taken?.store ?? null, taken?.tree ?? null, taken?.keep ?? null, taken?.head ?? null],
        ...[taken?.branch ?? null, taken?.upstream ?? null, taken?.stashCount ?? null],
        ...[JSON.stringify(taken?.submodules ?? []), JSON.stringify(snapshot.notes)],
        ...[totals?.files ?? null, totals?.additions ?? null, totals?.deletions ?? null],
        ...[
          JSON.stringify(taken?.commits ?? []),
          taken?.durationMs ?? null,
          JSON.stringify(taken?.conflicts ?? []),
        ],
      );
      return this.get(snapshot.sessionId, id);
    });
  }

  get(sessionId: string, id: number): SnapshotRow | undefined {
    return this.#db.get(`SELECT ${COLUMNS} FROM snapshots WHERE session_id = ? AND id = ?`, sessionId, id);
  }

  /** Oldest first. */
  list(sessionId: string): ListedSnapshot[] {
    return this.#db.all(
      `SELECT ${LISTED_COLUMNS} FROM snapshots WHERE session_id = ? ORDER BY id`,
      sessionId,
    );
  }

  /** What everything is compared with: the first that was taken. */
  first(sessionId: string): TakenRow | undefined {
    return this.#db.get(
      `SELECT ${COLUMNS} FROM snapshots WHERE session_id = ? AND state = 'taken' ORDER BY id LIMIT 1`,
      sessionId,
    );
  }

  /** Its end, or the newest that was taken of its work; what a revert has saved is not its work. */
  last(sessionId: string): TakenRow | undefined {
    return this.#db.get(
      `SELECT ${COLUMNS} FROM snapshots
       WHERE session_id = ? AND state = 'taken' AND reason <> 'before_revert' ORDER BY is_end DESC, id DESC LIMIT 1`,
      sessionId,
    );
  }

  /** What the session changed as of its last snapshot. */
  totalsOf(sessionId: string): ChangeTotals | undefined {
    return this.#db.get(
      `SELECT files, additions, deletions FROM snapshots
       WHERE session_id = ? AND files IS NOT NULL AND reason <> 'before_revert' ORDER BY is_end DESC, id DESC LIMIT 1`,
      sessionId,
    );
  }

  /** The number of the newest turn that has a snapshot; 0 when none has. */
  lastTurn(sessionId: string): number {
    const row = this.#db.get<{ turn: number | null }>(
      "SELECT max(turn) AS turn FROM snapshots WHERE session_id = ?",
      sessionId,
    );
    return row?.turn ?? 0;
  }

  count(sessionId: string): number {
    const row = this.#db.get<{ count: number }>(
      "SELECT count(*) AS count FROM snapshots WHERE session_id = ?",
      sessionId,
    );
    return row?.count ?? 0;
  }

  /** The session's end needs no snapshot of its own. */
  markEnd(id: number): void {
    this.#db.run("UPDATE snapshots SET is_end = 1 WHERE id = ?", id);
  }

  /** Sessions with a first snapshot that ended without a last one. */
  listUnfinished(): { sessionId: string; endedAtMs: number }[] {
    return this.#db.all(
      `SELECT DISTINCT s.id AS sessionId, s.ended_at_ms AS endedAtMs FROM sessions s
       JOIN snapshots first ON first.session_id = s.id AND first.reason = 'baseline' AND first.state = 'taken'
       WHERE s.lifecycle = 'ended'
         AND NOT EXISTS (SELECT 1 FROM snapshots WHERE session_id = s.id AND is_end = 1)`,
    );
  }

  /** Other sessions with snapshots in the same store that ran at some time in between; newest first. */
  listOverlapping(
    sessionId: string,
    span: { store: string; fromMs: number; toMs: number; limit: number },
  ): { sessionId: string; title: string; endedAtMs: number | null }[] {
    return this.#db.all(
      `SELECT s.id AS sessionId, coalesce(s.title, s.ai_title, s.command) AS title, s.ended_at_ms AS endedAtMs
       FROM snapshots first JOIN sessions s ON s.id = first.session_id
       WHERE first.store = ? AND first.reason = 'baseline' AND s.id <> ? AND s.created_at_ms <= ?
         AND coalesce(s.ended_at_ms, ?) >= ?
       ORDER BY s.created_at_ms DESC LIMIT ?`,
      span.store,
      sessionId,
      span.toMs,
      span.toMs,
      span.fromMs,
      span.limit,
    );
  }

  /** What stores still hold of snapshots that are gone. */
  listReleases(): { keep: string; store: string }[] {
    return this.#db.all("SELECT keep, store FROM snapshot_releases");
  }

  /** Names under which snapshots have their objects. */
  listKeeps(): Set<string> {
    const rows = this.#db.all<{ keep: string }>("SELECT keep FROM snapshots WHERE keep IS NOT NULL");
    return new Set(rows.map(({ keep }) => keep));
  }

  /** Notes objects that were captured and are of no use. */
  addRelease({ keep, store }: { keep: string; store: string }): void {
    this.#db.run("INSERT OR IGNORE INTO snapshot_releases (keep, store) VALUES (?, ?)", keep, store);
  }

  /** The store has let go of it. */
  removeRelease(keep: string): void {
    this.#db.run("DELETE FROM snapshot_releases WHERE keep = ?", keep);
  }
}
