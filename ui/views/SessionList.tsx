// The session list: groups, search, choosing several, paging while scrolling. Draws only the rows in view.

import { useComputed, useSignal } from "@preact/signals";
import { CircleStop, FolderGit2, Layers, PanelLeftClose, X } from "lucide";
import type { RefObject, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { AppModels } from "../app_models.ts";
import { formatCount } from "../format.ts";
import { layOutRows, type ListRow } from "../models/session_list.ts";
import { IconButton } from "../parts/Button.tsx";
import { focusSoon } from "../parts/focus_soon.ts";
import { EmptyNote, ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import { BulkBar } from "./BulkBar.tsx";
import { ListFilters } from "./ListFilters.tsx";
import { focusRow, RowWindow } from "./RowWindow.tsx";

export function SessionList({ models }: { models: AppModels }): VNode {
  const { sessions, layout, clock, commands, router } = models;
  const searchRef = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const today = useComputed(() => new Date(clock.nowMs.value).setHours(0, 0, 0, 0));
  const rows = useComputed(() =>
    layOutRows(sessions.visible.value, { grouping: layout.grouping.value, nowMs: today.value })
  );
  useEffect(() =>
    commands.register("list-search", () => {
      layout.listCollapsed.value = false;
      layout.drawerOpen.value = matchMedia("(max-width: 900px)").matches;
      focusSoon(() => searchRef.current);
    }), []);
  const firstKey = (): string | undefined => rows.value.find(({ type }) => type === "session")?.key;
  const openFirst = (): void => {
    const id = firstKey();
    if (id === undefined || !sessions.isFiltering.value) return;
    layout.drawerOpen.value = false;
    router.go({ name: "session", id, tab: "terminal" });
  };
  const enterList = (): void => {
    const key = firstKey();
    if (key !== undefined && scroller.current !== null) focusRow(scroller.current, { rows: rows.value, key });
  };
  return (
    <aside
      class={layout.drawerOpen.value ? "list list-open" : "list"}
      aria-label="Sessions"
      style={{ "--list-width": `${layout.listPx.value}px` }}
      hidden={layout.listCollapsed.value && !layout.drawerOpen.value}
    >
      <ListHeader models={models} />
      <ListFilters
        sessions={sessions}
        searchRef={searchRef}
        onOpenFirst={openFirst}
        onEnterList={enterList}
      />
      <BulkBar models={models} />
      <ListBody models={models} rows={rows.value} scroller={scroller} />
      <ListResizer models={models} />
    </aside>
  );
}

function ListHeader({ models }: { models: AppModels }): VNode {
  const { layout, known } = models;
  const byRepository = layout.grouping.value === "repository";
  return (
    <div class="list-header">
      <h2>Sessions</h2>
      <IconButton
        icon={byRepository ? FolderGit2 : Layers}
        label={byRepository
          ? "Grouped by repository: group by state"
          : "Grouped by state: group by repository"}
        testId="toggle-grouping"
        onClick={() => {
          layout.grouping.value = byRepository ? "state" : "repository";
        }}
      />
      <IconButton
        icon={CircleStop}
        label="Stop all sessions"
        shortcut="Ctrl Shift X"
        disabled={known.counts.value.live === 0}
        testId="stop-all"
        onClick={() => {
          layout.askStopAll.value = true;
        }}
      />
      {layout.drawerOpen.value
        ? (
          <IconButton
            icon={X}
            label="Close the list"
            onClick={() => {
              layout.drawerOpen.value = false;
            }}
          />
        )
        : (
          <IconButton
            icon={PanelLeftClose}
            label="Hide the list"
            shortcut="["
            onClick={() => layout.toggleList()}
          />
        )}
    </div>
  );
}

interface ListBodyProps {
  models: AppModels;
  rows: readonly ListRow[];
  scroller: RefObject<HTMLDivElement | null>;
}

function ListBody({ models, rows, scroller }: ListBodyProps): VNode {
  const { sessions } = models;
  if (rows.length > 0) return <RowWindow models={models} rows={rows} scroller={scroller} />;
  if (sessions.error.value !== undefined) {
    return (
      <ErrorNote
        what="The sessions were not loaded"
        error={sessions.error.value}
        onRetry={() => void sessions.reload()}
      />
    );
  }
  if (!sessions.loaded.value || sessions.loading.value) return <SkeletonRows count={8} />;
  if (sessions.isFiltering.value) {
    return (
      <EmptyNote title="Nothing matches">
        Titles, commands, folders and branches are searched. Other words, or fewer filters, may find it; what
        a terminal showed is found in its session.
      </EmptyNote>
    );
  }
  return (
    <EmptyNote title="No sessions yet">
      Everything you launch is listed here, and stays: you can replay it later.
    </EmptyNote>
  );
}

/** Drag, or arrow keys while focused. */
function ListResizer({ models }: { models: AppModels }): VNode {
  const { layout } = models;
  const dragging = useSignal(false);
  return (
    <div
      class={dragging.value ? "resizer resizer-active" : "resizer"}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the session list"
      aria-valuenow={layout.listPx.value}
      aria-valuemin={240}
      aria-valuemax={560}
      aria-valuetext={`${formatCount(layout.listPx.value)} pixels`}
      tabIndex={0}
      onPointerDown={(event) => {
        dragging.value = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const left = event.currentTarget.parentElement?.getBoundingClientRect().left ?? 0;
        if (dragging.value) layout.resizeList(event.clientX - left);
      }}
      onPointerUp={() => {
        dragging.value = false;
      }}
      onKeyDown={(event) => {
        const by = event.key === "ArrowLeft" ? -16 : event.key === "ArrowRight" ? 16 : 0;
        if (by !== 0) layout.resizeList(layout.listPx.value + by);
      }}
    />
  );
}
