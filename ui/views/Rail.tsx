// The rail at the left edge: places that exist; at its bottom notices, today's spend, the state of the connection.

import { type IconNode, LayoutGrid, PanelLeftOpen, Plus, Settings, Wifi, WifiOff } from "lucide";
import type { VNode } from "preact";
import type { AppModels } from "../app_models.ts";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import type { Route } from "../router.ts";
import type { FleetSocket } from "../socket.ts";
import { NoticesBell } from "./NoticesPanel.tsx";
import { SpendRing } from "./SpendRing.tsx";

/** Places of the rail, in order. */
const PLACES: readonly { label: string; icon: IconNode; route: Route; testId: string }[] = [
  { label: "Fleet", icon: LayoutGrid, route: { name: "fleet" }, testId: "rail-fleet" },
  { label: "New session", icon: Plus, route: { name: "new" }, testId: "rail-new" },
  { label: "Settings", icon: Settings, route: { name: "settings" }, testId: "rail-settings" },
];

export function Rail({ models }: { models: AppModels }): VNode {
  const { router, layout, socket } = models;
  const here = router.route.value.name;
  return (
    <nav class="rail" aria-label="Places">
      <button
        type="button"
        class="rail-item rail-drawer"
        aria-label="Show sessions"
        aria-expanded={layout.drawerOpen.value}
        data-testid="open-drawer"
        onClick={() => {
          layout.drawerOpen.value = !layout.drawerOpen.value;
        }}
      >
        <Icon node={PanelLeftOpen} size={20} />
        <span class="rail-tip" aria-hidden="true">Sessions</span>
      </button>
      {PLACES.map((place) => (
        <Link
          key={place.label}
          to={place.route}
          router={router}
          class="rail-item"
          current={here === place.route.name || (here === "session" && place.route.name === "fleet")}
          label={place.label}
          testId={place.testId}
        >
          <Icon node={place.icon} size={20} />
          <span class="rail-tip" aria-hidden="true">{place.label}</span>
        </Link>
      ))}
      <div class="rail-end">
        <NoticesBell models={models} />
        <SpendRing models={models} />
        <ConnectionState socket={socket} />
      </div>
    </nav>
  );
}

function ConnectionState({ socket }: { socket: FleetSocket }): VNode {
  const { phase } = socket.connection.value;
  const online = phase === "online";
  const text = online ? "Connected" : phase === "offline" ? "Offline: try again now" : "Connecting…";
  return (
    <button
      type="button"
      class={`rail-item rail-connection ${online ? "tone-green" : "tone-amber"}`}
      aria-label={text}
      data-testid="connection"
      data-phase={phase}
      onClick={() => socket.wake()}
    >
      <Icon node={phase === "offline" ? WifiOff : Wifi} size={18} />
      <span class="rail-tip" aria-hidden="true">{text}</span>
    </button>
  );
}
