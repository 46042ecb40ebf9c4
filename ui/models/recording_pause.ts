// Whether anything is recorded at the moment: as the server said when it was reached, and as it says since.

import { createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { ServerMessage, StatusView } from "../../server/protocol.ts";

export interface RecordingPauseOptions {
  status: ReadonlySignal<StatusView | undefined>;
  onMessage(listener: (message: ServerMessage) => void): () => void;
}

export const RecordingPauseModel = createModel(({ status, onMessage }: RecordingPauseOptions) => {
  const reason = signal<string | undefined>(undefined);
  effect(() => {
    reason.value = status.value?.recordingPausedReason;
  });
  effect(() =>
    onMessage((message) => {
      if (message.type === "recording") reason.value = message.pausedReason;
    })
  );
  return {
    /** Why nothing is recorded; undefined when all is well. */
    reason,
  };
});

export type RecordingPause = InstanceType<typeof RecordingPauseModel>;
