// The place of a running session's terminal: owns a div and the imperative terminal in it.

import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { AppModels } from "../app_models.ts";
import type { TerminalState } from "../models/terminal.ts";
import { modShortcut } from "../shortcuts.ts";
import { isCutOff } from "../socket.ts";
import { LiveTerminal } from "./live_terminal.ts";
import { lookOf } from "./look.ts";

export interface LivePaneProps {
  models: AppModels;
  state: TerminalState;
  sessionId: string;
}

export function LivePane({ models, state, sessionId }: LivePaneProps): VNode {
  const host = useRef<HTMLDivElement>(null);
  const terminal = useRef<LiveTerminal | undefined>(undefined);
  useEffect(() => {
    if (host.current === null) return;
    const live = openTerminal({ models, state, sessionId, host: host.current });
    terminal.current = live;
    state.live.value = {
      focus: () => live.view.focus(),
      text: () => live.view.text(),
      viewText: () => live.view.viewText(),
      findNext: (term, options) => live.view.findNext(term, options),
      findPrevious: (term) => live.view.findPrevious(term),
      clearSearch: () => live.view.clearSearch(),
      paste: (text) => live.paste(text),
      submit: (text) => live.submit(text),
      takeOverSize: () => live.takeOverSize(),
    };
    if (wantsFocus()) live.view.focus();
    return () => {
      state.live.value = undefined;
      terminal.current = undefined;
      live.dispose();
    };
  }, [sessionId]);
  useSignalEffect(() => {
    terminal.current?.setLook(lookOf(models.settings));
  });
  useSignalEffect(() => {
    terminal.current?.view.takeKeys(!isCutOff(models.socket.connection.value));
  });
  return (
    <div class="terminal-pane" hidden={state.mode.value !== "live"}>
      <div class="terminal-host" ref={host} data-testid="live-terminal" />
    </div>
  );
}

function openTerminal(
  { models, state, sessionId, host }: LivePaneProps & { host: HTMLElement },
): LiveTerminal {
  const { settings, toasts } = models;
  return new LiveTerminal({
    host,
    socket: models.socket,
    history: models.api.recordings,
    sessionId,
    newRequest: models.newRequest,
    look: lookOf(settings),
    copyOnSelect: () => settings.values.value.copyOnSelect,
    events: {
      ...state.stream,
      onLink: (target) => {
        state.link.value = target;
      },
      onSearchResults: state.onSearchResults,
      onHistoryAwaited: state.onHistoryAwaited,
      onPasteQuestion: (text) => {
        state.pendingPaste.value = text;
      },
      isPageShortcut: (event) => modShortcut(event, "terminal") !== undefined,
      onCopied: (worked) => {
        if (!worked) toasts.show({ tone: "warning", text: "The browser did not allow copying" });
      },
    },
  });
}

/** Not while the user is in a field or dialog, and not where focusing opens a keyboard on the screen. */
function wantsFocus(): boolean {
  const active = document.activeElement;
  const busy = active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement ||
    active?.closest("dialog") !== null && active !== document.body;
  return !busy && !matchMedia("(pointer: coarse)").matches;
}
