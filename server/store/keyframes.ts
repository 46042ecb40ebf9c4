// SQL of stored screens, the points a replay can begin at.
import type { Database } from "./database.ts";

export interface KeyframeRow {
  offset: number;
  cols: number;
  rows: number;
  codec: string;
  data: Uint8Array;
}

const COLUMNS = "offset, cols, rows, codec, data";

export class KeyframeTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Stores a screen; one of the same offset is replaced. */
  insert(recording: number, keyframe: KeyframeRow): void {
    this.delete(recording, keyframe.offset);
    this.#db.run(
      "INSERT INTO keyframes (recording, offset, cols, rows, size, codec, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
      recording,
      keyframe.offset,
      keyframe.cols,
      keyframe.rows,
      keyframe.data.length,
      keyframe.codec,
      keyframe.data,
    );
  }

  /** The newest one at or before an offset. */
  getBefore(recording: number, offset: number): KeyframeRow | undefined {
    return this.#db.get(
      `SELECT ${COLUMNS} FROM keyframes WHERE recording = ? AND offset <= ? ORDER BY offset DESC LIMIT 1`,
      recording,
      offset,
    );
  }

  /** The oldest one at or after an offset. */
  getAfter(recording: number, offset: number): KeyframeRow | undefined {
    return this.#db.get(
      `SELECT ${COLUMNS} FROM keyframes WHERE recording = ? AND offset >= ? ORDER BY offset LIMIT 1`,
      recording,
      offset,
    );
  }

  /** Offsets and stored sizes of all, ascending. */
  listSizes(recording: number): { offset: number; size: number }[] {
    return this.#db.all("SELECT offset, size FROM keyframes WHERE recording = ? ORDER BY offset", recording);
  }

  delete(recording: number, offset: number): void {
    this.#db.run("DELETE FROM keyframes WHERE recording = ? AND offset = ?", recording, offset);
  }

  /** Those from `from` on and before `to`. */
  deleteRange(recording: number, range: { from: number; to: number }): void {
    this.#db.run(
      "DELETE FROM keyframes WHERE recording = ? AND offset >= ? AND offset < ?",
      recording,
      range.from,
      range.to,
    );
  }
}
