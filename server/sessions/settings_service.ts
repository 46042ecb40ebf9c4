// Settings with their defaults: those of the page, and those that the server acts on.
import {
  DEFAULT_SETTINGS,
  type FleetSettings,
  type Settings,
  type SnapshotSettings,
  type StorageSettings,
  type SummarySettings,
} from "../protocol.ts";
import type { SettingTable } from "../store/settings.ts";

const NO_LIMITS = { usd: null, tokens: null };
const FLEET_DEFAULTS: FleetSettings = {
  defaultBudgets: { claude: NO_LIMITS, codex: NO_LIMITS, shell: NO_LIMITS },
  weekStartsOn: 7,
  timeZone: null,
  countCacheReads: false,
  additionsOff: [],
  keepRequestHashes: false,
  prices: { models: {} },
  notifyBrowser: false,
  notifyToast: true,
  notifySound: false,
};

const STORAGE_DEFAULTS: StorageSettings = { maxAgeDays: null, maxTotalGb: null, capGb: 1 };
const SNAPSHOT_DEFAULTS: SnapshotSettings = { captureAtEnd: true, afterTurns: true };
const SUMMARY_DEFAULTS: SummarySettings = {
  summaryProvider: "auto",
  summaryLitellmModel: "gpt-4.1-nano",
  summaryClaudeModel: "claude-haiku-4-5",
  summaryAtEnd: false,
};

export class SettingsService {
  readonly #table: SettingTable;
  #fleet: FleetSettings | undefined;

  constructor(table: SettingTable) {
    this.#table = table;
  }

  get(): Settings {
    return pick(DEFAULT_SETTINGS, this.#table.getAll());
  }

  update(change: Partial<Settings>): Settings {
    this.#table.set(change);
    return this.get();
  }

  getStorage(): StorageSettings {
    return pick(STORAGE_DEFAULTS, this.#table.getAll());
  }

  updateStorage(change: Partial<StorageSettings>): StorageSettings {
    this.#table.set(change);
    return this.getStorage();
  }

  getSnapshots(): SnapshotSettings {
    return pick(SNAPSHOT_DEFAULTS, this.#table.getAll());
  }

  updateSnapshots(change: Partial<SnapshotSettings>): SnapshotSettings {
    this.#table.set(change);
    return this.getSnapshots();
  }

  getSummaries(): SummarySettings {
    return pick(SUMMARY_DEFAULTS, this.#table.getAll());
  }

  updateSummaries(change: Partial<SummarySettings>): SummarySettings {
    this.#table.set(change);
    return this.getSummaries();
  }

  /** Kept in memory: every decision about money asks for it. */
  getFleet(): FleetSettings {
    this.#fleet ??= pick(FLEET_DEFAULTS, this.#table.getAll());
    return this.#fleet;
  }

  updateFleet(change: Partial<FleetSettings>): FleetSettings {
    this.#table.set(change);
    this.#fleet = undefined;
    return this.getFleet();
  }
}

/** Stored values of the names that `defaults` has; the table holds other things too. */
function pick<Shape extends object>(defaults: Shape, stored: Record<string, unknown>): Shape {
  const known = Object.keys(defaults).filter((name) => name in stored);
  return { ...defaults, ...Object.fromEntries(known.map((name) => [name, stored[name]])) };
}
