// What one session's recording takes on the disk, and whether it is kept.

import { createModel, signal } from "@preact/signals";
import { errorMessage } from "../api/api_error.ts";
import type { RecordingCalls } from "../api/recordings.ts";
import { createResource } from "./resource.ts";

export interface RecordingUseOptions {
  api: Pick<RecordingCalls, "getRecordingUse" | "keepRecording">;
  sessionId: string;
}

export const RecordingUseModel = createModel(({ api, sessionId }: RecordingUseOptions) => {
  const use = createResource(() => api.getRecordingUse(sessionId));
  const problem = signal<string | undefined>(undefined);

  return {
    use,
    /** Why the last change was not made. */
    problem,
    /** At once; taken back when the server refuses it. */
    async keep(keep: boolean): Promise<void> {
      const before = use.value.value;
      if (before === undefined) return;
      problem.value = undefined;
      use.set({ ...before, keep });
      try {
        use.set(await api.keepRecording(sessionId, keep));
      } catch (thrown) {
        use.set(before);
        problem.value = `This was not changed: ${errorMessage(thrown)}`;
      }
    },
  };
});

export type RecordingUse = InstanceType<typeof RecordingUseModel>;
