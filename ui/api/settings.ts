// Calls that read and change settings. Those of recordings are with the recordings.

import type {
  FleetSettings,
  Settings,
  SnapshotSettings,
  SnapshotSettingsView,
  SummaryProviderId,
  SummaryProviderView,
  SummarySettings,
} from "../../server/protocol.ts";
import type { Requests } from "./requests.ts";

const PREVIEW_TIMEOUT_MS = 60_000;

/** Settings of the page, the fleet, snapshots and summaries. Methods reject as `Requests` do. */
export class SettingsCalls {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  getSettings(): Promise<Settings> {
    return this.#requests.json("/api/settings");
  }

  updateSettings(patch: Partial<Settings>): Promise<Settings> {
    return this.#requests.json("/api/settings", { method: "PATCH", body: patch });
  }

  getFleetSettings(): Promise<FleetSettings> {
    return this.#requests.json("/api/settings/fleet");
  }

  updateFleetSettings(patch: Partial<FleetSettings>): Promise<FleetSettings> {
    return this.#requests.json("/api/settings/fleet", { method: "PATCH", body: patch });
  }

  getSnapshotSettings(): Promise<SnapshotSettingsView> {
    return this.#requests.json("/api/settings/snapshots");
  }

  updateSnapshotSettings(patch: Partial<SnapshotSettings>): Promise<SnapshotSettingsView> {
    return this.#requests.json("/api/settings/snapshots", { method: "PATCH", body: patch });
  }

  getSummarySettings(): Promise<SummarySettings> {
    return this.#requests.json("/api/summaries/settings");
  }

  updateSummarySettings(patch: Partial<SummarySettings>): Promise<SummarySettings> {
    return this.#requests.json("/api/summaries/settings", { method: "PATCH", body: patch });
  }

  async listSummaryProviders(): Promise<SummaryProviderView[]> {
    return (await this.#requests.json<{ items: SummaryProviderView[] }>("/api/summaries/providers")).items;
  }

  /** Asks the provider itself. */
  async listSummaryModels(provider: SummaryProviderId): Promise<string[]> {
    const call = { query: { provider }, timeoutMs: PREVIEW_TIMEOUT_MS };
    return (await this.#requests.json<{ models: string[] }>("/api/summaries/models", call)).models;
  }
}
