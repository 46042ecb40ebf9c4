// Budgets of the fleet, what new sessions get, and what counts and when.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { BudgetView, FleetSettings, Limits, SessionKind } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { limitText, parseTokenLimit, parseUsdLimit } from "../format_money.ts";
import type { LimitUnit } from "../models/budget_form.ts";
import { ErrorNote, NotLoaded } from "../parts/Notes.tsx";
import { kindName } from "../session_status.ts";
import { Setting, Switch } from "../parts/Setting.tsx";
import { TableScroll } from "../parts/TableScroll.tsx";
import { BudgetFields } from "./BudgetFields.tsx";

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const KINDS: readonly SessionKind[] = ["claude", "codex", "shell"];
const PERIODS = { day: "A day", week: "A week", month: "A month" };

export function BudgetSettings({ models }: { models: AppModels }): VNode {
  const { budgets, fleetSettings } = models;
  const values = fleetSettings.values.value;
  return (
    <section aria-labelledby="budgets-heading" data-testid="budget-settings">
      <h2 id="budgets-heading">Budgets</h2>
      <p class="muted">
        All budgets above a session apply at once; the one with the least left rules. Tokens count input,
        output and cache writes.
      </p>
      {budgets.loaded.value ? <FleetBudgets models={models} /> : (
        <NotLoaded
          rows={3}
          what="The budgets were not loaded"
          error={budgets.error.value}
          onRetry={() => void budgets.load()}
        />
      )}
      {values && <Counting models={models} values={values} />}
      {values && <Defaults models={models} values={values} />}
      {values === undefined && fleetSettings.error.value !== undefined && (
        <ErrorNote
          what="The settings were not loaded"
          error={fleetSettings.error.value}
          onRetry={() => void fleetSettings.load()}
        />
      )}
    </section>
  );
}

function FleetBudgets({ models }: { models: AppModels }): VNode {
  const { budgets } = models;
  return (
    <>
      <div class="budget-cards">
        {budgets.fleet.value.map((budget) => (
          <BudgetCard key={budget.id} budget={budget} models={models} title={periodName(budget)} />
        ))}
      </div>
      {budgets.repositories.value.length > 0 && (
        <>
          <h3>Repositories</h3>
          <div class="budget-cards">
            {budgets.repositories.value.map((budget) => (
              <BudgetCard key={budget.id} budget={budget} models={models} title={budget.name} />
            ))}
          </div>
        </>
      )}
    </>
  );
}

function BudgetCard(
  { budget, models, title }: { budget: BudgetView; models: AppModels; title: string },
): VNode {
  return (
    <div class="budget-card">
      <h3 title={budget.repository}>{title}</h3>
      <BudgetFields budget={budget} budgets={models.budgets} />
    </div>
  );
}

function periodName({ scope, name }: BudgetView): string {
  return scope === "day" || scope === "week" || scope === "month" ? PERIODS[scope] : name;
}

function Counting({ models, values }: { models: AppModels; values: FleetSettings }): VNode {
  const { fleetSettings } = models;
  return (
    <>
      <Setting label="A week starts on" labelFor="week-start">
        <select
          id="week-start"
          class="select"
          value={values.weekStartsOn}
          data-testid="week-start"
          onChange={(event) =>
            void fleetSettings.update({
              weekStartsOn: Number(event.currentTarget.value) as FleetSettings["weekStartsOn"],
            })}
        >
          {DAYS.map((day, index) => <option key={day} value={index + 1}>{day}</option>)}
        </select>
      </Setting>
      <Setting label="Days are those of" labelFor="time-zone" note="When a day's budget begins anew.">
        <select
          id="time-zone"
          class="select time-zone"
          value={values.timeZone ?? ""}
          data-testid="time-zone"
          onChange={(event) => void fleetSettings.update({ timeZone: event.currentTarget.value || null })}
        >
          <option value="">This computer's time zone</option>
          {Intl.supportedValuesOf("timeZone").map((zone) => <option key={zone}>{zone}</option>)}
        </select>
      </Setting>
      <Switch
        id="count-cache-reads"
        label="Cache reads count as tokens"
        note="Off, a token budget counts input, output and cache writes only."
        on={values.countCacheReads}
        onChange={(countCacheReads) => void fleetSettings.update({ countCacheReads })}
      />
    </>
  );
}

function Defaults({ models, values }: { models: AppModels; values: FleetSettings }): VNode {
  return (
    <div class="defaults">
      <h3>New sessions get</h3>
      <TableScroll label="Default budgets">
        <table class="plain-table">
          <thead>
            <tr>
              <th scope="col">Agent</th>
              <th scope="col">Dollars</th>
              <th scope="col">Tokens</th>
            </tr>
          </thead>
          <tbody>
            {KINDS.map((kind) => (
              <tr key={kind}>
                <th scope="row">{kindName(kind)}</th>
                {(["usd", "tokens"] as const).map((unit) => (
                  <td key={unit}>
                    <DefaultLimit
                      label={`${kindName(kind)}: default limit in ${unit === "usd" ? "dollars" : "tokens"}`}
                      unit={unit}
                      limits={values.defaultBudgets[kind]}
                      onChange={(limits) => void models.fleetSettings.setDefaultBudget(kind, limits)}
                      testId={`default-${kind}-${unit}`}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </div>
  );
}

interface DefaultLimitProps {
  label: string;
  unit: LimitUnit;
  limits: Limits;
  testId: string;
  onChange(limits: Limits): void;
}

/** Saved when the field is left or with Enter. */
function DefaultLimit({ label, unit, limits, testId, onChange }: DefaultLimitProps): VNode {
  const problem = useSignal<string | undefined>(undefined);
  const save = (text: string): void => {
    const parsed = unit === "usd" ? parseUsdLimit(text) : parseTokenLimit(text);
    problem.value = parsed.problem;
    if (parsed.value !== undefined && parsed.value !== limits[unit]) {
      onChange({ ...limits, [unit]: parsed.value });
    }
  };
  return (
    <>
      <input
        class="input number"
        type="text"
        inputMode="decimal"
        autocomplete="off"
        placeholder="no limit"
        aria-label={label}
        aria-invalid={problem.value !== undefined}
        value={limitText(unit, limits[unit])}
        data-testid={testId}
        onChange={(event) => save(event.currentTarget.value)}
      />
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
    </>
  );
}
