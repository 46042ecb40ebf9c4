// The place of a recording's terminal: shows what the player writes, has no way to type.

import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { SettingsStore } from "../models/settings.ts";
import type { TerminalState } from "../models/terminal.ts";
import { lookOf } from "./look.ts";
import type { ReplayPlayer } from "./replay_player.ts";
import { TerminalView } from "./terminal_view.ts";
import { AfterScreen } from "./after_screen.ts";

export interface ReplayPaneProps {
  player: ReplayPlayer;
  state: TerminalState;
  settings: SettingsStore;
  onKeyDown(event: KeyboardEvent): void;
}

export function ReplayPane({ player, state, settings, onKeyDown }: ReplayPaneProps): VNode {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<TerminalView | undefined>(undefined);
  useEffect(() => {
    if (host.current === null) return;
    const shown = openView({ host: host.current, state, settings });
    view.current = shown;
    const afterScreen = new AfterScreen({
      view: shown,
      host: host.current,
      api: player.api,
      sessionId: player.sessionId,
      onAwaited: state.onHistoryAwaited,
    });
    player.attach(shown.terminal, (screen) => afterScreen.follow(screen));
    state.replay.value = shown;
    const observer = new ResizeObserver(() => shown.fitFont());
    observer.observe(host.current);
    return () => {
      observer.disconnect();
      state.replay.value = undefined;
      view.current = undefined;
      player.detach();
      afterScreen.dispose();
      shown.dispose();
    };
  }, []);
  useSignalEffect(() => {
    view.current?.setLook(lookOf(settings));
    view.current?.fitFont();
  });
  return (
    <div class="terminal-pane" onKeyDown={onKeyDown}>
      <div class="terminal-host" ref={host} data-testid="replay-terminal" />
      <ReplayProgress player={player} />
    </div>
  );
}

function openView(
  { host, state, settings }: { host: HTMLElement; state: TerminalState; settings: SettingsStore },
): TerminalView {
  const view = new TerminalView({
    host,
    look: lookOf(settings),
    readOnly: true,
    label: "Recording",
    onLink: (target) => {
      state.link.value = target;
    },
    onSearchResults: state.onSearchResults,
  });
  view.terminal.attachCustomKeyEventHandler((event) => isScrollKey(event));
  view.terminal.onResize(() => view.fitFont());
  return view;
}

/** Everything else is for the scrubber. */
function isScrollKey(event: KeyboardEvent): boolean {
  return event.shiftKey && (event.key === "PageUp" || event.key === "PageDown");
}

function ReplayProgress({ player }: { player: ReplayPlayer }): VNode | null {
  const share = player.loading.value;
  if (share === undefined) return null;
  return (
    <div class="replay-progress">
      <progress value={share} max={1} aria-label="Going to this moment" />
    </div>
  );
}
