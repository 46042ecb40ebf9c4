// Money, tokens and limits as small marks: short on screen, exact on hover.

import type { VNode } from "preact";
import type { BudgetLineView } from "../../server/protocol.ts";
import { budgetExplanation, budgetFigures, budgetTone } from "../budget_lines.ts";
import { formatCount } from "../format.ts";
import { formatExactUsd, formatPercent, formatTokens, formatUsd } from "../format_money.ts";

export function Money({ nanoUsd, estimated }: { nanoUsd: number; estimated?: boolean | undefined }): VNode {
  const exact = formatExactUsd(nanoUsd);
  return (
    <span class="number" title={estimated ? `about ${exact}` : exact}>
      {formatUsd(nanoUsd, { estimated: estimated ?? false })}
    </span>
  );
}

export function Tokens({ count }: { count: number }): VNode {
  return <span class="number" title={`${formatCount(count)} tokens`}>{formatTokens(count)}</span>;
}

/** How far something is used, as a bar; the words beside it say the same. */
export function Bar({ fraction, tone }: { fraction: number; tone: string }): VNode {
  const width = Math.min(100, Math.max(fraction > 0 ? 2 : 0, fraction * 100));
  return (
    <span class={`bar tone-${tone}`} aria-hidden="true">
      <span style={{ width: `${width}%` }} />
    </span>
  );
}

/** One limit: what it covers, figures, bar; marked when it is the one that rules. */
/** `alone`: the only limit there is, which needs no mark. */
export function BudgetMeter({ line, alone }: { line: BudgetLineView; alone?: boolean }): VNode {
  const tone = budgetTone(line.fraction);
  return (
    <span
      class={line.rules ? "meter meter-rules" : "meter"}
      title={budgetExplanation(line)}
      data-testid="budget-meter"
      data-scope={line.scope}
      data-unit={line.unit}
      data-rules={line.rules}
    >
      <span class="meter-text">
        <span class="meter-name">
          {line.name}
          {line.rules && !alone && <span class="meter-mark">rules</span>}
        </span>
        <span class={tone === "green" ? "number" : `number tone-text tone-${tone}`}>
          {budgetFigures(line)}
        </span>
      </span>
      <Bar fraction={line.fraction} tone={tone} />
      {tone !== "green" && <span class="visually-hidden">{formatPercent(line.fraction)} used</span>}
    </span>
  );
}

/** The thin bar of a list row. */
export function ThinBudget({ line }: { line: BudgetLineView }): VNode {
  return (
    <span class="thin-budget" title={budgetExplanation(line)} data-testid="row-budget">
      <Bar fraction={line.fraction} tone={budgetTone(line.fraction)} />
      <span class="visually-hidden">
        {formatPercent(line.fraction)} of the budget of {line.name} used
      </span>
    </span>
  );
}

const RING_PX = 28;
const RADIUS = 11;
const AROUND = 2 * Math.PI * RADIUS;

/** A ring that fills up clockwise. */
export function Ring({ fraction, tone }: { fraction: number | undefined; tone: string }): VNode {
  const drawn = Math.min(1, Math.max(0, fraction ?? 0)) * AROUND;
  const middle = RING_PX / 2;
  return (
    <svg
      class={`ring tone-${tone}`}
      width={RING_PX}
      height={RING_PX}
      viewBox={`0 0 ${RING_PX} ${RING_PX}`}
      aria-hidden="true"
    >
      <circle class="ring-track" cx={middle} cy={middle} r={RADIUS} />
      {fraction !== undefined && fraction > 0 && (
        <circle
          class="ring-done"
          cx={middle}
          cy={middle}
          r={RADIUS}
          stroke-dasharray={`${drawn} ${AROUND}`}
          transform={`rotate(-90 ${middle} ${middle})`}
        />
      )}
    </svg>
  );
}
