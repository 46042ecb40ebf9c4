// Who makes summaries, with which model, and whether one is made when a session ends.

import { useModel } from "@preact/signals";
import { List } from "lucide";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { SummaryProviderView, SummarySettings as Values } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { SummarySettingsModel, type SummarySettingsStore } from "../models/summary_settings.ts";
import { Button } from "../parts/Button.tsx";
import { NotLoaded } from "../parts/Notes.tsx";
import { Setting, Switch } from "../parts/Setting.tsx";

export function SummarySettings({ models }: { models: AppModels }): VNode {
  const store = useModel(() => new SummarySettingsModel({ api: models.api.settings }));
  useEffect(() => void store.load(), []);
  const values = store.values.value.value;
  const providers = store.providers.value.value;
  const error = store.values.error.value ?? store.providers.error.value;
  return (
    <section aria-labelledby="summaries-heading" data-testid="summary-settings">
      <h2 id="summaries-heading">Summaries</h2>
      <p class="muted">
        A title and two or three sentences about a session, made by a model. Keys and passwords are masked
        before anything is sent; what it costs counts in the budgets of the fleet.
      </p>
      {values !== undefined && providers !== undefined
        ? <Choices store={store} values={values} providers={providers} />
        : (
          <NotLoaded
            rows={3}
            what="The settings were not loaded"
            error={error}
            onRetry={() => void store.load()}
          />
        )}
      {store.problem.value !== undefined && <p class="field-error" role="alert">{store.problem.value}</p>}
    </section>
  );
}

interface ChoicesProps {
  store: SummarySettingsStore;
  values: Values;
  providers: readonly SummaryProviderView[];
}

function Choices({ store, values, providers }: ChoicesProps): VNode {
  return (
    <>
      <Setting
        label="Made by"
        labelFor="summary-provider"
        note="Left open: LiteLLM where it is set up, or else the Claude API."
      >
        <select
          id="summary-provider"
          class="select"
          value={values.summaryProvider}
          data-testid="summary-provider"
          onChange={(event) =>
            void store.update({ summaryProvider: event.currentTarget.value as Values["summaryProvider"] })}
        >
          <option value="auto">Whoever is set up</option>
          {providers.map(({ id, name, host }) => (
            <option key={id} value={id}>
              {host === undefined ? `${name} (not set up)` : `${name}, ${host}`}
            </option>
          ))}
        </select>
      </Setting>
      {providers.map((provider) => (
        <ModelChoice key={provider.id} store={store} values={values} provider={provider} />
      ))}
      <Switch
        id="summary-at-end"
        label="When a session ends"
        note="Made after its last snapshot, without being asked: what is described above leaves this machine each time."
        on={values.summaryAtEnd}
        onChange={(summaryAtEnd) => void store.update({ summaryAtEnd })}
      />
    </>
  );
}

function ModelChoice(
  { store, values, provider }: Omit<ChoicesProps, "providers"> & { provider: SummaryProviderView },
): VNode {
  const { id, name, problem } = provider;
  const field = id === "claude" ? "summaryClaudeModel" : "summaryLitellmModel";
  const list = store.models.value[id];
  const inputId = `summary-model-${id}`;
  return (
    <Setting
      label={`Model of ${name}`}
      labelFor={inputId}
      note={problem ?? (list?.state === "failed" ? list.error : listText(list))}
    >
      <div class="summary-model">
        <input
          id={inputId}
          class="input mono"
          list={`${inputId}-list`}
          value={values[field]}
          data-testid={inputId}
          onChange={(event) => void store.update({ [field]: event.currentTarget.value.trim() })}
        />
        <datalist id={`${inputId}-list`}>
          {list?.state === "ready" && list.models.map((model) => <option key={model} value={model} />)}
        </datalist>
        <Button
          icon={List}
          disabled={problem !== undefined || list?.state === "loading"}
          testId={`${inputId}-list-button`}
          onClick={() => void store.listModels(id)}
        >
          List models
        </Button>
      </div>
    </Setting>
  );
}

function listText(list: { state: string; models?: readonly string[] } | undefined): string {
  if (list?.models === undefined) return "Any that it lists.";
  const some = list.models.slice(0, 8).join(", ");
  return list.models.length > 8
    ? `It lists ${list.models.length}: ${some}, …`
    : `It lists: ${some || "none"}.`;
}
