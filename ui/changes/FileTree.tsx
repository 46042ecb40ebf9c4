// The changed files as a tree: only rows in view are drawn, arrow keys move, Enter shows the file.

import { useSignal } from "@preact/signals";
import { Check, ChevronDown, ChevronRight, Users } from "lucide";
import type { RefObject, VNode } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { FileChange } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { rowsInView } from "../models/ledger.ts";
import { LineCounts, StatusLetter } from "../parts/ChangeMarks.tsx";
import { Icon } from "../parts/Icon.tsx";
import { useScrollView } from "../parts/use_scroll_view.ts";
import type { ChangesDesk } from "./changes_desk.ts";
import { type TreeRow, treeRows } from "./file_tree.ts";

const ROW_PX = 28;

interface FileTreeProps {
  models: AppModels;
  desk: ChangesDesk;
}

export function FileTree({ desk }: FileTreeProps): VNode {
  const scroller = useRef<HTMLDivElement>(null);
  const tree = useTree(desk, scroller);
  const { rows, tabKey } = tree;
  const { view, measure } = useScrollView(scroller, { startPx: 600, count: rows.length });
  const { start, end } = rowsInView(rows.length, { ...view, rowPx: ROW_PX });
  return (
    <div
      class="file-tree"
      role="tree"
      aria-label="Changed files"
      ref={scroller}
      onScroll={measure}
      onKeyDown={(event) => onTreeKey(event, tree)}
    >
      <div role="none" style={{ height: `${start * ROW_PX}px` }} />
      {rows.slice(start, end).map((row, index) => (
        <Row
          key={row.key}
          row={row}
          position={start + index + 1}
          total={rows.length}
          isCurrent={row.key === desk.viewport.currentId.value}
          isTabStop={row.key === tabKey}
          isViewed={row.kind === "file" && desk.viewed.has(row.file)}
          onChoose={() => tree.choose(row)}
        />
      ))}
      <div role="none" style={{ height: `${(rows.length - end) * ROW_PX}px` }} />
    </div>
  );
}

interface Tree {
  rows: readonly TreeRow[];
  /** The row that Tab reaches. */
  tabKey: string | undefined;
  focus(index: number): void;
  choose(row: TreeRow): void;
  setClosed(key: string, isClosed: boolean): void;
}

/** Which folders are closed and which row has the focus; the file that is shown is kept in view. */
function useTree(
  { changes, viewport, showFile }: ChangesDesk,
  scroller: RefObject<HTMLDivElement | null>,
): Tree {
  const closed = useSignal<ReadonlySet<string>>(new Set());
  const focused = useSignal<string | undefined>(undefined);
  const rows = useMemo(() => treeRows(changes.files.value, closed.value), [
    changes.files.value,
    closed.value,
  ]);
  const currentId = viewport.currentId.value;
  useLayoutEffect(() => {
    const index = rows.findIndex(({ key }) => key === currentId);
    if (scroller.current !== null) keepInView(scroller.current, index);
  }, [currentId]);
  const setClosed = (key: string, isClosed: boolean): void => {
    const others = [...closed.value].filter((each) => each !== key);
    closed.value = new Set(isClosed ? [...others, key] : others);
  };
  return {
    rows,
    tabKey: rows.some(({ key }) => key === focused.value) ? focused.value : currentId ?? rows[0]?.key,
    setClosed,
    focus(index: number): void {
      const row = rows[index];
      if (row === undefined || scroller.current === null) return;
      focused.value = row.key;
      keepInView(scroller.current, index);
      requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus());
    },
    choose(row: TreeRow): void {
      focused.value = row.key;
      if (row.kind === "file") showFile(row.file);
      else setClosed(row.key, row.open);
    },
  };
}

interface RowProps {
  row: TreeRow;
  position: number;
  total: number;
  isCurrent: boolean;
  isTabStop: boolean;
  isViewed: boolean;
  onChoose(): void;
}

function Row({ row, position, total, isCurrent, isTabStop, isViewed, onChoose }: RowProps): VNode {
  return (
    <div
      class={isViewed ? "tree-row tree-row-viewed" : "tree-row"}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-posinset={position}
      aria-setsize={total}
      aria-expanded={row.kind === "directory" ? row.open : undefined}
      aria-selected={isCurrent}
      tabIndex={isTabStop ? 0 : -1}
      style={{ "--depth": row.depth }}
      data-testid={row.kind === "file" ? "tree-file" : "tree-directory"}
      data-path={row.kind === "file" ? row.file.path : row.key}
      onClick={onChoose}
    >
      {row.kind === "directory"
        ? <DirectoryCells row={row} />
        : <FileCells file={row.file} name={row.name} isViewed={isViewed} />}
    </div>
  );
}

function DirectoryCells({ row }: { row: Extract<TreeRow, { kind: "directory" }> }): VNode {
  return (
    <>
      <Icon node={row.open ? ChevronDown : ChevronRight} size={14} />
      <span class="tree-name" title={row.key}>{row.name}</span>
      {!row.open && <span class="number muted">{row.files}</span>}
    </>
  );
}

function FileCells({ file, name, isViewed }: { file: FileChange; name: string; isViewed: boolean }): VNode {
  const { alsoChangedIn } = file;
  return (
    <>
      <StatusLetter file={file} />
      <span
        class="tree-name"
        title={file.oldPath === undefined ? file.path : `${file.oldPath} → ${file.path}`}
      >
        {name}
      </span>
      {file.generated && <span class="tree-mark">generated</span>}
      {file.kind !== "text" && <span class="tree-mark">{file.kind}</span>}
      {alsoChangedIn !== undefined && (
        <span
          class="tree-shared"
          title={`Also changed in ${alsoChangedIn.map(({ title }) => `“${title}”`).join(", ")}`}
        >
          <Icon node={Users} size={12} />
          <span class="visually-hidden">also changed in another session</span>
        </span>
      )}
      {isViewed && (
        <span class="tree-viewed" title="Viewed">
          <Icon node={Check} size={12} />
          <span class="visually-hidden">viewed</span>
        </span>
      )}
      <LineCounts additions={file.additions} deletions={file.deletions} />
    </>
  );
}

function onTreeKey(event: KeyboardEvent, { rows, tabKey, focus, choose, setClosed }: Tree): void {
  const at = rows.findIndex(({ key }) => key === tabKey);
  const row = rows[at];
  if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const parent = rows.findLastIndex((each, index) => index < at && each.depth < row.depth);
  const isOpen = row.kind === "directory" && row.open;
  const acts: Record<string, () => void> = {
    ArrowDown: () => focus(at + 1),
    ArrowUp: () => focus(at - 1),
    Home: () => focus(0),
    End: () => focus(rows.length - 1),
    Enter: () => choose(row),
    " ": () => choose(row),
    ArrowRight: () => row.kind === "directory" && !row.open ? setClosed(row.key, false) : focus(at + 1),
    ArrowLeft: () => isOpen ? setClosed(row.key, true) : focus(parent),
  };
  const act = acts[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}

function keepInView(scroller: HTMLElement, index: number): void {
  if (index < 0) return;
  const top = index * ROW_PX;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  const bottom = top + ROW_PX - scroller.clientHeight;
  if (bottom > scroller.scrollTop) scroller.scrollTop = bottom;
}
