// The offer of a first day budget: one click, another amount, or none. It leaves once it is decided.

import { useSignal } from "@preact/signals";
import { Gauge } from "lucide";
import type { VNode } from "preact";
import { errorMessage } from "../api/api_error.ts";
import type { AppModels } from "../app_models.ts";
import { formatUsdLimit, NANO_PER_USD } from "../format_money.ts";
import { Button } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";

export function DayBudgetOffer({ models }: { models: AppModels }): VNode | null {
  const { budgets, toasts, router } = models;
  const busy = useSignal(false);
  const suggested = budgets.suggestedDayUsd.value;
  if (suggested === undefined) return null;
  const amount = formatUsdLimit(suggested * NANO_PER_USD);
  const decide = async (usd: number | null): Promise<void> => {
    busy.value = true;
    try {
      await budgets.change({ scope: "day", limits: { usd } });
      if (usd !== null) toasts.show({ tone: "success", text: `The fleet may spend ${amount} a day` });
    } catch (thrown) {
      toasts.show({ tone: "error", text: `The budget was not set: ${errorMessage(thrown)}` });
    } finally {
      busy.value = false;
    }
  };
  return (
    <section class="offer" aria-labelledby="offer-heading" data-testid="day-budget-offer">
      <Icon node={Gauge} size={20} />
      <div class="offer-text">
        <h2 id="offer-heading">No spending limit yet</h2>
        <p class="muted">
          With a day budget every agent is stopped cleanly once they have spent it together. It can be changed
          at any time.
        </p>
      </div>
      <div class="offer-actions">
        <Button
          variant="primary"
          disabled={busy.value}
          testId="offer-accept"
          onClick={() => void decide(suggested)}
        >
          {`Limit to ${amount} a day`}
        </Button>
        <Button onClick={() => router.go({ name: "settings", section: "budgets" })}>Other amount</Button>
        <Button
          variant="ghost"
          disabled={busy.value}
          testId="offer-decline"
          onClick={() => void decide(null)}
        >
          No limit
        </Button>
      </div>
    </section>
  );
}
