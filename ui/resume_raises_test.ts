import assert from "node:assert/strict";
import type { BudgetLineView } from "../server/protocol.ts";
import { limitsInTheWay, resumeRaises } from "./resume_raises.ts";

function line(patch: Partial<BudgetLineView>): BudgetLineView {
  const base = {
    budgetId: "b",
    scope: "conversation",
    unit: "usd",
    name: "this conversation",
    rules: false,
  } as const;
  return { ...base, limit: 5e9, used: 5e9, remaining: 0, fraction: 1, ...patch };
}

Deno.test("every limit in the way is raised with one click, each above what was spent", () => {
  const tokens = line({ unit: "tokens", limit: 100_000, used: 130_000, remaining: -30_000 });
  const day = line({ scope: "day", name: "today", limit: 20e9, used: 20.5e9, remaining: -0.5e9 });
  const fine = line({ scope: "week", name: "this week", remaining: 1 });
  const [smallest, , largest] = resumeRaises({ budgets: [line({}), tokens, day, fine] });
  assert.equal(smallest?.label, "+$1, +100 K");
  assert.deepEqual(smallest?.limits, [
    "this conversation: $6.00",
    "this conversation: 230,000 tokens",
    "today: $21.50",
  ]);
  assert.deepEqual(smallest?.request, {
    budget: { usd: 6, tokens: 230_000 },
    above: [{ scope: "day", limits: { usd: 21.5 } }],
  });
  assert.deepEqual([largest?.label, largest?.request.budget], ["+20 %", { usd: 6, tokens: 156_000 }]);
});

Deno.test("with room under every limit nothing is raised", () => {
  assert.deepEqual(resumeRaises({ budgets: [line({ remaining: 1 })] }), []);
  assert.deepEqual(resumeRaises({}), []);
});

Deno.test("a limit that stopped a session is in the way with a little left, until it is raised", () => {
  const rest = line({ used: 4.9e9, remaining: 0.1e9, fraction: 0.98 });
  const day = line({ scope: "day", name: "today", remaining: 15e9, fraction: 0.25 });
  assert.deepEqual(limitsInTheWay({ budgets: [day, rest], endReason: "budget" }), [rest]);
  assert.deepEqual(limitsInTheWay({ budgets: [day, rest], endReason: "user_stop" }), []);
  const raised = line({ limit: 10e9, used: 4.9e9, remaining: 5.1e9, fraction: 0.49 });
  assert.deepEqual(limitsInTheWay({ budgets: [day, raised], endReason: "budget" }), []);
});
