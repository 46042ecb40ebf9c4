// SQL of settings: one JSON value per name, defaults for whatever was never set.
import type { Database } from "./database.ts";

export class SettingTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Every stored value by name, as the JSON it was stored as. */
  getAll(): Record<string, unknown> {
    const rows = this.#db.all<{ name: string; value: string }>("SELECT name, value FROM settings");
    return Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value)]));
  }

  set(values: Record<string, unknown>): void {
    this.#db.transaction(() => this.#put(values));
  }

  /** Without waiting for the disk: for what can be learned again. */
  setSoon(values: Record<string, unknown>): void {
    this.#db.transactionSoon(() => this.#put(values));
  }

  #put(values: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(values)) {
      this.#db.run(
        "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        JSON.stringify(value),
      );
    }
  }
}
