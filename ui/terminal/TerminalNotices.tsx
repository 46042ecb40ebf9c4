// What lies over a terminal: attaching, errors, somebody else's size, a pending paste, a link's target.

import type { VNode } from "preact";
import { formatBytes, formatPlural } from "../format.ts";
import type { Scrub } from "../models/scrub.ts";
import type { TerminalState } from "../models/terminal.ts";
import { Button } from "../parts/Button.tsx";
import { countLines, sanitizePaste } from "./paste.ts";
import type { ReplayPlayer } from "./replay_player.ts";

export interface TerminalNoticesProps {
  state: TerminalState;
  scrub: Scrub;
  player: ReplayPlayer;
  offline: boolean;
  /** Output is recorded at the moment. */
  isRecorded: boolean;
}

export function TerminalNotices({ state, scrub, player, offline, isRecorded }: TerminalNoticesProps): VNode {
  return (
    <div class="notices">
      <LiveNotices state={state} offline={offline} isRecorded={isRecorded} />
      <ReplayNotices scrub={scrub} player={player} state={state} />
      {state.historyAwaited.value && (
        <p class="notice" role="status" data-testid="history-awaited">Loading earlier lines…</p>
      )}
      {state.link.value !== undefined && (
        <p class="link-target mono" data-testid="link-target">
          <span class="muted">Ctrl-click:</span> {state.link.value}
        </p>
      )}
    </div>
  );
}

function LiveNotices(
  { state, offline, isRecorded }: Pick<TerminalNoticesProps, "state" | "offline" | "isRecorded">,
): VNode | null {
  if (state.mode.value !== "live") return null;
  const attach = state.attach.value;
  return (
    <>
      {offline && attach !== "ended" && (
        <p class="notice" role="status" data-testid="not-connected">Not connected: keys are not taken</p>
      )}
      {attach === "attaching" && <p class="notice notice-late" role="status">Attaching…</p>}
      {typeof attach === "object" && <p class="notice notice-error" role="alert">{attach.error}</p>}
      {state.skippedBytes.value > 0 && (
        <p class="notice" role="status">
          {skippedText(state, isRecorded)}
        </p>
      )}
      <PasteQuestion state={state} />
    </>
  );
}

function skippedText({ skippedBytes, missingBytes }: TerminalState, isRecorded: boolean): string {
  const skipped = formatBytes(skippedBytes.value);
  if (missingBytes.value === 0) return `${skipped} were skipped to keep up.${isRecorded ? RECORDED : ""}`;
  return `${skipped} are not shown: ${formatBytes(missingBytes.value)} of them could not be stored.`;
}

const RECORDED = " The recording has them.";

function PasteQuestion({ state }: { state: TerminalState }): VNode | null {
  const text = state.pendingPaste.value;
  if (text === undefined) return null;
  return (
    <div
      class="notice paste-question"
      role="alertdialog"
      aria-label="Paste several lines?"
      data-testid="paste-question"
    >
      <p>
        <strong>Paste {formatPlural(countLines(text), "line")}?</strong>{" "}
        The program would run each line as it arrives.
      </p>
      <pre class="paste-preview">{sanitizePaste(text.slice(0, MAX_PREVIEW_CHARS))}</pre>
      <div class="paste-actions">
        <Button variant="primary" testId="paste-yes" onClick={() => state.answerPaste(true)}>Paste</Button>
        <Button testId="paste-no" onClick={() => state.answerPaste(false)}>Cancel</Button>
      </div>
    </div>
  );
}

const MAX_PREVIEW_CHARS = 2000;

function ReplayNotices(
  { scrub, player, state }: Omit<TerminalNoticesProps, "offline" | "isRecorded">,
): VNode | null {
  if (state.mode.value !== "replay") return null;
  const error = player.error.value;
  return (
    <>
      {error !== undefined && (
        <p class="notice notice-error" role="alert">
          The recording was not loaded: {error}
          <Button onClick={() => void scrub.open(player.point.value.offset)}>Try again</Button>
        </p>
      )}
      {scrub.isAtLastScreen.value && (
        <p class="notice" data-testid="last-screen">
          Last screen before it exited
          <Button testId="show-end" onClick={() => void scrub.goEnd()}>Show end</Button>
        </p>
      )}
    </>
  );
}
