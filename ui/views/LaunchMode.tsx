// How a new session is metered: through the gate or observed, what that changes for the agent, and what a limit does.

import type { VNode } from "preact";
import type { LaunchModeView, MeteringMode } from "../../server/protocol.ts";
import { AtLimitChoice } from "../gate/AtLimitChoice.tsx";
import type { LaunchForm } from "../models/launch.ts";
import { sourceName } from "../usage_text.ts";
import { withPeriod } from "./LaunchAgent.tsx";
import { LaunchUpstream } from "./LaunchUpstream.tsx";

const NAMES: Record<MeteringMode, string> = { gate: "Gate", observe: "Observe" };

export function LaunchMode({ launch }: { launch: LaunchForm }): VNode | null {
  const { extras } = launch;
  const mode = extras.mode.value;
  const modes = launch.check.value?.metering?.modes;
  if (mode === undefined || modes === undefined || launch.command.value.trim() === "") return null;
  return (
    <fieldset class="launch-budget" data-testid="launch-mode" data-mode={mode.mode}>
      <legend class="field-label">Metering</legend>
      <ModeChoice launch={launch} modes={modes} />
      <ModeMeaning mode={mode} />
      {mode.mode === "gate"
        ? (
          <>
            <span class="field-label">At a limit</span>
            <AtLimitChoice value={extras.atLimit.value} onChoose={extras.chooseAtLimit} />
            <LaunchUpstream extras={extras} />
          </>
        )
        : (
          <p class="field-note">
            At a limit it is stopped, once the calls under way are counted; it can be resumed after a raise.
          </p>
        )}
    </fieldset>
  );
}

function ModeChoice({ launch, modes }: { launch: LaunchForm; modes: readonly LaunchModeView[] }): VNode {
  const { chosenMode, mode, chooseMode } = launch.extras;
  const choices: { id: MeteringMode | undefined; label: string; problem?: string | undefined }[] = [
    { id: undefined, label: "Auto" },
    ...modes.map((each) => ({ id: each.mode, label: NAMES[each.mode], problem: each.problem })),
  ];
  const refused = choices.find(({ problem }) => problem !== undefined)?.problem;
  return (
    <>
      <div class="segments launch-modes" role="group" aria-label="Metering">
        {choices.map(({ id, label, problem }) => (
          <button
            key={label}
            type="button"
            class="segment"
            aria-pressed={chosenMode.value === id}
            disabled={problem !== undefined}
            title={problem}
            data-testid={`launch-mode-${id ?? "auto"}`}
            onClick={() => chooseMode(id)}
          >
            {label}
            {id === undefined && chosenMode.value === undefined && mode.value &&
              ` (${NAMES[mode.value.mode].toLowerCase()})`}
          </button>
        ))}
      </div>
      {refused !== undefined && <p class="field-note">{withPeriod(refused)}</p>}
    </>
  );
}

function ModeMeaning({ mode }: { mode: LaunchModeView }): VNode {
  const by = mode.sources.map(sourceName).join(", then ");
  return (
    <>
      <p class="launch-fact" data-testid="launch-metering">
        <span>
          {withPeriod(mode.note)} <span class="muted">{by !== "" && `Metered by ${by}.`}</span>
        </span>
      </p>
      {mode.changes.length > 0 && (
        <details class="mode-changes" data-testid="mode-changes" open>
          <summary>What it changes for the agent ({mode.changes.length})</summary>
          <ul class="bullets">{mode.changes.map((each) => <li key={each}>{withPeriod(each)}</li>)}</ul>
        </details>
      )}
    </>
  );
}
