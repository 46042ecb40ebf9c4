// The fleet's budgets for day, week and month, kept current by pushed events, and how any budget is changed.

import { computed, createModel, effect } from "@preact/signals";
import type {
  BudgetChange,
  BudgetList,
  BudgetScope,
  BudgetView,
  ServerMessage,
} from "../../server/protocol.ts";
import type { MoneyCalls } from "../api/money.ts";
import { createResource } from "./resource.ts";

export interface BudgetsOptions {
  api: Pick<MoneyCalls, "listBudgets" | "changeBudget">;
  onMessage(listener: (message: ServerMessage) => void): () => void;
}

const FLEET: readonly BudgetScope[] = ["day", "week", "month"];

export const BudgetsModel = createModel(({ api, onMessage }: BudgetsOptions) => {
  const list = createResource(() => api.listBudgets());
  const fleet = computed(() => (list.value.value?.items ?? []).filter(isFleet));

  effect(() =>
    onMessage((message) => {
      const known = list.value.peek();
      if (message.type === "budgets" && known !== undefined) list.set(withItems(known, message.items));
    })
  );

  return {
    load: list.load,
    loaded: computed(() => list.value.value !== undefined),
    error: list.error,
    /** Day, week and month, in that order. */
    fleet,
    day: computed(() => fleet.value.find(({ scope }) => scope === "day")),
    /** Repositories that have limits. */
    repositories: computed(() =>
      (list.value.value?.items ?? []).filter(({ scope }) => scope === "repository")
    ),
    /** Dollars to offer for a day, until the user has decided. */
    suggestedDayUsd: computed(() => list.value.value?.suggestedDayUsd),
    /** Sets limits. Rejects with `ApiError`. */
    async change(change: BudgetChange): Promise<BudgetView> {
      const changed = await api.changeBudget(change);
      const known = list.value.peek();
      if (known !== undefined && changed.scope !== "conversation") list.set(afterChange(known, changed));
      return changed;
    },
  };
});

export type Budgets = InstanceType<typeof BudgetsModel>;

/** What names a budget when its limits are changed. */
export function changeOf(budget: BudgetView, limits: BudgetChange["limits"]): BudgetChange {
  switch (budget.scope) {
    case "conversation":
      return { scope: budget.scope, conversationId: budget.conversationId ?? "", limits };
    case "repository":
      return { scope: budget.scope, repository: budget.repository ?? "", limits };
    default:
      return { scope: budget.scope, limits };
  }
}

function isFleet({ scope }: BudgetView): boolean {
  return FLEET.includes(scope);
}

/** Replaces what is known by id; what is new comes last. */
function withItems(known: BudgetList, items: readonly BudgetView[]): BudgetList {
  const fresh = new Map(items.map((item) => [item.id, item]));
  const kept = known.items.map((item) => {
    const next = fresh.get(item.id) ?? item;
    fresh.delete(item.id);
    return next;
  });
  return { ...known, items: [...kept, ...fresh.values()] };
}

/** A decision about the fleet's budgets ends the suggestion. */
function afterChange(known: BudgetList, changed: BudgetView): BudgetList {
  const { suggestedDayUsd, ...next } = withItems(known, [changed]);
  return isFleet(changed) || suggestedDayUsd === undefined ? next : { ...next, suggestedDayUsd };
}
