// The rows of a file in view: line numbers, signs, and text in coloured pieces, in one column or two.

import { ChevronDown, ChevronsUpDown, ChevronUp } from "lucide";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { formatCount } from "../format.ts";
import { Icon } from "../parts/Icon.tsx";
import type { ChangesDesk } from "./changes_desk.ts";
import { type DiffLayout, type DiffRow, EXPAND_LINES, rowAt, type Side } from "./diff_layout.ts";
import { ROW_PX } from "./diff_stack.ts";
import type { ShownLine } from "./diff_text.ts";
import type { DrawnFile } from "./diff_viewport.ts";
import type { ShownFile } from "./shown_file.ts";
import { HIDDEN, MARKED, NOTE, SYNTAX_STYLES } from "./syntax_styles.ts";

interface DiffRowsProps {
  desk: ChangesDesk;
  drawn: DrawnFile;
  shown: ShownFile;
}

/** A row as it was drawn, and what it was drawn from. */
interface KeptRow {
  old: ShownLine | undefined;
  new: ShownLine | undefined;
  isAt: boolean;
  node: VNode;
}

export function DiffRows({ desk, drawn, shown }: DiffRowsProps): VNode {
  const { file, start, end } = drawn;
  // Lines come, and the view changes, without another prop: a component with signals is drawn anew for its own alone.
  void desk.diffs.version.value;
  const kept = useRef<{ layout: DiffLayout; rows: Map<number, KeptRow> } | undefined>(undefined);
  const { layout, look } = shown;
  const at = rowsOfCursor(desk, { id: file.id, layout });
  const before = kept.current?.layout === layout ? kept.current.rows : new Map<number, KeptRow>();
  const rows = new Map<number, KeptRow>();
  for (let index = start; index < Math.min(end, layout.rows); index++) {
    const row = rowAt(layout, index);
    if (row === undefined) continue;
    const isAt = index >= at.start && index < at.end;
    const lines = linesOf(shown, row);
    const known = before.get(index);
    const isSame = known !== undefined && known.old === lines.old && known.new === lines.new &&
      known.isAt === isAt;
    rows.set(
      index,
      isSame
        ? known
        : { ...lines, isAt, node: drawRow({ row, index, lines, isAt, look, desk, file: file.id }) },
    );
  }
  kept.current = { layout, rows };
  return (
    <div
      class={`diff-rows diff-${look}`}
      role="table"
      aria-label={`Lines of ${file.path}`}
      aria-rowcount={layout.rows}
      style={{ "--number": `${shown.digits + 2}ch`, height: `${layout.rows * ROW_PX}px` }}
    >
      <div class="diff-window" role="rowgroup" style={{ top: `${start * ROW_PX}px` }}>
        {[...rows.values()].map(({ node }) => node)}
      </div>
    </div>
  );
}

/** Rows of the change that the keyboard is at. */
function rowsOfCursor(
  { viewport }: ChangesDesk,
  { id, layout }: { id: string; layout: DiffLayout },
): { start: number; end: number } {
  const cursor = viewport.cursor.value;
  const start = cursor?.id === id ? layout.changes[cursor.change] : undefined;
  const segment = layout.segments.find(({ top, kind }) => top === start && kind === "change");
  return segment === undefined
    ? { start: 0, end: 0 }
    : { start: segment.top, end: segment.top + segment.rows };
}

function linesOf(shown: ShownFile, row: DiffRow): Pick<KeptRow, "old" | "new"> {
  if (row.kind === "gap") return { old: undefined, new: undefined };
  if (row.kind === "same") {
    const fresh = shown.line("new", row.new);
    return { old: shown.sideOfSame("old") === "old" ? shown.line("old", row.old) : fresh, new: fresh };
  }
  return {
    old: row.old === undefined ? undefined : shown.line("old", row.old),
    new: row.new === undefined ? undefined : shown.line("new", row.new),
  };
}

interface Drawing {
  row: DiffRow;
  index: number;
  lines: Pick<KeptRow, "old" | "new">;
  isAt: boolean;
  look: ShownFile["look"];
  desk: ChangesDesk;
  file: string;
}

