// The scrolling part of the session list: draws the rows in view, moves the focus by key, loads more at the end.

import type { RefObject, TargetedKeyboardEvent, VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { AppModels } from "../app_models.ts";
import type { Commands } from "../commands.ts";
import { type ListRow, ROW_PX, rowTop, visibleSlice } from "../models/session_list.ts";
import { useScrollView } from "../parts/use_scroll_view.ts";
import { openSessionId } from "../router.ts";
import { SessionRow } from "./SessionRow.tsx";

export interface RowWindowProps {
  models: AppModels;
  rows: readonly ListRow[];
  /** Is given the element that scrolls. */
  scroller: RefObject<HTMLDivElement | null>;
}

export function RowWindow({ models, rows, scroller }: RowWindowProps): VNode {
  const { sessions, router, selection, clock, layout, commands } = models;
  const { view, measure } = useScrollView(scroller, {
    startPx: 800,
    count: rows.length,
    onNearEnd: () => void sessions.loadMore(),
  });
  const slice = visibleSlice(rows, view);
  const order = rows.flatMap((row) => row.type === "session" ? [row.key] : []);
  const lastHeader = rows.findLast((row) => row.type === "header")?.key;
  const route = router.route.value;
  useRowKeys(models, rows, scroller);
  return (
    <div class="list-scroll" ref={scroller} onScroll={measure}>
      <ul
        class={selection.ids.value.size > 0 ? "rows rows-choosing" : "rows"}
        onKeyDown={(event) => onArrow(event, commands)}
        style={{ paddingTop: `${slice.before}px`, paddingBottom: `${slice.after}px` }}
      >
        {rows.slice(slice.start, slice.end).map((row) =>
          row.type === "header"
            ? (
              <RowHeader
                key={row.key}
                header={row}
                goesOn={row.key === lastHeader && sessions.hasMore.value}
              />
            )
            : (
              <SessionRow
                key={row.key}
                session={row.session}
                router={router}
                clock={clock}
                inFlight={models.inFlight}
                current={route.name === "session" && route.id === row.key}
                chosen={selection.ids.value.has(row.key)}
                position={order.indexOf(row.key) + 1}
                total={order.length}
                onChoose={(range) => range ? selection.extendTo(row.key, order) : selection.toggle(row.key)}
                onFollow={() => {
                  layout.drawerOpen.value = false;
                  // Another one gets the focus when it is shown.
                  if (openSessionId(router) === row.key) models.shownTerminal.value?.focus();
                }}
              />
            )
        )}
      </ul>
    </div>
  );
}

/** Of a group whose rows are not all loaded it is not known how many there are. */
function RowHeader(
  { header, goesOn }: { header: Extract<ListRow, { type: "header" }>; goesOn: boolean },
): VNode {
  return (
    <li class="row-header">
      <h3>{header.label}</h3>
      <span class="number">{goesOn ? `${header.count}+` : header.count}</span>
    </li>
  );
}

/** `j` and `k` move the focus from row to row, `x` chooses the focused one. */
function useRowKeys(
  models: AppModels,
  rows: readonly ListRow[],
  scroller: { current: HTMLDivElement | null },
): void {
  const { commands, selection, router } = models;
  useEffect(() => {
    const keys = rows.flatMap((row) => row.type === "session" ? [row.key] : []);
    const focused = (): string | undefined => {
      const row = document.activeElement?.closest<HTMLElement>("[data-session-id]");
      return row?.dataset.sessionId;
    };
    const move = (by: 1 | -1): void => {
      const route = router.route.value;
      const from = focused() ?? (route.name === "session" ? route.id : undefined);
      const at = from === undefined ? -1 : keys.indexOf(from);
      const next = keys[at < 0 ? 0 : Math.min(keys.length - 1, Math.max(0, at + by))];
      if (next !== undefined && scroller.current !== null) focusRow(scroller.current, { rows, key: next });
    };
    const undo = [
      commands.register("list-next", () => move(1)),
      commands.register("list-previous", () => move(-1)),
      commands.register("list-select", () => {
        const id = focused();
        if (id !== undefined) selection.toggle(id);
      }),
    ];
    return () => undo.forEach((each) => each());
  }, [rows]);
}

/** Inside of the list the arrows do what the letters do everywhere. */
function onArrow(event: TargetedKeyboardEvent<HTMLElement>, commands: Commands): void {
  const id = { ArrowDown: "list-next", ArrowUp: "list-previous" } as const;
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  event.preventDefault();
  commands.run(id[event.key]);
}

/** Gives a row the focus, at once where it is drawn: keys come faster than pictures. Else it is after scrolling to it. */
export function focusRow(scroller: HTMLElement, target: { rows: readonly ListRow[]; key: string }): void {
  const top = rowTop(target.rows, target.key);
  if (top < scroller.scrollTop + ROW_PX) scroller.scrollTop = Math.max(0, top - ROW_PX);
  const bottom = scroller.scrollTop + scroller.clientHeight;
  if (top + ROW_PX > bottom) scroller.scrollTop = top + ROW_PX - scroller.clientHeight;
  const focus = (): boolean => {
    const row = scroller.querySelector(`[data-session-id="${CSS.escape(target.key)}"] .row-link`);
    if (row instanceof HTMLElement) row.focus({ preventScroll: true });
    return row !== null;
  };
  if (!focus()) requestAnimationFrame(focus);
}
