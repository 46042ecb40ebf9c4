// Facts about the server: its status, what was launched before, processes left over from an earlier run.

import { createModel, signal } from "@preact/signals";
import { errorMessage } from "../api/api_error.ts";
import type { FleetCalls } from "../api/fleet.ts";
import { formatPlural } from "../format.ts";
import { createResource } from "./resource.ts";
import type { Toasts } from "./toasts.ts";

export interface FleetOptions {
  api: Pick<FleetCalls, "getStatus" | "getRecents" | "listSurvivors" | "endSurvivors">;
  toasts: Pick<Toasts, "show">;
}

export const FleetModel = createModel(({ api, toasts }: FleetOptions) => {
  const status = createResource(() => api.getStatus());
  const recents = createResource(() => api.getRecents());
  const survivors = createResource(() => api.listSurvivors());
  const endingSurvivors = signal(false);

  return {
    status,
    recents,
    survivors,
    endingSurvivors,
    async load(): Promise<void> {
      await Promise.all([status.load(), recents.load(), survivors.load()]);
    },
    /** Ends what is left over from an earlier run, then looks again. */
    async endSurvivors(): Promise<void> {
      const pids = (survivors.value.value ?? []).map((each) => each.pid);
      endingSurvivors.value = true;
      try {
        const { ended } = await api.endSurvivors(pids);
        toasts.show({ tone: "success", text: `Ended ${formatPlural(ended.length, "process", "processes")}` });
      } catch (thrown) {
        toasts.show({ tone: "error", text: `The processes were not ended: ${errorMessage(thrown)}` });
      } finally {
        endingSurvivors.value = false;
      }
      await survivors.load();
    },
  };
});

export type Fleet = InstanceType<typeof FleetModel>;
