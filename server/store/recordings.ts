// SQL of `recordings.sqlite`: output blocks, sizes and stored screens of sessions. Only the holder opens it.
import { Database } from "./database.ts";
import recordings0001 from "./migrations/recordings/0001_recordings.sql" with { type: "text" };

/** One stored piece of output. `codec` names how `data` is compressed. */
export interface BlockRow {
  offset: number;
  /** Raw bytes, before compression. */
  length: number;
  atMs: number;
  codec: string;
  data: Uint8Array;
}

export interface KeyframeRow {
  offset: number;
  cols: number;
  rows: number;
  codec: string;
  data: Uint8Array;
}

export interface RecordingRow {
  id: number;
  session: string;
  startedAtMs: number;
  cols: number;
  rows: number;
  endedAtMs: number | null;
  exitCode: number | null;
  exitSignal: string | null;
  startFailure: "no_directory" | "no_program" | null;
  exitAcknowledged: number;
  lastScreenOffset: number | null;
}

/** How a program ended; all but the time missing when nobody saw it. */
export interface RecordingEnd {
  endedAtMs: number;
  code?: number;
  signal?: string;
  failure?: string;
}

const RECORDING_COLUMNS = `id, session, started_at_ms AS startedAtMs, cols, rows,
  ended_at_ms AS endedAtMs, exit_code AS exitCode, exit_signal AS exitSignal,
  start_failure AS startFailure,
  exit_acknowledged AS exitAcknowledged, last_screen_offset AS lastScreenOffset`;

/** Typed access to `recordings.sqlite`. */
export class RecordingStore {
  readonly #db: Database;

  /** Opens the file at `path`, or `:memory:`. */
  constructor(path: string) {
    this.#db = Database.open({
      path,
      synchronous: "NORMAL",
      migrations: [{ name: "0001_recordings", sql: recordings0001 }],
    });
  }

  /** Groups writes into one commit. */
  transaction<Result>(work: () => Result): Result {
    return this.#db.transaction(work);
  }

  createRecording(
    row: { session: string; startedAtMs: number; cols: number; rows: number },
  ): number {
    return this.#db.insert(
      "INSERT INTO recordings (session, started_at_ms, cols, rows) VALUES (?, ?, ?, ?)",
      row.session,
      row.startedAtMs,
      row.cols,
      row.rows,
    );
  }

  getRecording(session: string): RecordingRow | undefined {
    return this.#db.get(`SELECT ${RECORDING_COLUMNS} FROM recordings WHERE session = ?`, session);
  }

  getRecordingById(id: number): RecordingRow | undefined {
    return this.#db.get(`SELECT ${RECORDING_COLUMNS} FROM recordings WHERE id = ?`, id);
  }

  /** Recordings without an end: running now, or cut off by a crash. */
  listOpenRecordings(): RecordingRow[] {
    return this.#db.all(`SELECT ${RECORDING_COLUMNS} FROM recordings WHERE ended_at_ms IS NULL`);
  }

  /** Ended recordings whose end the server has not acknowledged. */
  listUnacknowledged(): RecordingRow[] {
    return this.#db.all(
      `SELECT ${RECORDING_COLUMNS} FROM recordings WHERE ended_at_ms IS NOT NULL AND exit_acknowledged = 0`,
    );
  }

  endRecording(id: number, end: RecordingEnd): void {
    this.#db.run(
      `UPDATE recordings SET ended_at_ms = ?, exit_code = ?, exit_signal = ?, start_failure = ?
       WHERE id = ? AND ended_at_ms IS NULL`,
      end.endedAtMs,
      end.code ?? null,
      end.signal ?? null,
      end.failure ?? null,
      id,
    );
  }

  setLastScreen(id: number, offset: number): void {
    this.#db.run("UPDATE recordings SET last_screen_offset = ? WHERE id = ?", offset, id);
  }

  acknowledgeExit(session: string): void {
    this.#db.run("UPDATE recordings SET exit_acknowledged = 1 WHERE session = ?", session);
  }

  deleteRecording(session: string): void {
    this.#db.run("DELETE FROM recordings WHERE session = ?", session);
  }

  insertBlock(recording: number, block: BlockRow): void {
    this.#db.run(
      "INSERT INTO blocks (recording, offset, length, at_ms, codec, data) VALUES (?, ?, ?, ?, ?, ?)",
      recording,
      block.offset,
      block.length,
      block.atMs,
      block.codec,
      block.data,
    );
  }

  /** The block that holds `offset`, or the first one after it. */
  getBlockAt(recording: number, offset: number): BlockRow | undefined {
    return this.#db.get(
      `SELECT offset, length, at_ms AS atMs, codec, data FROM blocks
       WHERE recording = ? AND offset >= coalesce(
         (SELECT max(offset) FROM blocks WHERE recording = ? AND offset <= ?), 0)
         AND offset + length > ?
       ORDER BY offset LIMIT 1`,
      recording,
      recording,
      offset,
      offset,
    );
  }

  /** Offset after the last stored byte. */
  getEnd(recording: number): number {
    const last = this.#db.get<{ end: number }>(
      "SELECT offset + length AS end FROM blocks WHERE recording = ? ORDER BY offset DESC LIMIT 1",
      recording,
    );
    return last?.end ?? 0;
  }

  /** When the last stored block began. */
  getLastBlockTime(recording: number): number | undefined {
    return this.#db.get<{ atMs: number }>(
      "SELECT at_ms AS atMs FROM blocks WHERE recording = ? ORDER BY offset DESC LIMIT 1",
      recording,
    )?.atMs;
  }

  /** Start offset and time of at most `limit` blocks, evenly thinned. */
  listBlockTimes(recording: number, limit: number): { offset: number; atMs: number }[] {
    return this.#db.all(
      `WITH numbered AS (
         SELECT offset, at_ms, row_number() OVER (ORDER BY offset) - 1 AS n, count(*) OVER () AS total
         FROM blocks WHERE recording = ?)
       SELECT offset, at_ms AS atMs FROM numbered WHERE n % max(1, (total + ? - 1) / ?) = 0 ORDER BY offset`,
      recording,
      limit,
      limit,
    );
  }

  insertResize(recording: number, resize: { offset: number; cols: number; rows: number }): void {
    this.#db.run(
      "INSERT INTO resizes (recording, offset, cols, rows) VALUES (?, ?, ?, ?)",
      recording,
      resize.offset,
      resize.cols,
      resize.rows,
    );
  }

  listResizes(recording: number): { offset: number; cols: number; rows: number }[] {
    return this.#db.all(
      "SELECT offset, cols, rows FROM resizes WHERE recording = ? ORDER BY offset, rowid",
      recording,
    );
  }

  insertKeyframe(recording: number, keyframe: KeyframeRow): void {
    this.#db.run(
      "INSERT OR REPLACE INTO keyframes (recording, offset, cols, rows, codec, data) VALUES (?, ?, ?, ?, ?, ?)",
      recording,
      keyframe.offset,
      keyframe.cols,
      keyframe.rows,
      keyframe.codec,
      keyframe.data,
    );
  }

  /** The newest stored screen at or before an offset. */
  getKeyframe(recording: number, offset: number): KeyframeRow | undefined {
    return this.#db.get(
      `SELECT offset, cols, rows, codec, data FROM keyframes
       WHERE recording = ? AND offset <= ? ORDER BY offset DESC LIMIT 1`,
      recording,
      offset,
    );
  }

  close(): void {
    this.#db.close();
  }
}
