// The rows of a ledger: only those in view are drawn; more are loaded near the end. Sums stay in sight.

import { ArrowDown, ArrowUp, TriangleAlert } from "lucide";
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { LedgerQuery, LedgerRow, UsageView } from "../../server/protocol.ts";
import { formatCount, formatExact, formatPlural, formatTimeOfDay } from "../format.ts";
import { formatExactUsd, formatTokens, formatUsd } from "../format_money.ts";
import { type Ledger, type LedgerTotals, rowsInView, sumRows } from "../models/ledger.ts";
import { Icon } from "../parts/Icon.tsx";
import { useScrollView } from "../parts/use_scroll_view.ts";
import { confidenceText, costDiffers, isEstimate, rowTokens, sourceName } from "../usage_text.ts";

const ROW_PX = 32;

interface Column {
  key: string;
  label: string;
  sort?: LedgerQuery["sort"];
  number?: true;
}

const COLUMNS: readonly Column[] = [
  { key: "time", label: "Time", sort: "time" },
  { key: "model", label: "Model", sort: "model" },
  { key: "cost", label: "Cost", sort: "cost", number: true },
  { key: "input", label: "Input", number: true },
  { key: "cache-read", label: "Cache read", number: true },
  { key: "cache-write", label: "Cache write", number: true },
  { key: "output", label: "Output", number: true },
  { key: "tokens", label: "All tokens", sort: "tokens", number: true },
  { key: "reported", label: "CLI says", number: true },
  { key: "source", label: "Source" },
  { key: "who", label: "Sub-agent, purpose" },
];

interface LedgerTableProps {
  ledger: Ledger;
  usage: UsageView | undefined;
  /** What the session's summaries cost. */
  summaryCostNanoUsd: number | undefined;
}

export function LedgerTable({ ledger, usage, summaryCostNanoUsd }: LedgerTableProps): VNode {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = ledger.rows.value;
  const { view, measure } = useScrollView(scroller, {
    startPx: 600,
    count: rows.length,
    onNearEnd: () => void ledger.loadMore(),
  });
  const { start, end } = rowsInView(rows.length, { ...view, rowPx: ROW_PX });
  const { sort, order, q } = ledger.query.value;
  useLayoutEffect(() => scroller.current?.scrollTo({ top: 0 }), [sort, order, q]);
  return (
    <div
      class="ledger-scroll"
      ref={scroller}
      onScroll={measure}
      tabIndex={0}
      role="region"
      aria-label="Model calls"
    >
      <table class="ledger-table" aria-rowcount={ledger.hasMore.value ? -1 : rows.length + 1}>
        <colgroup>{COLUMNS.map(({ key }) => <col key={key} class={`ledger-col-${key}`} />)}</colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {COLUMNS.map((column) => <HeadCell key={column.key} column={column} ledger={ledger} />)}
          </tr>
        </thead>
        <tbody>
          <Spacer rows={start} />
          {rows.slice(start, end).map((row, index) => (
            <CallRow key={row.id} row={row} position={start + index + 2} />
          ))}
          <Spacer rows={rows.length - end} />
        </tbody>
        <Totals ledger={ledger} usage={usage} summaryCostNanoUsd={summaryCostNanoUsd} />
      </table>
    </div>
  );
}

function HeadCell({ column, ledger }: { column: Column; ledger: Ledger }): VNode {
  const { sort, order } = ledger.query.value;
  const active = column.sort === sort;
  const sortKey = column.sort;
  return (
    <th
      scope="col"
      class={column.number && "ledger-number"}
      aria-sort={active ? (order === "asc" ? "ascending" : "descending") : undefined}
    >
      {sortKey === undefined ? column.label : (
        <button
          type="button"
          class="ledger-sort"
          data-testid={`sort-${sortKey}`}
          onClick={() => ledger.sortBy(sortKey)}
        >
          {column.label}
          {active && <Icon node={order === "asc" ? ArrowUp : ArrowDown} size={12} />}
        </button>
      )}
    </th>
  );
}

/** The room of the rows that are not drawn. */
function Spacer({ rows }: { rows: number }): VNode | null {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden="true" style={{ height: `${rows * ROW_PX}px` }}>
      <td colSpan={COLUMNS.length} />
    </tr>
  );
}

function CallRow({ row, position }: { row: LedgerRow; position: number }): VNode {
  const { tokens } = row;
  const written = tokens.cacheWrite5m + tokens.cacheWrite1h;
  const reasoning = tokens.reasoning > 0 ? `, ${formatCount(tokens.reasoning)} of them reasoning` : "";
  return (
    <tr aria-rowindex={position} data-testid="ledger-row" data-row-id={row.id}>
      <td class="number" title={formatExact(row.atMs)}>{formatTimeOfDay(row.atMs)}</td>
      <td class="mono" title={modelTitle(row)}>{row.model}</td>
      <td class="number ledger-number" title={costTitle(row)}>
        {formatUsd(row.costNanoUsd, { estimated: isGuess(row) })}
      </td>
      <TokenCell count={tokens.input} />
      <TokenCell count={tokens.cacheRead} />
      <TokenCell
        count={written}
        title={`${formatCount(tokens.cacheWrite5m)} for 5 minutes, ${
          formatCount(tokens.cacheWrite1h)
        } for an hour`}
      />
      <TokenCell count={tokens.output} title={`${formatCount(tokens.output)} tokens${reasoning}`} />
      <TokenCell count={rowTokens(row)} />
      <ReportedCell row={row} />
      <td title={sourceTitle(row)}>
        {row.kind ?? sourceName(row.source)}
        {row.confidence !== "exact" && row.source !== "estimate" && (
          <span class="muted">{` ${row.confidence}`}</span>
        )}
      </td>
      <td title={[row.subagent, row.purpose].filter((each) => each !== undefined).join(", ")}>
        {row.subagent && <span>{row.subagent}</span>}
        {row.kind === "summary" && (
          <span class="muted" title="In the fleet's budgets, not in this session's">
            made by Agents Fleet
          </span>
        )}
        {row.purpose && row.kind === undefined && (
          <span class="muted">{row.subagent ? ` ${row.purpose}` : row.purpose}</span>
        )}
        {row.incomplete && <span class="tone-text tone-amber">{` ${row.incomplete}`}</span>}
      </td>
    </tr>
  );
}

