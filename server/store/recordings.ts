// SQL of `recordings.sqlite`: the sessions' recordings, their sizes and what may be done with them. Only the holder opens it.
import { BlockTable } from "./blocks.ts";
import { Database } from "./database.ts";
import { GapTable } from "./gaps.ts";
import { KeyframeTable } from "./keyframes.ts";
import recordings0001 from "./migrations/recordings/0001_recordings.sql" with { type: "text" };

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
  /** 1: never deleted by age or total size. */
  keep: number;
}

/** What a recording takes on the disk. */
export interface RecordingSize {
  session: string;
  startedAtMs: number;
  endedAtMs: number | null;
  keep: boolean;
  /** Compressed output and screens, without the database's own overhead. */
  storedBytes: number;
  /** Output as it came, as far as it is stored. */
  rawBytes: number;
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
  exit_acknowledged AS exitAcknowledged, last_screen_offset AS lastScreenOffset, keep`;

/** A recording with at most this much is removed at once, a larger one in the background. */
const DELETE_AT_ONCE = { bytes: 1024 * 1024, blocks: 256 };

/** Sizes of every recording in one pass over the covering indexes. */
const SIZES = `SELECT session, started_at_ms AS startedAtMs, ended_at_ms AS endedAtMs, keep,
  (SELECT coalesce(sum(size), 0) FROM blocks WHERE recording = id) AS blockBytes,
  (SELECT coalesce(sum(size), 0) FROM keyframes WHERE recording = id) AS keyframeBytes,
  (SELECT coalesce(sum(length), 0) FROM blocks WHERE recording = id) AS rawBytes
  FROM recordings WHERE deleted = 0`;

interface SizeRow extends Omit<RecordingSize, "keep" | "storedBytes"> {
  keep: number;
  blockBytes: number;
  keyframeBytes: number;
}

/** Typed access to `recordings.sqlite`. */
export class RecordingStore {
  readonly blocks: BlockTable;
  readonly gaps: GapTable;
  readonly keyframes: KeyframeTable;
  readonly #db: Database;

  /** Opens the file at `path`, or `:memory:`. Its log is written back by whoever calls `checkpoint`. */
  constructor(path: string) {
    this.#db = Database.open({
      path,
      synchronous: "NORMAL",
      checkpoints: "by_hand",
      migrations: [{ name: "0001_recordings", sql: recordings0001 }],
    });
    this.blocks = new BlockTable(this.#db);
    this.gaps = new GapTable(this.#db);
    this.keyframes = new KeyframeTable(this.#db);
  }

  /** Groups writes into one commit. Throws when the file is locked by others for longer than `patienceMs`. */
  transaction<Result>(work: () => Result, options: { patienceMs?: number } = {}): Result {
    return this.#db.transaction(work, options);
  }

  /** Writes the log back into the file without holding up writers. Answers the bytes that are still in it. */
  checkpoint(): number {
    return this.#db.checkpoint();
  }

  /** Space inside the file that is free for new output. */
  get freeBytes(): number {
    return this.#db.freeBytes;
  }

  /** Gives up to `bytes` of free space back to the file system. */
  shrink(bytes: number): void {
    this.#db.shrink(bytes);
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
    return this.#db.get(`SELECT ${RECORDING_COLUMNS} FROM recordings WHERE id = ? AND deleted = 0`, id);
  }

  /** Reads whatever a start reads; throws when that is damaged. */
  probe(): void {
    for (const { id } of this.listOpenRecordings()) this.getLastBlockTime(id);
    this.listUnacknowledged();
    this.listToMaintain();
  }

  /** Recordings without an end: running now, or cut off by a crash. */
  listOpenRecordings(): RecordingRow[] {
    return this.#db.all(
      `SELECT ${RECORDING_COLUMNS} FROM recordings WHERE ended_at_ms IS NULL AND deleted = 0`,
    );
  }

  /** Ended recordings whose end the server has not acknowledged. */
  listUnacknowledged(): RecordingRow[] {
    return this.#db.all(
      `SELECT ${RECORDING_COLUMNS} FROM recordings WHERE ended_at_ms IS NOT NULL AND exit_acknowledged = 0 AND deleted = 0`,
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

  /** Gone for every reader at once; a large one leaves the file in the background. */
  deleteRecording(session: string): void {
    this.transaction(() => {
      const row = this.getRecording(session);
      if (!row) return;
      if (this.#isSmall(row.id)) this.#db.run("DELETE FROM recordings WHERE id = ?", row.id);
      else this.#db.run("UPDATE recordings SET deleted = 1, session = 'deleted ' || id WHERE id = ?", row.id);
    });
  }

  /** Removes up to `maxBytes` of a deleted recording. Answers whether nothing is left of it. */
  purge(id: number, maxBytes: number): boolean {
    return this.transaction(() => {
      let bytes = 0;
      const rest = this.blocks.list(id).find(({ size }) => (bytes += size) > maxBytes);
      if (rest) this.blocks.deleteRange(id, { from: 0, to: rest.offset + 1 });
      else this.#db.run("DELETE FROM recordings WHERE id = ? AND deleted = 1", id);
      return rest === undefined;
    });
  }

  /** Ids of recordings that may have something to merge, thin or purge. */
  listToMaintain(): { id: number; deleted: boolean; ended: boolean }[] {
    return this.#db.all<{ id: number; deleted: number; endedAtMs: number | null }>(
      `SELECT id, deleted, ended_at_ms AS endedAtMs FROM recordings
       WHERE compacted = 0 OR deleted = 1 ORDER BY id`,
    ).map(({ id, deleted, endedAtMs }) => ({ id, deleted: deleted === 1, ended: endedAtMs !== null }));
  }

  /** Nothing of an ended recording is left to merge. */
  setCompacted(id: number): void {
    this.#db.run("UPDATE recordings SET compacted = 1 WHERE id = ? AND ended_at_ms IS NOT NULL", id);
  }

  setKeep(session: string, keep: boolean): void {
    this.#db.run("UPDATE recordings SET keep = ? WHERE session = ?", keep ? 1 : 0, session);
  }

  /** What every recording takes; reads no output. */
  listSizes(): RecordingSize[] {
    return this.#db.all<SizeRow>(SIZES).map(toSize);
  }

  getSize(session: string): RecordingSize | undefined {
    const row = this.#db.get<SizeRow>(`${SIZES} AND session = ?`, session);
    return row && toSize(row);
  }

  /** Offset after the last byte, stored or in a gap. */
  getEnd(recording: number): number {
    const end = this.#db.get<{ end: number }>(
      `SELECT max(
         coalesce((SELECT offset + length FROM blocks WHERE recording = ? ORDER BY offset DESC LIMIT 1), 0),
         coalesce((SELECT offset + length FROM gaps WHERE recording = ? ORDER BY offset DESC LIMIT 1), 0)
       ) AS end`,
      recording,
      recording,
    );
    return end?.end ?? 0;
  }

  /** When the last stored block began. */
  getLastBlockTime(recording: number): number | undefined {
    return this.blocks.getLast(recording)?.atMs;
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

  close(): void {
    this.#db.close();
  }

  #isSmall(id: number): boolean {
    let bytes = 0;
    const blocks = this.blocks.list(id);
    for (const { size } of blocks) bytes += size;
    return blocks.length <= DELETE_AT_ONCE.blocks && bytes <= DELETE_AT_ONCE.bytes;
  }
}

function toSize({ blockBytes, keyframeBytes, keep, ...row }: SizeRow): RecordingSize {
  return { ...row, keep: keep === 1, storedBytes: blockBytes + keyframeBytes };
}
