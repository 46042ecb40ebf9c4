// One budget of the gate: what of it is left for whom, and which limit stands in a call's way.
import { addAmounts } from "./gate_step.ts";
import type { Limits } from "./limits.ts";
import { type Amount, BUDGET_UNITS, type BudgetUnit, inUnit } from "./spend.ts";

/** One budget as the gate knows it. `spent + reserved` exceeds a limit only if that was lowered afterwards. */
export interface GateNode extends Limits {
  id: string;
  spent: Amount;
  reserved: Amount;
}

/** The limit that stands in a call's way. */
export interface GateRuling {
  nodeId: string;
  unit: BudgetUnit;
  limit: number;
  spent: number;
  /** What the smallest useful answer would have needed. */
  needed: number;
}

/** What calls that settle could still spend; endless without a limit. */
export function unspentRoom(node: GateNode): Amount {
  return {
    nanoUsd: (node.nanoUsd ?? Infinity) - node.spent.nanoUsd,
    tokens: (node.tokens ?? Infinity) - node.spent.tokens,
  };
}

/** What no call holds yet. */
export function freeRoom(node: GateNode): Amount {
  return addAmounts(unspentRoom(node), node.reserved, -1);
}

/** The limit that leaves the least for a call that does not fit; of equals the narrowest. */
export function rulingOf(nodes: readonly GateNode[], needed: Amount): GateRuling {
  const lines = nodes.flatMap((node) =>
    BUDGET_UNITS.map((unit) => ({
      nodeId: node.id,
      unit,
      limit: (unit === "usd" ? node.nanoUsd : node.tokens) ?? Infinity,
      spent: inUnit(node.spent, unit),
      needed: inUnit(needed, unit),
    }))
  ).filter((line) => line.spent + line.needed > line.limit);
  const shares = lines.map((line) => ({ line, left: (line.limit - line.spent) / line.needed }));
  const [first] = shares.sort((one, other) => one.left - other.left);
  if (first === undefined) throw new RangeError("Cannot name a limit for a call that fits");
  return first.line;
}