function TokenCell({ count, title }: { count: number; title?: string }): VNode {
  return (
    <td
      class={count === 0 ? "number ledger-number ledger-zero" : "number ledger-number"}
      title={title ?? `${formatCount(count)} tokens`}
    >
      {formatTokens(count)}
    </td>
  );
}

/** The CLI's own figure, flagged when it is more than one percent away from ours. */
function ReportedCell({ row }: { row: LedgerRow }): VNode {
  const reported = row.reportedCostNanoUsd;
  if (reported === undefined) return <td class="number ledger-number ledger-zero">–</td>;
  const differs = costDiffers(row);
  return (
    <td
      class={differs ? "number ledger-number tone-text tone-amber" : "number ledger-number"}
      title={differs
        ? `The CLI says ${formatExactUsd(reported)}, our prices ${formatExactUsd(row.costNanoUsd)}`
        : formatExactUsd(reported)}
      data-differs={differs}
    >
      {differs && <Icon node={TriangleAlert} size={12} />}
      {formatUsd(reported)}
      {differs && <span class="visually-hidden">differs from ours</span>}
    </td>
  );
}

/** Of the whole session; under a filter, of the rows that match as far as they are loaded. */
function Totals({ ledger, usage, summaryCostNanoUsd }: LedgerTableProps): VNode {
  const filtering = ledger.isFiltering.value;
  const isOfRows = filtering || usage === undefined;
  const total = isOfRows ? sumRows(ledger.rows.value) : totalsOf(usage);
  const estimated = isOfRows ? ledger.rows.value.some(isGuess) : isEstimate(usage);
  const part = filtering && ledger.hasMore.value ? " so far" : "";
  const name = filtering ? `Matching${part}` : "Total";
  return (
    <tfoot>
      <tr data-testid="ledger-totals">
        <th scope="row">{name}</th>
        <td class="number">{formatPlural(total.calls, "call")}</td>
        <td class="number ledger-number" title={formatExactUsd(total.costNanoUsd)}>
          {formatUsd(total.costNanoUsd, { estimated })}
        </td>
        <TokenCell count={total.input} />
        <TokenCell count={total.cacheRead} />
        <TokenCell count={total.cacheWrite} />
        <TokenCell count={total.output} />
        <TokenCell count={total.input + total.cacheRead + total.cacheWrite + total.output} />
        <td colSpan={3} />
      </tr>
      {summaryCostNanoUsd !== undefined && (
        <tr data-testid="ledger-summaries">
          <th scope="row" colSpan={2}>Summaries</th>
          <td class="number ledger-number" title={formatExactUsd(summaryCostNanoUsd)}>
            {formatUsd(summaryCostNanoUsd)}
          </td>
          <td colSpan={8} class="ledger-aside">beside the total: the fleet's budgets pay for them</td>
        </tr>
      )}
    </tfoot>
  );
}

function totalsOf({ tokens, calls, costNanoUsd }: UsageView): LedgerTotals {
  return { ...tokens, calls, costNanoUsd };
}

function isGuess(row: LedgerRow): boolean {
  return row.priceEstimated || row.confidence === "estimated";
}

function modelTitle({ model, serviceTier, speed, inferenceGeo, requestId }: LedgerRow): string {
  const geo = inferenceGeo && `inference ${inferenceGeo}`;
  const more = [serviceTier && `tier ${serviceTier}`, speed && `speed ${speed}`, geo, requestId];
  return [model, ...more].filter((each) => each !== undefined).join(" · ");
}

function costTitle(row: LedgerRow): string {
  const guess = row.priceEstimated ? ", a guess: no price is stated for this model" : "";
  const tools = row.serverToolUses ? `, ${formatPlural(row.serverToolUses, "server tool use")}` : "";
  return `${formatExactUsd(row.costNanoUsd)} by price ${row.priceId}${guess}${tools}${passesText(row)}`;
}

/** What is charged run by run: a long prompt's price is that of its own run. */
function passesText({ passes }: LedgerRow): string {
  if (passes === undefined) return "";
  const others = passes.flatMap(({ model, aside }) => aside ?? model ?? []);
  const named = others.length === 0 ? "" : ` (${[...new Set(others)].join(", ")})`;
  return `, ${formatPlural(passes.length, "model run")}${named} charged one by one`;
}

function sourceTitle({ sources, confidence, requestBytes, requestSha256 }: LedgerRow): string {
  const request = requestBytes === undefined
    ? ""
    : `. Request of ${formatCount(requestBytes)} bytes, SHA-256 ${requestSha256}`;
  return `Seen by ${sources.map(sourceName).join(", ")}. ${confidenceText(confidence)}${request}`;
}
