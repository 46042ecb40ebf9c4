// Bars across the page: no connection, and the question before everything is stopped.

import { useComputed } from "@preact/signals";
import { WifiOff } from "lucide";
import type { VNode } from "preact";
import { formatDuration, formatPlural } from "../format.ts";
import type { Clock } from "../models/clock.ts";
import { Button } from "../parts/Button.tsx";
import { Confirm } from "../parts/Confirm.tsx";
import { Icon } from "../parts/Icon.tsx";
import { type FleetSocket, isCutOff } from "../socket.ts";

export function OfflineBanner({ socket, clock }: { socket: FleetSocket; clock: Clock }): VNode | null {
  if (!isCutOff(socket.connection.value)) return null;
  return (
    <div class="banner banner-offline" role="status" data-testid="offline-banner">
      <Icon node={WifiOff} />
      <span>
        No connection to the server for{" "}
        <Since socket={socket} clock={clock} />. What you see is from before; trying again by itself.
      </span>
      <Button onClick={() => socket.wake()}>Reconnect now</Button>
    </div>
  );
}

function Since({ socket, clock }: { socket: FleetSocket; clock: Clock }): VNode {
  const text = useComputed(() => formatDuration(clock.nowMs.value - socket.connection.value.sinceMs));
  return <span class="number" aria-live="off">{text}</span>;
}

export interface StopAllBarProps {
  running: number;
  onStop(): void;
  onCancel(): void;
}

export function StopAllBar({ running, onStop, onCancel }: StopAllBarProps): VNode {
  return (
    <div class="banner banner-danger" data-testid="stop-all-bar">
      {running === 0
        ? (
          <>
            <span>Nothing is running.</span>
            <Button variant="ghost" onClick={onCancel}>Close</Button>
          </>
        )
        : (
          <Confirm
            question={`Stop ${formatPlural(running, "running session")}?`}
            action={running === 1 ? "Stop it" : `Stop all ${running}`}
            testId="stop-all-confirm"
            onConfirm={onStop}
            onCancel={onCancel}
          />
        )}
    </div>
  );
}
