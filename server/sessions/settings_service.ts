// Settings with their defaults.
import type { Settings } from "../protocol.ts";
import type { SettingTable } from "../store/settings.ts";

const DEFAULTS: Settings = {
  theme: "system",
  fontSize: 13,
  copyOnSelect: false,
  screenReader: false,
  loginShell: false,
};

export class SettingsService {
  readonly #table: SettingTable;

  constructor(table: SettingTable) {
    this.#table = table;
  }

  get(): Settings {
    return { ...DEFAULTS, ...this.#table.getAll() };
  }

  update(change: Partial<Settings>): Settings {
    this.#table.set(change);
    return this.get();
  }
}
