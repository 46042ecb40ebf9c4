// The frame: rail, session list, main pane; above them banners, palette, help and toasts.

import { useModel } from "@preact/signals";
import { PanelLeftOpen } from "lucide";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { AppModels } from "./app_models.ts";
import { PaletteModel } from "./models/palette.ts";
import { paletteEntries } from "./palette_entries.ts";
import { Button, IconButton } from "./parts/Button.tsx";
import { EmptyNote } from "./parts/Notes.tsx";
import { ToastStack } from "./parts/ToastStack.tsx";
import { isCutOff } from "./socket.ts";
import { useShortcuts } from "./use_shortcuts.ts";
import { OfflineBanner, RecordingPausedBanner, StopAllBar, UnreachableBanner } from "./views/Banners.tsx";
import { FleetView } from "./views/FleetView.tsx";
import { HelpSheet } from "./views/HelpSheet.tsx";
import { LockedView } from "./views/LockedView.tsx";
import { NewSessionView } from "./views/NewSessionView.tsx";
import { PaletteDialog } from "./views/PaletteDialog.tsx";
import { Rail } from "./views/Rail.tsx";
import { SessionList } from "./views/SessionList.tsx";
import { SessionPage } from "./views/SessionPage.tsx";
import { SettingsView } from "./views/SettingsView.tsx";

export function App({ models }: { models: AppModels }): VNode | null {
  switch (models.access.state.value) {
    case "entering":
      return null;
    case "locked":
      return <LockedView access={models.access} />;
    case "open":
      return <Frame models={models} />;
  }
}

function Frame({ models }: { models: AppModels }): VNode {
  const { layout, socket, router, clock } = models;
  const palette = useModel(() => new PaletteModel(() => paletteEntries(models)));
  useShortcuts(models);
  useEffect(() => models.commands.register("palette", () => palette.open()), []);
  const stale = isCutOff(socket.connection.value);
  return (
    <div class={stale ? "frame frame-stale" : "frame"}>
      <a class="skip" href="#main">Skip to the main content</a>
      <Rail models={models} />
      <SessionList models={models} />
      {layout.drawerOpen.value && (
        <div
          class="backdrop"
          onClick={() => {
            layout.drawerOpen.value = false;
          }}
        />
      )}
      <main class="main" id="main" tabIndex={-1}>
        <OfflineBanner socket={socket} clock={clock} />
        <UnreachableBanner unreachable={models.reach.unreachable.value} />
        <RecordingPausedBanner
          reason={models.recordingPause.reason.value}
          dataDirectory={models.fleet.status.value.value?.dataDirectory}
          router={router}
        />
        <StopAll models={models} />
        {layout.listCollapsed.value && <ShowList models={models} />}
        <Place models={models} />
      </main>
      {palette.isOpen.value && <PaletteDialog palette={palette} />}
      {layout.helpOpen.value && (
        <HelpSheet
          onClose={() => {
            layout.helpOpen.value = false;
          }}
        />
      )}
      <ToastStack toasts={models.toasts} router={router} />
    </div>
  );
}

function Place({ models }: { models: AppModels }): VNode {
  const route = models.router.route.value;
  switch (route.name) {
    case "fleet":
      return <FleetView models={models} />;
    case "new":
      return <NewSessionView models={models} />;
    case "session":
      return <SessionPage key={route.id} models={models} id={route.id} tab={route.tab} />;
    case "settings":
      return <SettingsView models={models} />;
    case "unknown":
      return (
        <div class="page">
          <h1 class="visually-hidden">Page not found</h1>
          <EmptyNote title="There is no such page">
            Nothing lives at {route.path}
            <Button onClick={() => models.router.go({ name: "fleet" })}>Go to the fleet</Button>
          </EmptyNote>
        </div>
      );
  }
}

function StopAll({ models }: { models: AppModels }): VNode | null {
  const { layout, known, actions } = models;
  if (!layout.askStopAll.value) return null;
  const close = (): void => {
    layout.askStopAll.value = false;
  };
  return (
    <StopAllBar
      running={known.counts.value.live}
      onCancel={close}
      onStop={() => {
        close();
        void actions.stopAll();
      }}
    />
  );
}

function ShowList({ models }: { models: AppModels }): VNode {
  return (
    <div class="show-list">
      <IconButton
        icon={PanelLeftOpen}
        label="Show the session list"
        shortcut="["
        testId="show-list"
        onClick={() => models.layout.toggleList()}
      />
    </div>
  );
}
