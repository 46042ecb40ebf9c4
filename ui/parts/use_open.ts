// What menus and popovers share: something opens beside a button; Escape and a press or a focus elsewhere close it.

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface Opening {
  open: Signal<boolean>;
  /** Of the element around the button and what it opens. */
  root: RefObject<HTMLDivElement | null>;
  /** Closes and gives the focus back to the button. */
  close(): void;
  onKeyDown(event: KeyboardEvent): void;
}

/** A lost focus alone does not close: a button that is disabled while it saves loses it too. */
export function useOpen(): Opening {
  const open = useSignal(false);
  const root = useRef<HTMLDivElement>(null);
  const close = (): void => {
    open.value = false;
    root.current?.querySelector("button")?.focus();
  };
  useEffect(() => {
    if (!open.value) return;
    const onElsewhere = (event: Event): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) open.value = false;
    };
    document.addEventListener("pointerdown", onElsewhere);
    document.addEventListener("focusin", onElsewhere);
    return () => {
      document.removeEventListener("pointerdown", onElsewhere);
      document.removeEventListener("focusin", onElsewhere);
    };
  }, [open.value]);
  return {
    open,
    root,
    close,
    onKeyDown: (event) => {
      if (event.key !== "Escape" || !open.value) return;
      event.stopPropagation();
      close();
    },
  };
}
