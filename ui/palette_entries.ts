// Everything the command palette offers, built from the models at the moment it is open.

import {
  CircleDollarSign,
  CircleStop,
  Keyboard,
  LayoutGrid,
  PanelLeft,
  Pause,
  Play,
  Plus,
  Settings,
} from "lucide";
import type { AppModels } from "./app_models.ts";
import type { PaletteEntry } from "./models/palette.ts";
import { newestFirst } from "./models/session_list.ts";
import { kindIcon } from "./parts/kind_icons.ts";
import { openSessionId, type Route, SETTINGS_SECTIONS } from "./router.ts";
import { canPause, isLive, sessionName, sessionPlace, statusOf } from "./session_status.ts";
import { SECTION_NAMES } from "./settings_sections.ts";

export function paletteEntries(models: AppModels): PaletteEntry[] {
  return [
    ...ofOpenSession(models),
    ...places(models),
    ...actions(models),
    ...sessions(models),
    ...launches(models),
    ...settingsParts(models),
  ];
}

/** What can be done with the session on screen. */
function ofOpenSession({ known, router, actions }: AppModels): PaletteEntry[] {
  const session = known.byId.value.get(openSessionId(router) ?? "");
  if (session === undefined || !isLive(session)) return [];
  const { id } = session;
  const entry = (name: string, rest: Pick<PaletteEntry, "icon" | "run" | "hint">): PaletteEntry => ({
    id: `this ${name}`,
    group: "Actions",
    label: `${name} “${sessionName(session)}”`,
    ...rest,
  });
  const setPaused = (paused: boolean) => (): void => void actions.setPaused(session, paused);
  return [
    ...(session.paused ? [entry("Continue", { icon: Play, hint: "P", run: setPaused(false) })] : []),
    ...(canPause(session) ? [entry("Pause", { icon: Pause, hint: "P", run: setPaused(true) })] : []),
    ...(session.metering === "gate"
      ? [entry("Gate activity of", {
        icon: CircleDollarSign,
        hint: "Ledger",
        run: () => router.go({ name: "session", id, tab: "ledger", view: "gate" }),
      })]
      : []),
  ];
}

function places({ router }: AppModels): PaletteEntry[] {
  const go = (route: Route) => (): void => router.go(route);
  return [
    { id: "new", group: "Places", label: "New session", hint: "N", icon: Plus, run: go({ name: "new" }) },
    {
      id: "fleet",
      group: "Places",
      label: "Fleet",
      hint: "G F",
      icon: LayoutGrid,
      run: go({ name: "fleet" }),
    },
    {
      id: "settings",
      group: "Places",
      label: "Settings",
      hint: "G S",
      icon: Settings,
      run: go({ name: "settings" }),
    },
  ];
}

function actions({ layout, known }: AppModels): PaletteEntry[] {
  const running = known.counts.value.live;
  const stopAll: PaletteEntry = {
    id: "stop-all",
    group: "Actions",
    label: `Stop all ${running} running…`,
    icon: CircleStop,
    run: () => {
      layout.askStopAll.value = true;
    },
  };
  return [
    ...(running > 0 ? [stopAll] : []),
    {
      id: "toggle-list",
      group: "Actions",
      label: layout.listCollapsed.value ? "Show the session list" : "Hide the session list",
      hint: "[",
      icon: PanelLeft,
      run: () => layout.toggleList(),
    },
    {
      id: "help",
      group: "Actions",
      label: "Keyboard shortcuts",
      hint: "?",
      icon: Keyboard,
      run: () => {
        layout.helpOpen.value = true;
      },
    },
  ];
}

function sessions({ known, router }: AppModels): PaletteEntry[] {
  return [...known.all.value].sort(newestFirst).map((session) => ({
    id: session.id,
    group: "Sessions",
    label: sessionName(session),
    hint: `${statusOf(session).label} · ${sessionPlace(session)}`,
    icon: kindIcon(session.kind),
    run: () => router.go({ name: "session", id: session.id, tab: "terminal" }),
  }));
}

function launches({ fleet, launch }: AppModels): PaletteEntry[] {
  return (fleet.recents.value.value?.launches ?? []).map(({ cwd, command, title }) => ({
    id: `launch ${cwd} ${command} ${title ?? ""}`,
    group: "Actions",
    label: `Launch ${title ?? command}`,
    hint: cwd,
    icon: Play,
    run: () => void launch.launch({ cwd, command, ...(title === undefined ? {} : { title }) }),
  }));
}

function settingsParts({ router }: AppModels): PaletteEntry[] {
  return SETTINGS_SECTIONS.map((section) => ({
    id: `settings ${section}`,
    group: "Places",
    label: `Settings: ${SECTION_NAMES[section]}`,
    icon: Settings,
    run: () => router.go({ name: "settings", section }),
  }));
}
