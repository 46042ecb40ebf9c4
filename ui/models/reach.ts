// Whether the process that holds the sessions answers: as the server said when it was reached, and as it says since.

import { createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { ServerMessage, StatusView } from "../../server/protocol.ts";

export interface ReachOptions {
  status: ReadonlySignal<StatusView | undefined>;
  onMessage(listener: (message: ServerMessage) => void): () => void;
}

export const ReachModel = createModel(({ status, onMessage }: ReachOptions) => {
  const unreachable = signal(false);
  effect(() => {
    unreachable.value = status.value?.sessionsUnreachable === true;
  });
  effect(() =>
    onMessage((message) => {
      if (message.type === "reach") unreachable.value = message.unreachable;
    })
  );
  return {
    /** It lives, and does not answer. */
    unreachable,
  };
});

export type Reach = InstanceType<typeof ReachModel>;
