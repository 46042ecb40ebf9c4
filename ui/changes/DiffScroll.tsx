// All diffs as one long page: draws the files and rows in view, and keeps everything in place while more is loaded.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { ChangesDesk } from "./changes_desk.ts";
import type { ChangesProps } from "./changes_props.ts";
import { DiffFile } from "./DiffFile.tsx";
import type { DrawnFile } from "./diff_viewport.ts";

/** Loads begin when the page has been still for so long: files that fly past are not worth a request. */
const STILL_MS = 60;
const PROBE = "0".repeat(100);
/** Sign and space beside the numbers and the text of a line, in characters. */
const GUTTER_CHARS = 9;

export function DiffScroll({ models, session, desk }: ChangesProps): VNode {
  const { viewport, diffs } = desk;
  const scroller = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  const width = useSignal(0);
  const drawn = viewport.drawn.value;
  void diffs.version.value;
  useSize(scroller, { width, desk });
  useLoads(desk, drawn);
  usePlace(scroller, desk);
  const charPx = (probe.current?.getBoundingClientRect().width ?? 720) / PROBE.length;
  const wide = widestPx(desk, { drawn, charPx, width: width.value });
  return (
    <div
      class="diff-scroll"
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label="Differences"
      data-testid="diff-scroll"
      onScroll={(event) => onScroll(event.currentTarget, desk)}
      onWheel={() => viewport.leaveTarget()}
      onKeyDown={() => viewport.leaveTarget()}
      onTouchMove={() => viewport.leaveTarget()}
      onPointerDown={(event) => {
        viewport.leaveTarget();
        selectOneSide(event, scroller.current);
      }}
    >
      <span class="diff-probe mono" ref={probe} aria-hidden="true">{PROBE}</span>
      <div
        class="diff-canvas"
        style={{ height: `${viewport.heightOfAll}px`, width: `${width.value + wide}px` }}
      >
        <div class="diff-layer" style={{ width: `${width.value}px` }}>
          {drawn.map((each) => (
            <DiffFile key={each.file.id} models={models} session={session} desk={desk} drawn={each} />
          ))}
        </div>
      </div>
    </div>
  );
}

function onScroll(element: HTMLElement, { viewport }: ChangesDesk): void {
  element.style.setProperty("--scroll-x", `${-element.scrollLeft}px`);
  viewport.scrolled({ top: element.scrollTop, height: element.clientHeight });
}

/** Goes where a jump leads, and stays where it is while what is above grows or shrinks. */
function usePlace(scroller: { current: HTMLDivElement | null }, { viewport, scrollTo }: ChangesDesk): void {
  useLayoutEffect(() => {
    const element = scroller.current;
    const top = scrollTo.value ?? viewport.settle();
    // A jump shows where lines begin: the one before may have led far into a long line.
    if (element !== null && scrollTo.value !== undefined) element.scrollLeft = 0;
    scrollTo.value = undefined;
    if (element !== null && top !== undefined && Math.abs(element.scrollTop - top) >= 1) {
      element.scrollTop = top;
    }
  }, [viewport.stack.value, scrollTo.value]);
}

function useSize(
  scroller: { current: HTMLDivElement | null },
  { width, desk }: { width: { value: number }; desk: ChangesDesk },
): void {
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = (): void => {
      width.value = element.clientWidth;
      desk.viewport.scrolled({ top: element.scrollTop, height: element.clientHeight });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
}

/** Asks for the files and lines in view, those on screen first. */
function useLoads(desk: ChangesDesk, drawn: readonly DrawnFile[]): void {
  const { viewport, diffs, folds } = desk;
  useEffect(() => {
    const open = drawn.filter(({ file }) => folds.isOpen(file));
    for (const { file, start, end } of open) diffs.askRows(file.id, { start, end });
    const timer = setTimeout(() => {
      const distance = ({ top, bodyPx }: DrawnFile): number =>
        Math.max(0, top - viewport.top, viewport.top - top - bodyPx);
      const near = open.toSorted((a, b) => distance(a) - distance(b));
      diffs.want(near.map(({ file }) => file.id));
    }, STILL_MS);
    return () => clearTimeout(timer);
  });
}

/** How much wider the widest line is than its place. */
function widestPx(
  { diffs }: ChangesDesk,
  { drawn, charPx, width }: { drawn: readonly DrawnFile[]; charPx: number; width: number },
): number {
  const missing = drawn.map(({ file }) => {
    const shown = diffs.shown(file.id);
    if (shown === undefined) return 0;
    const place = shown.look === "split" ? width / 2 : width;
    return Math.ceil((shown.columns + GUTTER_CHARS + 2 * shown.digits) * charPx - place);
  });
  return Math.max(0, ...missing);
}

/** Text is selected on the side where the selection begins. */
function selectOneSide({ target }: PointerEvent, scroller: HTMLElement | null): void {
  const side = target instanceof Element
    ? target.closest<HTMLElement>("[data-side]")?.dataset.side
    : undefined;
  if (scroller !== null) scroller.dataset.select = side ?? "";
}
