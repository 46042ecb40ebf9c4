// Opens `fleet.sqlite`, which only the server writes, and hands out its tables.
import { Database } from "./database.ts";
import { EventTable } from "./events.ts";
import { LoginTable } from "./logins.ts";
import fleet0001 from "./migrations/fleet/0001_sessions.sql" with { type: "text" };
import { SessionTable } from "./sessions.ts";
import { SettingTable } from "./settings.ts";

export class FleetStore {
  readonly sessions: SessionTable;
  readonly events: EventTable;
  readonly settings: SettingTable;
  readonly logins: LoginTable;
  readonly #db: Database;

  /** Opens the file at `path`, or `:memory:`. */
  constructor(path: string) {
    this.#db = Database.open({
      path,
      synchronous: "FULL",
      migrations: [{ name: "0001_sessions", sql: fleet0001 }],
    });
    this.sessions = new SessionTable(this.#db);
    this.events = new EventTable(this.#db);
    this.settings = new SettingTable(this.#db);
    this.logins = new LoginTable(this.#db);
  }

  /** Version text of the SQLite library. */
  get sqliteVersion(): string {
    return this.#db.version;
  }

  close(): void {
    this.#db.close();
  }
}
