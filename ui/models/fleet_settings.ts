// Settings that the server acts on: default budgets, periods, prices, additions, notifications.

import { createModel } from "@preact/signals";
import type { FleetSettings, LaunchAdditionId, Limits, SessionKind } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { SettingsCalls } from "../api/settings.ts";
import { createResource } from "./resource.ts";

export interface FleetSettingsOptions {
  api: Pick<SettingsCalls, "getFleetSettings" | "updateFleetSettings">;
  onError(message: string): void;
}

export const FleetSettingsModel = createModel(({ api, onError }: FleetSettingsOptions) => {
  const stored = createResource(() => api.getFleetSettings());

  /** Changes settings at once; takes the change back when the server refuses it. */
  async function update(patch: Partial<FleetSettings>): Promise<boolean> {
    const before = stored.value.value;
    if (before === undefined) return false;
    stored.set({ ...before, ...patch });
    try {
      stored.set(await api.updateFleetSettings(patch));
      return true;
    } catch (thrown) {
      stored.set(before);
      onError(`The setting was not saved: ${errorMessage(thrown)}`);
      return false;
    }
  }

  return {
    values: stored.value,
    error: stored.error,
    load: stored.load,
    update,
    async setDefaultBudget(kind: SessionKind, limits: Limits): Promise<void> {
      const defaultBudgets = stored.value.value?.defaultBudgets;
      if (defaultBudgets !== undefined) {
        await update({ defaultBudgets: { ...defaultBudgets, [kind]: limits } });
      }
    },
    async setAddition(id: LaunchAdditionId, on: boolean): Promise<void> {
      const off = (stored.value.value?.additionsOff ?? []).filter((each) => each !== id);
      await update({ additionsOff: on ? off : [...off, id] });
    },
  };
});

export type FleetSettingsStore = InstanceType<typeof FleetSettingsModel>;
