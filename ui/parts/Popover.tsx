// A button that opens a small panel beside it; Escape and a click elsewhere close it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface PopoverProps {
  /** Names the panel. */
  label: string;
  button: ComponentChildren;
  buttonClass: string;
  title?: string | undefined;
  testId?: string | undefined;
  align?: "start" | "end" | undefined;
  onOpen?: (() => void) | undefined;
  children(close: () => void): ComponentChildren;
}

export function Popover(props: PopoverProps): VNode {
  const open = useSignal(false);
  const root = useRef<HTMLDivElement>(null);
  const close = (): void => {
    open.value = false;
    root.current?.querySelector("button")?.focus();
  };
  return (
    <div
      class="popover"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open.value) return;
        event.stopPropagation();
        close();
      }}
    >
      <button
        type="button"
        class={props.buttonClass}
        aria-haspopup="dialog"
        aria-expanded={open.value}
        title={props.title}
        data-testid={props.testId}
        onClick={() => {
          open.value = !open.value;
          if (open.value) props.onOpen?.();
        }}
      >
        {props.button}
      </button>
      {open.value && (
        <Panel
          label={props.label}
          align={props.align ?? "start"}
          inside={(node) => root.current?.contains(node) === true}
          onClose={() => {
            open.value = false;
          }}
        >
          {props.children(close)}
        </Panel>
      )}
    </div>
  );
}

interface PanelProps {
  label: string;
  align: "start" | "end";
  inside(node: Node): boolean;
  onClose(): void;
  children: ComponentChildren;
}

/** Not closed by a lost focus: a button that is disabled while it saves loses it too. */
function Panel({ label, align, inside, onClose, children }: PanelProps): VNode {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.focus();
    const onPress = (event: PointerEvent): void => {
      if (event.target instanceof Node && !inside(event.target)) onClose();
    };
    const onFocus = (event: FocusEvent): void => {
      if (event.target instanceof Node && !inside(event.target)) onClose();
    };
    document.addEventListener("pointerdown", onPress);
    document.addEventListener("focusin", onFocus);
    return () => {
      document.removeEventListener("pointerdown", onPress);
      document.removeEventListener("focusin", onFocus);
    };
  }, []);
  return (
    <div
      ref={panel}
      class={`popover-panel popover-${align}`}
      role="dialog"
      aria-label={label}
      tabIndex={-1}
    >
      {children}
    </div>
  );
}
