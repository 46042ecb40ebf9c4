// The budget of a new session: dollars and tokens, from the settings unless changed here.

import type { VNode } from "preact";
import type { LimitUnit } from "../models/budget_form.ts";
import type { LaunchForm } from "../models/launch.ts";
import { LimitInput } from "../parts/LimitInput.tsx";

export function LaunchBudget({ launch }: { launch: LaunchForm }): VNode {
  return (
    <fieldset class="launch-budget">
      <legend class="field-label">
        Budget <span class="muted">optional</span>
      </legend>
      <div class="launch-limits">
        <LimitField launch={launch} unit="usd" label="Dollars" />
        <LimitField launch={launch} unit="tokens" label="Tokens" />
      </div>
      <p class="field-note">
        At 80 % you are told. Empty is no limit of its own; the budgets of the repository and the fleet apply
        as well.
      </p>
    </fieldset>
  );
}

function LimitField({ launch, unit, label }: { launch: LaunchForm; unit: LimitUnit; label: string }): VNode {
  const { extras } = launch;
  const id = `launch-${unit}`;
  const problem = extras.problems[unit].value;
  return (
    <div class="field">
      <label for={id} class="muted">{label}</label>
      <LimitInput
        id={id}
        value={extras.text[unit].value}
        isInvalid={problem !== undefined}
        describedBy={`${id}-note`}
        testId={id}
        onType={(text) => extras.type(unit, text)}
      />
      <p id={`${id}-note`} class="field-error" aria-live="polite">{problem}</p>
    </div>
  );
}
