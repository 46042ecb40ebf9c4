// Short messages that leave by themselves, unless the pointer or the focus rests on them.

import { createModel, effect, signal } from "@preact/signals";
import type { StartTimer } from "../socket.ts";

export type ToastTone = "info" | "success" | "warning" | "error";

export interface Toast {
  id: number;
  tone: ToastTone;
  /** What happened in a few words, above the text. */
  title?: string;
  text: string;
  /** A place to go to, with the link's text. */
  link?: { label: string; path: string };
}

export const TOAST_MS = 8000;
const MAX_TOASTS = 4;

export const ToastsModel = createModel((startTimer: StartTimer) => {
  const items = signal<readonly Toast[]>([]);
  const stopTimer = new Map<number, () => void>();
  let lastId = 0;

  function dismiss(id: number): void {
    hold(id);
    items.value = items.value.filter((toast) => toast.id !== id);
  }
  function hold(id: number): void {
    stopTimer.get(id)?.();
    stopTimer.delete(id);
  }
  function release(id: number): void {
    hold(id);
    stopTimer.set(id, startTimer(TOAST_MS, () => dismiss(id)));
  }
  effect(() => () => [...stopTimer.keys()].forEach(hold));

  return {
    items,
    /** Shows a message; the oldest gives way when there are too many. */
    show(toast: Omit<Toast, "id">): void {
      const id = ++lastId;
      const shown = [...items.value, { ...toast, id }];
      for (const gone of shown.slice(0, -MAX_TOASTS)) hold(gone.id);
      items.value = shown.slice(-MAX_TOASTS);
      release(id);
    },
    dismiss,
    /** Keeps a message while the pointer or the focus is on it. */
    hold,
    /** Lets the time of a message run anew. */
    release,
  };
});

export type Toasts = InstanceType<typeof ToastsModel>;
