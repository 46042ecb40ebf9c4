import assert from "node:assert/strict";
import type { BudgetChange, BudgetList, BudgetView, ServerMessage } from "../../server/protocol.ts";
import { makeBudget } from "../testing/money.ts";
import { type Budgets, BudgetsModel, changeOf } from "./budgets.ts";

const WEEK = makeBudget({ id: "week", scope: "week", name: "this week" });

function setUp(list: BudgetList): {
  budgets: Budgets;
  push(message: ServerMessage): void;
  changes: BudgetChange[];
} {
  const listeners = new Set<(message: ServerMessage) => void>();
  const changes: BudgetChange[] = [];
  const budgets = new BudgetsModel({
    api: {
      listBudgets: () => Promise.resolve(list),
      changeBudget: (change) => {
        changes.push(change);
        return Promise.resolve(
          makeBudget({ scope: change.scope, limits: { usd: null, tokens: null, ...change.limits } }),
        );
      },
    },
    onMessage: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  return { budgets, changes, push: (message) => listeners.forEach((listener) => listener(message)) };
}

Deno.test("pushed periods replace what is known and leave repositories alone", async () => {
  const repository = makeBudget({ id: "r", scope: "repository", name: "main", repository: "/work/main" });
  const { budgets, push } = setUp({ items: [makeBudget(), WEEK, repository] });
  push({ type: "budgets", items: [makeBudget({ spent: { nanoUsd: 9, tokens: 9 } })] });
  assert.equal(budgets.loaded.value, false);
  await budgets.load();
  push({ type: "budgets", items: [makeBudget({ spent: { nanoUsd: 5, tokens: 1 } })] });
  assert.equal(budgets.day.value?.spent.nanoUsd, 5);
  assert.deepEqual(budgets.fleet.value.map(({ id }) => id), ["day", "week"]);
  assert.deepEqual(budgets.repositories.value.map(({ id }) => id), ["r"]);
});

Deno.test("a decision about the fleet ends the suggestion, one about a repository does not", async () => {
  const { budgets, changes } = setUp({ items: [makeBudget(), WEEK], suggestedDayUsd: 20 });
  await budgets.load();
  assert.equal(budgets.suggestedDayUsd.value, 20);
  await budgets.change({ scope: "conversation", conversationId: "c1", limits: { usd: 1 } });
  assert.equal(budgets.suggestedDayUsd.value, 20);
  await budgets.change({ scope: "day", limits: { usd: 20 } });
  assert.equal(budgets.suggestedDayUsd.value, undefined);
  assert.equal(budgets.day.value?.limits.usd, 20);
  assert.equal(changes.length, 2);
});

Deno.test("a change names its budget by scope", () => {
  const limits = { usd: 5 };
  const of = (patch: Partial<BudgetView>): BudgetChange => changeOf(makeBudget(patch), limits);
  assert.deepEqual(of({}), { scope: "day", limits });
  assert.deepEqual(of({ scope: "repository", repository: "/r" }), {
    scope: "repository",
    repository: "/r",
    limits,
  });
  assert.deepEqual(of({ scope: "conversation", conversationId: "c" }), {
    scope: "conversation",
    conversationId: "c",
    limits,
  });
});
