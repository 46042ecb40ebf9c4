// Opens a SQLite file with this program's pragmas and brings its schema up to date. The only importer of the driver.
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { AppError } from "../errors.ts";
import { LogSync } from "./log_sync.ts";

/** One step of a schema; its number is its place in the list, starting at 1. Append only. */
export interface Migration {
  name: string;
  sql: string;
}

export interface DatabaseOptions {
  /** A path, or `:memory:`. */
  path: string;
  migrations: readonly Migration[];
  /** `FULL` syncs every commit; `NORMAL` may lose the last commits on a power cut, never more. */
  synchronous: "FULL" | "NORMAL";
  /** `by_hand`: no commit of this connection waits for the log to be written back; someone calls `checkpoint`. */
  checkpoints?: "automatic" | "by_hand";
}

/** How long a statement waits for a lock held by someone else (a backup, a curious `sqlite3`). */
const BUSY_TIMEOUT_MS = 5000;
/** The write-ahead log is cut back to this size after a checkpoint. */
const WAL_LIMIT_BYTES = 16 * 1024 * 1024;
const FILE_MODE = 0o600;
/** SQLite's own, of every file made here. */
const PAGE_BYTES = 4096;

/** SQLite's texts for what the disk and other programs do, with their codes. */
const CODES = new Map([
  ["database is locked", 5],
  ["attempt to write a readonly database", 8],
  ["disk I/O error", 10],
  ["database disk image is malformed", 11],
  ["database or disk is full", 13],
  ["unable to open database file", 14],
  ["file is not a database", 26],
]);

function withCode(error: Error): Error {
  const errcode = CODES.get(error.message);
  return errcode === undefined || "errcode" in error ? error : Object.assign(error, { errcode });
}

/** A row as the driver returns it. */
export type Row = Record<string, SQLInputValue>;

/** A connection that prepares each statement once. */
export class Database {
  readonly #connection: DatabaseSync;
  readonly #synchronous: DatabaseOptions["synchronous"];
  readonly #statements = new Map<string, StatementSync>();
  /** Undefined where a commit never waits for the disk. */
  readonly #logSync: LogSync | undefined;
  #inTransaction = false;

  private constructor(path: string, synchronous: DatabaseOptions["synchronous"]) {
    this.#connection = new DatabaseSync(path);
    this.#synchronous = synchronous;
    if (path !== ":memory:" && synchronous === "FULL") this.#logSync = new LogSync({ path });
  }

