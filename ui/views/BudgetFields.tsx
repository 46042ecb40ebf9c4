// The limits of one budget: a field for dollars and one for tokens, each with raises at one click and a way to remove it.

import { useModel } from "@preact/signals";
import { X } from "lucide";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { BudgetView } from "../../server/protocol.ts";
import { raisesOf } from "../budget_lines.ts";
import { type BudgetForm, BudgetFormModel, type LimitUnit } from "../models/budget_form.ts";
import { type Budgets, changeOf } from "../models/budgets.ts";
import { Button, IconButton } from "../parts/Button.tsx";
import { BudgetMeter, Money, Tokens } from "../parts/Figures.tsx";
import { LimitInput } from "../parts/LimitInput.tsx";

export interface BudgetFieldsProps {
  budget: BudgetView;
  budgets: Budgets;
  /** Called with what was saved. */
  onChanged?: ((budget: BudgetView) => void) | undefined;
}

export function BudgetFields({ budget, budgets, onChanged }: BudgetFieldsProps): VNode {
  const form = useModel(() =>
    new BudgetFormModel({
      budget,
      save: async (limits) => {
        const changed = await budgets.change(changeOf(budget, limits));
        onChanged?.(changed);
        return changed;
      },
    })
  );
  useEffect(() => form.follow(budget), [budget]);
  return (
    <form
      class="budget-fields"
      aria-label={`Budget: ${budget.name}`}
      data-testid={`budget-form-${budget.scope}`}
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      <SpentLine budget={form.budget.value} />
      <LimitField form={form} unit="usd" label="Dollars" />
      <LimitField form={form} unit="tokens" label="Tokens" />
      {form.warning.value && <p class="field-note tone-text tone-amber">{form.warning.value}</p>}
      {form.problem.value && <p class="field-error" role="alert">{form.problem.value}</p>}
      <div class="budget-save">
        <Button type="submit" variant="primary" disabled={!form.canSave.value} testId="budget-save">
          {form.saving.value ? "Saving…" : "Save"}
        </Button>
        <span class="muted" role="status">{form.saved.value ? "Saved" : ""}</span>
      </div>
    </form>
  );
}

function SpentLine({ budget }: { budget: BudgetView }): VNode {
  if (budget.lines.length > 0) {
    return (
      <div class="budget-lines">
        {budget.lines.map((line) => <BudgetMeter key={line.unit} line={line} />)}
      </div>
    );
  }
  return (
    <p class="muted">
      <Money nanoUsd={budget.spent.nanoUsd} /> and <Tokens count={budget.spent.tokens} />{" "}
      tokens so far, no limit
    </p>
  );
}

interface LimitFieldProps {
  form: BudgetForm;
  unit: LimitUnit;
  label: string;
}

function LimitField({ form, unit, label }: LimitFieldProps): VNode {
  const problem = form.problems[unit].value;
  const id = `limit-${form.budget.value.id}-${unit}`;
  const noteId = `${id}-note`;
  const limited = form.budget.value.limits[unit] !== null;
  return (
    <div class="limit-field">
      <label for={id}>{label}</label>
      <div class="limit-input">
        <LimitInput
          id={id}
          value={form.text[unit].value}
          isInvalid={problem !== undefined}
          describedBy={noteId}
          testId={`limit-${unit}`}
          onType={(text) => form.type(unit, text)}
        />
        {limited && (
          <IconButton
            icon={X}
            label={`Remove the limit in ${label.toLowerCase()}`}
            disabled={form.saving.value}
            testId={`limit-${unit}-remove`}
            onClick={() => void form.remove(unit)}
          />
        )}
      </div>
      <div class="limit-raises" role="group" aria-label={`Raise the limit in ${label.toLowerCase()}`}>
        {raisesOf(unit).map((raise) => (
          <button
            key={raise.label}
            type="button"
            class="pick number"
            disabled={form.saving.value || ("factor" in raise && !limited)}
            onClick={() => void form.raise(unit, raise)}
          >
            {raise.label}
          </button>
        ))}
      </div>
      <p id={noteId} class="field-error" aria-live="polite">{problem}</p>
    </div>
  );
}
