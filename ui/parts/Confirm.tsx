// A question in place of a button: a destructive act asks once, where it was asked for.

import { useSignal } from "@preact/signals";
import type { IconNode } from "lucide";
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "./Button.tsx";

export interface ConfirmProps {
  question: string;
  /** What the destructive button says. */
  action: string;
  onConfirm(): void;
  onCancel(): void;
  testId?: string | undefined;
}

/** The question itself; focus starts on the way out. */
export function Confirm({ question, action, onConfirm, onCancel, testId }: ConfirmProps): VNode {
  const cancel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => cancel.current?.querySelector("button")?.focus(), []);
  return (
    <div
      class="confirm"
      role="group"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onCancel();
      }}
    >
      <span class="confirm-question">{question}</span>
      <Button variant="danger" onClick={onConfirm} testId={testId ?? "confirm"}>{action}</Button>
      <div ref={cancel} class="confirm-cancel">
        <Button variant="ghost" onClick={onCancel}>Cancel</Button>
      </div>
    </div>
  );
}

export interface ConfirmButtonProps {
  label: string;
  question: string;
  action: string;
  onConfirm(): void;
  icon?: IconNode | undefined;
  disabled?: boolean | undefined;
  testId?: string | undefined;
}

/** A button that asks before it acts. */
export function ConfirmButton(props: ConfirmButtonProps): VNode {
  const asking = useSignal(false);
  if (asking.value) {
    return (
      <Confirm
        question={props.question}
        action={props.action}
        testId={props.testId === undefined ? undefined : `${props.testId}-confirm`}
        onConfirm={() => {
          asking.value = false;
          props.onConfirm();
        }}
        onCancel={() => {
          asking.value = false;
        }}
      />
    );
  }
  return (
    <Button
      icon={props.icon}
      disabled={props.disabled}
      testId={props.testId}
      onClick={() => {
        asking.value = true;
      }}
    >
      {props.label}
    </Button>
  );
}