  /** Opens the file privately (0600) and migrates it. Throws `invalid` when a newer version wrote it. */
  static open(options: DatabaseOptions): Database {
    if (options.path !== ":memory:") createPrivately(options.path);
    const database = new Database(options.path, options.synchronous);
    database.#exec(`
      PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${options.synchronous};
      PRAGMA fullfsync = ${options.synchronous === "FULL" ? "ON" : "OFF"};
      PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES};
      PRAGMA foreign_keys = ON;
      PRAGMA trusted_schema = OFF;
    `);
    if (options.checkpoints === "by_hand") database.#exec("PRAGMA wal_autocheckpoint = 0");
    database.#migrate(options);
    return database;
  }

  /** Opens a file that is there without changing its schema or settings. */
  static openAsIs(path: string): Database {
    const database = new Database(path, "FULL");
    database.#exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA trusted_schema = OFF;`);
    return database;
  }

  /** Runs a statement and returns how many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  /** Runs a statement as `transactionSoon` runs its work. */
  runUnsynced(sql: string, ...values: SQLInputValue[]): number {
    return this.#unsynced(() => this.run(sql, ...values));
  }

  /** Runs an insert and returns the new row's id. */
  insert(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).lastInsertRowid);
  }

  get<Shape = Row>(sql: string, ...values: SQLInputValue[]): Shape | undefined {
    return this.#prepare(sql).get(...values) as Shape | undefined;
  }

  all<Shape = Row>(sql: string, ...values: SQLInputValue[]): Shape[] {
    return this.#prepare(sql).all(...values) as Shape[];
  }

  /** Rows one by one, for results that need not fit in memory. */
  iterate<Shape = Row>(sql: string, ...values: SQLInputValue[]): Iterable<Shape> {
    return this.#prepare(sql).iterate(...values) as Iterable<Shape>;
  }

  /**
   * Runs `work` in one write transaction; an exception rolls it back. Nested calls join the outer one. Throws when
   * somebody else holds the lock for longer than `patienceMs`.
   */
  transaction<Result>(work: () => Result, { patienceMs = BUSY_TIMEOUT_MS } = {}): Result {
    if (this.#inTransaction) return work();
    this.#begin(patienceMs);
    this.#inTransaction = true;
    try {
      const result = work();
      this.#exec("COMMIT");
      return result;
    } catch (cause) {
      // A full disk has rolled back already.
      if (this.#connection.isTransaction) this.#exec("ROLLBACK");
      throw cause;
    } finally {
      this.#inTransaction = false;
    }
  }

  /**
   * `transaction` that does not wait for the disk: what it did survives the end of this program, and a moment later a
   * power cut as well. Of several such commits a power cut can take the last ones only.
   */
  transactionSoon<Result>(work: () => Result): Result {
    return this.#unsynced(() => this.transaction(work));
  }

  /** Runs `work`, which only reads, on one unchanging state of the file; nobody who writes waits for it. */
  snapshot<Result>(work: () => Result): Result {
    this.#exec("BEGIN");
    try {
      return work();
    } finally {
      this.#exec("ROLLBACK");
    }
  }

  /** Version text of the SQLite library. */
  get version(): string {
    return String(this.get<{ version: string }>("SELECT sqlite_version() AS version")?.version);
  }

  /** Writes the log back into the file as far as readers allow. Answers the bytes that are still in it. */
  checkpoint(): number {
    const { log, checkpointed } = this.get<{ log: number; checkpointed: number }>(
      "PRAGMA wal_checkpoint(PASSIVE)",
    ) ?? { log: 0, checkpointed: 0 };
    return Math.max(0, log - checkpointed) * PAGE_BYTES;
  }

  /** Writes one consistent state, without unused space, into an empty file. Others may go on writing. */
  copyTo(path: string): void {
    this.run("VACUUM INTO ?", path);
  }

  /** Space inside the file that is not in use. */
  get freeBytes(): number {
    return Number(this.get("PRAGMA freelist_count")?.["freelist_count"]) * PAGE_BYTES;
  }

  /** Gives up to `bytes` of unused space back to the file system. */
  shrink(bytes: number): void {
    this.#exec(`PRAGMA incremental_vacuum(${Math.ceil(bytes / PAGE_BYTES)})`);
  }

  /** Closes the file; the last one to do so writes the log back into it. */
  close(): void {
    this.#logSync?.close();
    this.#connection.close();
  }

  #unsynced<Result>(work: () => Result): Result {
    if (this.#inTransaction || this.#logSync === undefined || this.#logSync.hasFailed) return work();
    this.#exec("PRAGMA synchronous = NORMAL");
    try {
      return work();
    } finally {
      this.#exec(`PRAGMA synchronous = ${this.#synchronous}`);
      this.#logSync.note();
    }
  }

  #begin(patienceMs: number): void {
    if (patienceMs === BUSY_TIMEOUT_MS) return this.#exec("BEGIN IMMEDIATE");
    this.#exec(`PRAGMA busy_timeout = ${patienceMs}`);
    try {
      this.#exec("BEGIN IMMEDIATE");
    } finally {
      this.#exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }

  /** The driver leaves out of these errors what they are. */
  #exec(sql: string): void {
    try {
      this.#connection.exec(sql);
    } catch (cause) {
      throw cause instanceof Error ? withCode(cause) : cause;
    }
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #migrate({ path, migrations }: DatabaseOptions): void {
    const version = Number(this.get("PRAGMA user_version")?.["user_version"]);
    if (version > migrations.length) {
      throw new AppError(
        "invalid",
        `Cannot open "${path}": it was written by a newer version (schema ${version}, this version knows ${migrations.length}). Install the newer version again`,
      );
    }
    migrations.slice(version).forEach((migration, index) => {
      this.transaction(() => {
        this.#exec(migration.sql);
        this.#exec(`PRAGMA user_version = ${version + index + 1}`);
      });
    });
  }
}

/**
 * SQLite gives its log files the mode of the database, so the file is made before SQLite sees it. One that is there is
 * never opened here: closing it would drop the locks that other connections of this process have on it.
 */
function createPrivately(path: string): void {
  try {
    Deno.chmodSync(path, FILE_MODE);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    Deno.openSync(path, { createNew: true, write: true, mode: FILE_MODE }).close();
  }
}
