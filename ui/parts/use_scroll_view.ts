// How far an element is scrolled and how much of it is in view: for lists that draw only that part.

import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect } from "preact/hooks";

/** In pixels. */
export interface ScrollView {
  top: number;
  height: number;
}

export interface ScrollViewOptions {
  /** Height until it is measured. */
  startPx: number;
  /** How many rows there are: with more or fewer it is measured again. */
  count: number;
  /** Less than a screen is left below. */
  onNearEnd?(): void;
}

/** `measure` is for the element's scroll events. */
export function useScrollView(
  scroller: RefObject<HTMLElement | null>,
  { startPx, count, onNearEnd }: ScrollViewOptions,
): { view: ScrollView; measure: () => void } {
  const view = useSignal<ScrollView>({ top: 0, height: startPx });
  const measure = (): void => {
    const element = scroller.current;
    if (element === null) return;
    view.value = { top: element.scrollTop, height: element.clientHeight };
    if (element.scrollHeight - element.scrollTop < element.clientHeight * 2) onNearEnd?.();
  };
  useLayoutEffect(measure, [count]);
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    if (scroller.current !== null) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);
  return { view: view.value, measure };
}
