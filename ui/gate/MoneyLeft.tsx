// What a session may still spend, at its top, with the limit that rules.

import type { VNode } from "preact";
import type { SessionView } from "../../server/protocol.ts";
import { budgetExplanation, budgetTone, moneyLeft } from "../budget_lines.ts";
import { isLive } from "../session_status.ts";

export function MoneyLeft({ session }: { session: SessionView }): VNode | null {
  const rest = moneyLeft(session);
  if (rest === undefined) {
    // What has ended spends nothing, unless it goes on.
    if (!isLive(session) && session.resume === undefined) return null;
    return <span class="money-left muted" data-testid="money-left">no limit</span>;
  }
  const { line, left, of } = rest;
  const tone = budgetTone(line.fraction);
  const isOneOfSeveral = (session.budgets?.length ?? 0) > 1;
  return (
    <span
      class={`money-left tone-${tone}`}
      title={budgetExplanation(line)}
      data-testid="money-left"
      data-tone={tone}
    >
      <strong class={tone === "green" ? "number" : "number tone-text"}>{left}</strong>{" "}
      <span class="number">left of {of}</span>{" "}
      <span class="muted">{line.rules && isOneOfSeveral ? `${line.name} rules` : line.name}</span>
    </span>
  );
}
