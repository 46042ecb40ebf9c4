// The field for a limit in dollars or tokens; empty is none.

import type { VNode } from "preact";

export interface LimitInputProps {
  id: string;
  /** As typed. */
  value: string;
  isInvalid: boolean;
  /** Id of the element that says what is wrong. */
  describedBy: string;
  testId: string;
  onType(text: string): void;
}

export function LimitInput({ id, value, isInvalid, describedBy, testId, onType }: LimitInputProps): VNode {
  return (
    <input
      id={id}
      class="input number"
      type="text"
      inputMode="decimal"
      autocomplete="off"
      placeholder="no limit"
      value={value}
      aria-invalid={isInvalid}
      aria-describedby={describedBy}
      data-testid={testId}
      onInput={(event) => onType(event.currentTarget.value)}
    />
  );
}
