// Opens `fleet.sqlite`, which only the server writes, and hands out its tables.
import { BudgetTable } from "./budgets.ts";
import { isDamage, isStorageFailure } from "../errors.ts";
import { damagedFleet } from "./damaged_fleet.ts";
import { Database } from "./database.ts";
import { EventTable } from "./events.ts";
import { lookForDamage, markClean } from "./integrity.ts";
import { GateEventTable } from "./gate_events.ts";
import { LedgerTable } from "./ledger.ts";
import { LoginTable } from "./logins.ts";
import fleet0001 from "./migrations/fleet/0001_sessions.sql" with { type: "text" };
import fleet0002 from "./migrations/fleet/0002_ledger.sql" with { type: "text" };
import fleet0003 from "./migrations/fleet/0003_telemetry.sql" with { type: "text" };
import fleet0004 from "./migrations/fleet/0004_gateway.sql" with { type: "text" };
import fleet0005 from "./migrations/fleet/0005_snapshots.sql" with { type: "text" };
import fleet0006 from "./migrations/fleet/0006_artifacts.sql" with { type: "text" };
import fleet0007 from "./migrations/fleet/0007_summaries.sql" with { type: "text" };
import fleet0008 from "./migrations/fleet/0008_conflicts.sql" with { type: "text" };
import fleet0009 from "./migrations/fleet/0009_event_kinds.sql" with { type: "text" };
import fleet0010 from "./migrations/fleet/0010_request_hashes.sql" with { type: "text" };
import fleet0011 from "./migrations/fleet/0011_gate_events.sql" with { type: "text" };
import fleet0012 from "./migrations/fleet/0012_price_facts.sql" with { type: "text" };
import { NoticeTable } from "./notices.ts";
import { ReservationTable } from "./reservations.ts";
import { SessionTable } from "./sessions.ts";
import { SettingTable } from "./settings.ts";
import { SnapshotTable } from "./snapshots.ts";
import { SummaryTable } from "./summaries.ts";

export class FleetStore {
  readonly sessions: SessionTable;
  readonly events: EventTable;
  readonly settings: SettingTable;
  readonly logins: LoginTable;
  readonly ledger: LedgerTable;
  readonly budgets: BudgetTable;
  readonly notices: NoticeTable;
  readonly reservations: ReservationTable;
  readonly gateEvents: GateEventTable;
  readonly snapshots: SnapshotTable;
  readonly summaries: SummaryTable;
  readonly #db: Database;

  /** Opens the file at `path`, or `:memory:`. */
  constructor(path: string) {
    this.#db = Database.open({
      path,
      synchronous: "FULL",
      migrations: [
        { name: "0001_sessions", sql: fleet0001 },
        { name: "0002_ledger", sql: fleet0002 },
        { name: "0003_telemetry", sql: fleet0003 },
        { name: "0004_gateway", sql: fleet0004 },
        { name: "0005_snapshots", sql: fleet0005 },
        { name: "0006_artifacts", sql: fleet0006 },
        { name: "0007_summaries", sql: fleet0007 },
        { name: "0008_conflicts", sql: fleet0008 },
        { name: "0009_event_kinds", sql: fleet0009 },
        { name: "0010_request_hashes", sql: fleet0010 },
        { name: "0011_gate_events", sql: fleet0011 },
        { name: "0012_price_facts", sql: fleet0012 },
      ],
    });
    this.sessions = new SessionTable(this.#db);
    this.events = new EventTable(this.#db);
    this.settings = new SettingTable(this.#db);
    this.logins = new LoginTable(this.#db);
    this.ledger = new LedgerTable(this.#db);
    this.budgets = new BudgetTable(this.#db);
    this.notices = new NoticeTable(this.#db);
    this.reservations = new ReservationTable(this.#db);
    this.gateEvents = new GateEventTable(this.#db);
    this.snapshots = new SnapshotTable(this.#db);
    this.summaries = new SummaryTable(this.#db);
  }

  /** Version text of the SQLite library. */
  get sqliteVersion(): string {
    return this.#db.version;
  }

  close(): void {
    this.#db.close();
  }
}

/**
 * Opens the file for the only server that uses it, and looks at it first when it was not closed properly. Throws `invalid`
 * for a damaged one and leaves it alone: without the budgets that are in it nothing may be spent.
 */
export function openFleet(path: string): FleetStore {
  try {
    const [finding] = lookForDamage(path).findings;
    if (finding !== undefined) throw damagedFleet(path, finding);
    return new FleetStore(path);
  } catch (cause) {
    throw isDamage(cause) ? damagedFleet(path, cause.message) : cause;
  }
}

/** Closes what `openFleet` opened; the next start need not look at it, unless a full disk does not take the note of that. */
export function closeFleet(store: FleetStore, path: string): void {
  store.close();
  try {
    markClean(path);
  } catch (cause) {
    if (!isStorageFailure(cause)) throw cause;
  }
}
