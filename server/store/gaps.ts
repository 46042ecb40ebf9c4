// SQL of ranges of output that have no bytes.
import type { Database } from "./database.ts";

/** Why bytes are missing: the session grew over its cap, or the disk took nothing. */
export type GapReason = "trimmed" | "storage";

export interface GapRow {
  offset: number;
  length: number;
  /** When its first byte came. */
  atMs: number;
  reason: GapReason;
}

export class GapTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Stores a gap; one that begins at the same offset is replaced. */
  put(recording: number, gap: GapRow): void {
    this.#db.run(
      "INSERT OR REPLACE INTO gaps (recording, offset, length, at_ms, reason) VALUES (?, ?, ?, ?, ?)",
      recording,
      gap.offset,
      gap.length,
      gap.atMs,
      gap.reason,
    );
  }

  /** All of a recording, ascending; they never overlap. */
  list(recording: number): GapRow[] {
    return this.#db.all(
      "SELECT offset, length, at_ms AS atMs, reason FROM gaps WHERE recording = ? ORDER BY offset",
      recording,
    );
  }

  /** The gap that holds `offset`. */
  getAt(recording: number, offset: number): GapRow | undefined {
    const gap = this.#db.get<GapRow>(
      `SELECT offset, length, at_ms AS atMs, reason FROM gaps
       WHERE recording = ? AND offset <= ? ORDER BY offset DESC LIMIT 1`,
      recording,
      offset,
    );
    return gap && gap.offset + gap.length > offset ? gap : undefined;
  }

  /** The last gap that begins after `after` and ends at or before `until`. */
  getLastBetween(recording: number, range: { after: number; until: number }): GapRow | undefined {
    return this.#db.get(
      `SELECT offset, length, at_ms AS atMs, reason FROM gaps
       WHERE recording = ? AND offset >= ? AND offset + length <= ? ORDER BY offset DESC LIMIT 1`,
      recording,
      range.after,
      range.until,
    );
  }

  /** Those that begin from `from` on and before `to`. */
  deleteRange(recording: number, range: { from: number; to: number }): void {
    this.#db.run(
      "DELETE FROM gaps WHERE recording = ? AND offset >= ? AND offset < ?",
      recording,
      range.from,
      range.to,
    );
  }
}
