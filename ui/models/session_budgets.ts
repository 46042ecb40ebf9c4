// Every budget above one session, loaded while its editor is open.

import { computed, createModel } from "@preact/signals";
import type { BudgetView } from "../../server/protocol.ts";
import type { MoneyCalls } from "../api/money.ts";
import { createResource } from "./resource.ts";

export interface SessionBudgetsOptions {
  api: Pick<MoneyCalls, "listBudgets">;
  sessionId: string;
}

export const SessionBudgetsModel = createModel(({ api, sessionId }: SessionBudgetsOptions) => {
  const list = createResource(async () => (await api.listBudgets(sessionId)).items);
  const items = computed(() => list.value.value ?? []);

  return {
    load: list.load,
    error: list.error,
    /** Its conversation's and its repository's, in that order. */
    own: computed(() => [
      ...items.value.filter(({ scope }) => scope === "conversation"),
      ...items.value.filter(({ scope }) => scope === "repository"),
    ]),
    /** Day, week and month. */
    fleet: computed(() =>
      items.value.filter(({ scope }) => scope !== "conversation" && scope !== "repository")
    ),
    /** Takes in what was saved. */
    put(changed: BudgetView): void {
      list.set(items.value.map((item) => item.id === changed.id ? changed : item));
    },
  };
});
