// What a gated session's calls meet at a limit, as two buttons.

import type { VNode } from "preact";
import type { AtLimit } from "../../server/protocol.ts";

export interface AtLimitChoiceProps {
  value: AtLimit;
  onChoose(value: AtLimit): void;
}

export const AT_LIMIT_TEXT: Record<AtLimit, { label: string; meaning: string }> = {
  stop: {
    label: "Stop it",
    meaning: "The call is refused, then the agent is asked to leave; it can be resumed after a raise.",
  },
  hold: {
    label: "Hold its call",
    meaning: "The call waits until you raise the limit or stop the session; the agent notices nothing.",
  },
};
const CHOICES: readonly AtLimit[] = ["stop", "hold"];

export function AtLimitChoice({ value, onChoose }: AtLimitChoiceProps): VNode {
  return (
    <div class="at-limit">
      <div class="segments" role="group" aria-label="At a limit">
        {CHOICES.map((choice) => (
          <button
            key={choice}
            type="button"
            class="segment"
            aria-pressed={choice === value}
            data-testid={`at-limit-${choice}`}
            onClick={() => onChoose(choice)}
          >
            {AT_LIMIT_TEXT[choice].label}
          </button>
        ))}
      </div>
      <p class="field-note">{AT_LIMIT_TEXT[value].meaning}</p>
    </div>
  );
}
