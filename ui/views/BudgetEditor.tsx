// The budgets of a session in a panel: its conversation and its repository, changed while it runs.

import { useModel, useSignal } from "@preact/signals";
import { SlidersHorizontal } from "lucide";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { BudgetView, SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { scopeName } from "../budget_lines.ts";
import { SessionBudgetsModel } from "../models/session_budgets.ts";
import { BudgetMeter } from "../parts/Figures.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import { Popover } from "../parts/Popover.tsx";
import { BudgetFields } from "./BudgetFields.tsx";

export function BudgetEditor({ models, session }: { models: AppModels; session: SessionView }): VNode {
  const limited = (session.budgets?.length ?? 0) > 0;
  return (
    <Popover
      label="Budgets of this session"
      buttonClass="usage-more"
      title="Change budgets"
      testId="edit-budget"
      button={
        <>
          <Icon node={SlidersHorizontal} size={14} />
          <span class={limited ? "visually-hidden" : undefined}>
            {limited ? "Change budgets" : "Set a budget"}
          </span>
        </>
      }
    >
      {(close) => <EditorBody models={models} session={session} onClose={close} />}
    </Popover>
  );
}

function EditorBody(
  { models, session, onClose }: { models: AppModels; session: SessionView; onClose(): void },
): VNode {
  const list = useModel(() => new SessionBudgetsModel({ api: models.api.money, sessionId: session.id }));
  useEffect(() => void list.load(), [session.budgets]);
  const chosen = useSignal<"conversation" | "repository">("conversation");
  if (list.error.value !== undefined && list.own.value.length === 0) {
    return (
      <ErrorNote
        what="The budgets were not loaded"
        error={list.error.value}
        onRetry={() => void list.load()}
      />
    );
  }
  if (list.own.value.length === 0) return <SkeletonRows count={3} />;
  const shown = list.own.value.find(({ scope }) => scope === chosen.value) ?? list.own.value[0];
  return (
    <div class="budget-editor" data-testid="budget-editor">
      {list.own.value.length > 1 && (
        <div class="segments" role="group" aria-label="Which budget">
          {list.own.value.map((budget) => (
            <button
              key={budget.id}
              type="button"
              class="segment"
              aria-pressed={budget === shown}
              data-testid={`budget-scope-${budget.scope}`}
              onClick={() => {
                chosen.value = budget.scope === "repository" ? "repository" : "conversation";
              }}
            >
              {budget.scope === "repository" ? `Repository ${budget.name}` : scopeName(budget.scope)}
            </button>
          ))}
        </div>
      )}
      {shown && <ChosenBudget key={shown.id} models={models} budget={shown} onChanged={list.put} />}
      <FleetBudgets models={models} budgets={list.fleet.value} onClose={onClose} />
    </div>
  );
}

function ChosenBudget(
  { models, budget, onChanged }: { models: AppModels; budget: BudgetView; onChanged(next: BudgetView): void },
): VNode {
  return (
    <>
      <p class="field-note">
        {budget.scope === "repository"
          ? "Shared by every session in this repository."
          : "Shared by this session and everything that is resumed from it."} Empty is no limit.
      </p>
      <BudgetFields budget={budget} budgets={models.budgets} onChanged={onChanged} />
    </>
  );
}

/** What applies too, and is set elsewhere. */
function FleetBudgets(
  { models, budgets, onClose }: { models: AppModels; budgets: readonly BudgetView[]; onClose(): void },
): VNode {
  const lines = budgets.flatMap((budget) => budget.lines);
  return (
    <div class="budget-fleet">
      {lines.map((line) => <BudgetMeter key={`${line.budgetId} ${line.unit}`} line={line} />)}
      <Link
        to={{ name: "settings", section: "budgets" }}
        router={models.router}
        class="text-link"
        onFollow={onClose}
      >
        {lines.length === 0 ? "Limit the whole fleet by day, week or month" : "Change the fleet's budgets"}
      </Link>
    </div>
  );
}
