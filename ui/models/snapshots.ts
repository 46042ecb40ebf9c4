// The snapshots of a session, and taking one now.

import { createModel, signal } from "@preact/signals";
import type { SnapshotList } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { ChangeCalls } from "../api/changes.ts";
import { createResource } from "./resource.ts";

export interface SnapshotsOptions {
  api: Pick<ChangeCalls, "listSnapshots" | "takeSnapshot">;
  sessionId: string;
  onError(message: string): void;
}

export const SnapshotsModel = createModel(({ api, sessionId, onError }: SnapshotsOptions) => {
  const list = createResource<SnapshotList>(() => api.listSnapshots(sessionId));
  const taking = signal(false);

  return {
    value: list.value,
    error: list.error,
    load: list.load,
    /** One is being taken for the user. */
    taking,
    async take(): Promise<void> {
      if (taking.value) return;
      taking.value = true;
      try {
        const { state, message } = await api.takeSnapshot(sessionId);
        if (state === "failed") onError(message ?? "The snapshot was not taken");
      } catch (thrown) {
        onError(`The snapshot was not taken: ${errorMessage(thrown)}`);
      } finally {
        taking.value = false;
      }
      await list.load();
    },
  };
});

export type Snapshots = InstanceType<typeof SnapshotsModel>;
