// SQL of browsers that may use the page. Secrets are stored as hashes only.
import type { Database } from "./database.ts";

export interface LoginRow {
  id: number;
  cookieHash: string;
  pageKeyHash: string;
  expiresAtMs: number;
}

export class LoginTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  create(login: Omit<LoginRow, "id"> & { createdAtMs: number }): void {
    this.#db.run(
      "INSERT INTO logins (cookie_hash, page_key_hash, created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?)",
      login.cookieHash,
      login.pageKeyHash,
      login.createdAtMs,
      login.expiresAtMs,
    );
  }

  getByCookie(cookieHash: string, nowMs: number): LoginRow | undefined {
    return this.#db.get(
      `SELECT id, cookie_hash AS cookieHash, page_key_hash AS pageKeyHash, expires_at_ms AS expiresAtMs
       FROM logins WHERE cookie_hash = ? AND expires_at_ms > ?`,
      cookieHash,
      nowMs,
    );
  }

  delete(id: number): void {
    this.#db.run("DELETE FROM logins WHERE id = ?", id);
  }

  deleteAll(): void {
    this.#db.run("DELETE FROM logins");
  }

  /** Marks a code as used; false when it was used before. */
  useCode(nonce: string, code: { expiresAtMs: number; nowMs: number }): boolean {
    return this.#db.transaction(() => {
      this.#db.run("DELETE FROM used_codes WHERE expires_at_ms <= ?", code.nowMs);
      return this.#db.run(
        "INSERT OR IGNORE INTO used_codes (nonce, expires_at_ms) VALUES (?, ?)",
        nonce,
        code.expiresAtMs,
      ) === 1;
    });
  }
}
