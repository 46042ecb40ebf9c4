// When snapshots are taken by themselves; the server decides what is so.

import { computed, createModel } from "@preact/signals";
import type { SnapshotSettings } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { SettingsCalls } from "../api/settings.ts";
import { createResource } from "./resource.ts";

export interface SnapshotSettingsOptions {
  api: Pick<SettingsCalls, "getSnapshotSettings" | "updateSnapshotSettings">;
  onError(message: string): void;
}

export const SnapshotSettingsModel = createModel(({ api, onError }: SnapshotSettingsOptions) => {
  const stored = createResource(() => api.getSnapshotSettings());

  return {
    values: stored.value,
    /** A session's repository is kept before its program starts; not while that is unknown. */
    atStart: computed(() => {
      const values = stored.value.value;
      return values !== undefined && values.captureAtEnd && !values.offByEnvironment;
    }),
    error: stored.error,
    load: stored.load,
    /** Changes settings at once; takes the change back when the server refuses it. */
    async update(patch: Partial<SnapshotSettings>): Promise<void> {
      const before = stored.value.value;
      if (before === undefined) return;
      stored.set({ ...before, ...patch });
      try {
        stored.set(await api.updateSnapshotSettings(patch));
      } catch (thrown) {
        stored.set(before);
        onError(`The setting was not saved: ${errorMessage(thrown)}`);
      }
    },
  };
});
