// The small tools of a terminal tab: search, font size, copy, download, composer.

import { AArrowDown, AArrowUp, Copy, Download, Maximize2, Search, SquarePen } from "lucide";
import type { VNode } from "preact";
import type { SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import type { TerminalState } from "../models/terminal.ts";
import { IconButton } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";

export interface TerminalToolsProps {
  models: AppModels;
  state: TerminalState;
  session: SessionView;
  canType: boolean;
}

export function TerminalTools({ models, state, session, canType }: TerminalToolsProps): VNode {
  const { settings, actions, toasts } = models;
  const changeFont = (by: number): void => void settings.setFontSize(settings.values.value.fontSize + by);
  const copyAll = async (): Promise<void> => {
    await navigator.clipboard.writeText(state.shown.value?.text() ?? "");
    toasts.show({ tone: "success", text: "Everything in this terminal is copied" });
  };
  return (
    <div class="terminal-tools" role="toolbar" aria-label="Terminal">
      {state.mode.value === "live" && <GridSizeNote state={state} />}
      <IconButton
        icon={Search}
        label="Search"
        shortcut="Ctrl Shift F"
        testId="open-search"
        onClick={() => state.openSearch()}
      />
      <IconButton
        icon={AArrowDown}
        label="Smaller text"
        testId="font-smaller"
        onClick={() => changeFont(-1)}
      />
      <IconButton icon={AArrowUp} label="Larger text" testId="font-larger" onClick={() => changeFont(1)} />
      <IconButton icon={Copy} label="Copy everything" testId="copy-all" onClick={() => void copyAll()} />
      <IconButton
        icon={Download}
        label="Download the raw recording"
        testId="download"
        onClick={() => void actions.download(session)}
      />
      {canType && (
        <IconButton
          icon={SquarePen}
          label="Write a message"
          shortcut="Ctrl Shift E"
          pressed={state.composerOpen.value}
          testId="open-composer"
          onClick={() => {
            state.composerOpen.value = !state.composerOpen.value;
          }}
        />
      )}
    </div>
  );
}

/** Whose size the terminal has; a window that only looks on can take it over. */
function GridSizeNote({ state }: { state: TerminalState }): VNode | null {
  const size = state.size.value;
  if (size === undefined) return null;
  if (state.ownsSize.value || state.attach.value !== "attached") {
    return <span class="grid-size number muted" title="Columns × rows">{size.cols}×{size.rows}</span>;
  }
  return (
    <button
      type="button"
      class="live-pill"
      title={`Shown at the size of another window: ${size.cols} × ${size.rows}`}
      data-testid="take-over"
      onClick={() => state.live.value?.takeOverSize()}
    >
      <Icon node={Maximize2} size={14} />
      Take over size
    </button>
  );
}
