// A button that opens a small panel beside it.

import type { ComponentChildren, VNode } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useOpen } from "./use_open.ts";

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
  const { open, root, close, onKeyDown } = useOpen();
  return (
    <div class="popover" ref={root} onKeyDown={onKeyDown}>
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
        <Panel label={props.label} align={props.align ?? "start"}>
          {props.children(close)}
        </Panel>
      )}
    </div>
  );
}

const EDGE_PX = 8;

/** Beside a button near the right edge it would be cut off there. */
function keepInside(panel: HTMLElement): void {
  const over = panel.getBoundingClientRect().right + EDGE_PX - innerWidth;
  if (over > 0) panel.style.marginLeft = `${-over}px`;
}

interface PanelProps {
  label: string;
  align: "start" | "end";
  children: ComponentChildren;
}

function Panel({ label, align, children }: PanelProps): VNode {
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => panel.current === null ? undefined : keepInside(panel.current), []);
  useEffect(() => panel.current?.focus(), []);
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
