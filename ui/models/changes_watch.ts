// Has the server watch a session's work tree while somebody looks, and only then.

import { createModel, effect, type ReadonlySignal } from "@preact/signals";
import type { SnapshotView } from "../../server/protocol.ts";
import type { FleetSocket } from "../socket.ts";

export interface ChangesWatchOptions {
  socket: Pick<FleetSocket, "send" | "onMessage" | "isOnline">;
  sessionId: string;
  /** Whether this tab of the browser is in front. */
  isVisible: ReadonlySignal<boolean>;
  /** Whether the comparison follows the work tree. */
  isLive: ReadonlySignal<boolean>;
  onChange(snapshot: SnapshotView | undefined): void;
  /** Being back after a while without watching: what is shown may be old. */
  onReturn(): void;
}

export const ChangesWatchModel = createModel((options: ChangesWatchOptions) => {
  const { socket, sessionId, isVisible, isLive } = options;
  let hasWatched = false;

  effect(() => {
    if (!socket.isOnline.value || !isVisible.value || !isLive.value) return;
    socket.send({ type: "watch_changes", sessionId, on: true });
    if (hasWatched) options.onReturn();
    hasWatched = true;
    return () => {
      socket.send({ type: "watch_changes", sessionId, on: false });
    };
  });
  effect(() =>
    socket.onMessage((message) => {
      if (message.type === "changes" && message.sessionId === sessionId) options.onChange(message.snapshot);
    })
  );
  return {};
});