function drawRow(drawing: Drawing): VNode {
  const { row, index, isAt, look } = drawing;
  if (row.kind === "gap") return <GapRow key={index} {...drawing} row={row} />;
  return (
    <div
      key={index}
      class={isAt ? "diff-row diff-row-at" : "diff-row"}
      role="row"
      aria-rowindex={index + 1}
    >
      {look === "split" ? splitCells(row, drawing.lines) : unifiedCells(drawing, row)}
    </div>
  );
}

type LineRow = Exclude<DiffRow, { kind: "gap" }>;

/** Signs are drawn by the style sheet: rows are many, elements in them should be few. */
function splitCells(row: LineRow, lines: Drawing["lines"]): VNode[] {
  return (["old", "new"] as const).flatMap((side) => {
    const number = row[side];
    const kind = number === undefined ? "none" : row.kind === "same" ? "same" : side;
    return [
      <LineNumber key={`${side} number`} kind={kind} column={side} line={number} />,
      <Code key={side} kind={kind} column={side} line={number === undefined ? undefined : lines[side]} />,
    ];
  });
}

function unifiedCells({ lines, look }: Drawing, row: LineRow): VNode[] {
  const side: Side = row.kind === "change" && row.new === undefined ? "old" : "new";
  const kind = row.kind === "same" ? "same" : side;
  const numbers: readonly Side[] = look === "single" ? [side] : ["old", "new"];
  return [
    ...numbers.map((each) => (
      <LineNumber key={each} kind={kind} column={look === "single" ? "old" : each} line={row[each]} />
    )),
    <Code key="text" kind={kind} column="new" line={lines[side]} />,
  ];
}

interface CellProps {
  kind: "same" | "none" | Side;
  column: Side;
}

function LineNumber({ kind, column, line }: CellProps & { line: number | undefined }): VNode {
  return (
    <span class={`diff-number at-${column} diff-${kind}`} role="cell">
      {line === undefined ? "" : line + 1}
    </span>
  );
}

function Code({ kind, column, line }: CellProps & { line: ShownLine | undefined }): VNode {
  return (
    <code class={`diff-code at-${column} diff-${kind}`} role="cell" data-side={column}>
      {line === undefined ? "" : drawPieces(line)}
    </code>
  );
}

function drawPieces(line: ShownLine): (VNode | string)[] {
  const nodes: (VNode | string)[] = [];
  for (let at = 0; at < line.length; at += 2) {
    const text = String(line[at]);
    const style = Number(line[at + 1]);
    nodes.push(style === 0 ? text : <span key={at} class={classOf(style)}>{text}</span>);
  }
  return nodes;
}

function classOf(style: number): string {
  if (style & NOTE) return "line-note";
  const syntax = style & (MARKED - 1);
  return [
    syntax === 0 ? "" : `syntax-${SYNTAX_STYLES[syntax]}`,
    style & MARKED ? "diff-mark" : "",
    style & HIDDEN ? "diff-invisible" : "",
  ].filter((name) => name !== "").join(" ");
}

/** Lines that are not shown, and the ways to show them. */
function GapRow({ row, index, desk, file }: Drawing & { row: Extract<DiffRow, { kind: "gap" }> }): VNode {
  const open = (fromTop: number, fromBottom: number): void =>
    desk.diffs.openGap(file, row.gap, { fromTop, fromBottom });
  const isShort = row.lines <= EXPAND_LINES;
  return (
    <div class="diff-row diff-gap" role="row" aria-rowindex={index + 1}>
      <span class="diff-gap-cell" role="cell">
        {!isShort && !row.first && (
          <GapButton
            icon={ChevronDown}
            label={`${EXPAND_LINES} more lines below the change`}
            onClick={() => open(EXPAND_LINES, 0)}
          />
        )}
        {!isShort && !row.last && (
          <GapButton
            icon={ChevronUp}
            label={`${EXPAND_LINES} more lines above the change`}
            onClick={() => open(0, EXPAND_LINES)}
          />
        )}
        <button type="button" class="gap-all" data-testid="gap-all" onClick={() => open(row.lines, 0)}>
          <Icon node={ChevronsUpDown} size={12} /> {formatCount(row.lines)} unchanged lines
        </button>
      </span>
    </div>
  );
}

function GapButton(
  { icon, label, onClick }: { icon: typeof ChevronUp; label: string; onClick(): void },
): VNode {
  return (
    <button type="button" class="gap-button" aria-label={label} title={label} onClick={onClick}>
      <Icon node={icon} size={14} />
    </button>
  );
}
