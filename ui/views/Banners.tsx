// Bars across the page: no connection, no answer from sessions, nothing recorded, and the question before everything is stopped.

import { useComputed } from "@preact/signals";
import { HardDrive, Unplug, WifiOff } from "lucide";
import type { VNode } from "preact";
import { formatDuration, formatPlural } from "../format.ts";
import type { Clock } from "../models/clock.ts";
import { Button } from "../parts/Button.tsx";
import { Confirm } from "../parts/Confirm.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import type { Router } from "../router.ts";
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

export interface RecordingPausedBannerProps {
  reason: string | undefined;
  dataDirectory: string | undefined;
  router: Router;
}

/** The recorder tries again by itself: the bar goes when that works. */
export function RecordingPausedBanner(
  { reason, dataDirectory, router }: RecordingPausedBannerProps,
): VNode | null {
  if (reason === undefined) return null;
  return (
    <div class="banner banner-paused" role="alert" data-testid="recording-paused">
      <Icon node={HardDrive} />
      <span>
        <strong>Nothing is recorded at the moment: {reason}.</strong>{" "}
        Sessions go on, but what they print now may be missing from their recordings. Free space on the disk
        {dataDirectory === undefined ? "" : ` of ${dataDirectory}`}; recording goes on by itself.
      </span>
      <Link to={{ name: "settings", section: "recordings" }} router={router} class="button button-plain">
        What recordings take
      </Link>
    </div>
  );
}

/** The server asks again by itself: the bar goes when it is answered. */
export function UnreachableBanner({ unreachable }: { unreachable: boolean }): VNode | null {
  if (!unreachable) return null;
  return (
    <div class="banner banner-paused" role="alert" data-testid="sessions-unreachable">
      <Icon node={Unplug} />
      <span>
        <strong>The process that holds the sessions does not answer.</strong>{" "}
        It is stopped or the machine is very busy. Sessions are not lost; they cannot be seen, typed into or
        stopped until it answers. Trying again by itself.
      </span>
    </div>
  );
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
