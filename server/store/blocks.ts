// SQL of recorded output: blocks by byte offset, small ones as they came and large ones merged from them.
import type { Database } from "./database.ts";

/** One stored piece of output. `codec` names how `data` is compressed. */
export interface BlockRow {
  offset: number;
  /** Raw bytes, before compression. */
  length: number;
  atMs: number;
  codec: string;
  data: Uint8Array;
  /** When the merged parts began; null for a block that is as it came. */
  times: Uint8Array | null;
}

/** A block without its data. */
export interface BlockInfo {
  offset: number;
  length: number;
  atMs: number;
  /** How many blocks were merged into it. */
  parts: number;
  /** Stored bytes. */
  size: number;
}

const COLUMNS = "offset, length, at_ms AS atMs, codec, times, data";

export class BlockTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  insert(recording: number, block: BlockRow & { parts?: number }): void {
    this.#db.run(
      `INSERT INTO blocks (recording, offset, length, at_ms, parts, size, codec, times, data)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      recording,
      block.offset,
      block.length,
      block.atMs,
      block.parts ?? 1,
      block.data.length + (block.times?.length ?? 0),
      block.codec,
      block.times,
      block.data,
    );
  }

  /** The block that holds `offset`. */
  getAt(recording: number, offset: number): BlockRow | undefined {
    const block = this.#db.get<BlockRow>(
      `SELECT ${COLUMNS} FROM blocks WHERE recording = ? AND offset <= ? ORDER BY offset DESC LIMIT 1`,
      recording,
      offset,
    );
    return block && block.offset + block.length > offset ? block : undefined;
  }

  /** When the parts of the block at exactly `offset` began. */
  getTimes(recording: number, offset: number): Uint8Array | undefined {
    return this.#db.get<{ times: Uint8Array | null }>(
      "SELECT times FROM blocks WHERE recording = ? AND offset = ?",
      recording,
      offset,
    )?.times ?? undefined;
  }

  /** Every block from `from` on, ascending, without data. */
  list(recording: number, from = 0): BlockInfo[] {
    return this.#db.all(
      `SELECT offset, length, at_ms AS atMs, parts, size FROM blocks
       WHERE recording = ? AND offset >= ? ORDER BY offset`,
      recording,
      from,
    );
  }

  /** The last one, without its data. */
  getLast(recording: number): BlockInfo | undefined {
    return this.#db.get(
      `SELECT offset, length, at_ms AS atMs, parts, size FROM blocks
       WHERE recording = ? ORDER BY offset DESC LIMIT 1`,
      recording,
    );
  }

  /** What a range of whole blocks amounts to. */
  sum(recording: number, range: { from: number; to: number }): { count: number; length: number } {
    return this.#db.get<{ count: number; length: number }>(
      `SELECT count(*) AS count, coalesce(sum(length), 0) AS length FROM blocks
       WHERE recording = ? AND offset >= ? AND offset < ?`,
      recording,
      range.from,
      range.to,
    ) ?? { count: 0, length: 0 };
  }

  /** Blocks that begin from `from` on and before `to`. */
  deleteRange(recording: number, range: { from: number; to: number }): void {
    this.#db.run(
      "DELETE FROM blocks WHERE recording = ? AND offset >= ? AND offset < ?",
      recording,
      range.from,
      range.to,
    );
  }
}
