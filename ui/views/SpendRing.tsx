// Today's spend at the bottom of the rail: a ring against the day's budget, exact on hover.

import type { VNode } from "preact";
import type { BudgetView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { budgetTone, budgetUse, rulingLine } from "../budget_lines.ts";
import { formatExactUsd, formatUsdShort } from "../format_money.ts";
import { Ring } from "../parts/Figures.tsx";
import { Link } from "../parts/Link.tsx";

export function SpendRing({ models }: { models: AppModels }): VNode | null {
  const day = models.budgets.day.value;
  if (day === undefined) return null;
  const line = rulingLine(day.lines.filter(({ unit }) => unit === "usd")) ?? rulingLine(day.lines);
  const text = spendText(day);
  return (
    <Link
      to={{ name: "settings", section: "budgets" }}
      router={models.router}
      class="rail-item rail-spend"
      testId="spend-ring"
    >
      <Ring fraction={line?.fraction} tone={line === undefined ? "neutral" : budgetTone(line.fraction)} />
      <span class="rail-amount number">{formatUsdShort(day.spent.nanoUsd)}</span>
      <span class="visually-hidden">spent today. {text}</span>
      <span class="rail-tip" aria-hidden="true">{text}</span>
    </Link>
  );
}

function spendText(day: BudgetView): string {
  if (day.lines.length > 0) return day.lines.map(budgetUse).join(". ");
  return `${formatExactUsd(day.spent.nanoUsd)} spent today, no day budget`;
}
