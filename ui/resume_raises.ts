// What to raise so that a conversation whose limits are used up can go on: all of them with one click; pure.

import type { BudgetLineView, BudgetScope, Limits, ResumeRequest, SessionView } from "../server/protocol.ts";
import { raiseLimit, raisesOf } from "./budget_lines.ts";
import { limitText, NANO_PER_USD } from "./format_money.ts";

export interface ResumeRaise {
  /** `+$1`, and for limits of both kinds `+$1, +100 K`. */
  label: string;
  /** What each limit becomes. */
  limits: string[];
  request: ResumeRequest;
}

interface NewLimit {
  line: BudgetLineView;
  limit: number;
}

type Limited = Pick<SessionView, "budgets" | "endReason">;

/** Of a limit that stopped a session at least so much is gone, unless it was raised since. */
const STOPPED_FROM = 0.8;

/** The limits in the way: used up, or what is left was too little for the call that it was stopped at. */
export function limitsInTheWay({ budgets = [], endReason }: Limited): BudgetLineView[] {
  const usedUp = budgets.filter((line) => line.remaining <= 0);
  if (usedUp.length > 0 || endReason !== "budget") return usedUp;
  const [fullest] = budgets.toSorted((a, b) => b.fraction - a.fraction);
  return fullest === undefined || fullest.fraction < STOPPED_FROM ? [] : [fullest];
}

/** From the smallest raise to the largest; none when nothing is in the way. */
export function resumeRaises(session: Limited): ResumeRaise[] {
  const lines = limitsInTheWay(session);
  if (lines.length === 0) return [];
  return raisesOf("usd").map((_, size) => {
    const raised = lines.map((line) => ({ line, limit: raise(line, size) }));
    return {
      label: [...new Set(lines.map(({ unit }) => raisesOf(unit)[size]?.label))].join(", "),
      limits: raised.map(textOf),
      request: requestOf(raised),
    };
  });
}

function raise({ unit, limit, used }: BudgetLineView, size: number): number {
  const inUnit = (amount: number): number => unit === "usd" ? amount / NANO_PER_USD : amount;
  const step = raisesOf(unit)[size] ?? { label: "", factor: 2 };
  return raiseLimit(step, { unit, limit: inUnit(limit), spent: inUnit(used) });
}

function textOf({ line: { name, unit }, limit }: NewLimit): string {
  const text = limitText(unit, limit);
  return `${name}: ${unit === "usd" ? `$${text}` : `${text} tokens`}`;
}

function requestOf(raised: readonly NewLimit[]): ResumeRequest {
  const limitsOf = (scope: BudgetScope): Partial<Limits> =>
    Object.fromEntries(
      raised.filter(({ line }) => line.scope === scope).map(({ line, limit }) => [line.unit, limit]),
    );
  const scopes = [...new Set(raised.map(({ line }) => line.scope))];
  const above = scopes.filter((scope) => scope !== "conversation");
  return {
    ...(scopes.includes("conversation") ? { budget: limitsOf("conversation") } : {}),
    ...(above.length > 0 ? { above: above.map((scope) => ({ scope, limits: limitsOf(scope) })) } : {}),
  };
}
