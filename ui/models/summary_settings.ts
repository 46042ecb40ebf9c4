// Who makes summaries, with which model, and when.

import { createModel, signal } from "@preact/signals";
import type { SummaryProviderId, SummarySettings } from "../../server/protocol.ts";
import { ApiError, errorMessage } from "../api/api_error.ts";
import type { SettingsCalls } from "../api/settings.ts";
import { createResource } from "./resource.ts";

export interface SummarySettingsOptions {
  api: Pick<
    SettingsCalls,
    "getSummarySettings" | "updateSummarySettings" | "listSummaryProviders" | "listSummaryModels"
  >;
}

export type ModelList =
  | { state: "loading" }
  | { state: "failed"; error: string }
  | { state: "ready"; models: readonly string[] };

export const SummarySettingsModel = createModel(({ api }: SummarySettingsOptions) => {
  const values = createResource(() => api.getSummarySettings());
  const providers = createResource(() => api.listSummaryProviders());
  const problem = signal<string | undefined>(undefined);
  const models = signal<Partial<Record<SummaryProviderId, ModelList>>>({});

  function setModels(id: SummaryProviderId, list: ModelList): void {
    models.value = { ...models.value, [id]: list };
  }

  return {
    values,
    providers,
    /** Why the last change was not saved. */
    problem,
    /** What the providers' own lists say, as far as they were asked. */
    models,
    async load(): Promise<void> {
      await Promise.all([values.load(), providers.load()]);
    },
    /** At once; taken back when the server refuses it. */
    async update(patch: Partial<SummarySettings>): Promise<void> {
      const before = values.value.value;
      if (before === undefined) return;
      problem.value = undefined;
      values.set({ ...before, ...patch });
      try {
        values.set(await api.updateSummarySettings(patch));
      } catch (thrown) {
        values.set(before);
        problem.value = `This was not saved: ${problemText(thrown)}`;
      }
    },
    async listModels(id: SummaryProviderId): Promise<void> {
      setModels(id, { state: "loading" });
      setModels(
        id,
        await api.listSummaryModels(id).then(
          (found): ModelList => ({ state: "ready", models: found }),
          (thrown): ModelList => ({ state: "failed", error: errorMessage(thrown) }),
        ),
      );
    },
  };
});

export type SummarySettingsStore = InstanceType<typeof SummarySettingsModel>;

function problemText(thrown: unknown): string {
  const isModel = thrown instanceof ApiError && thrown.field?.endsWith("Model");
  return isModel ? "this is no name of a model" : errorMessage(thrown);
}
