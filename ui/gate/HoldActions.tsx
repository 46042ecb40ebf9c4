// The ways on from a hold: raise the limit in the way by one click, state the model's price, or stop the session.

import { useModel } from "@preact/signals";
import { CircleStop } from "lucide";
import type { VNode } from "preact";
import type { SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { raisesOf } from "../budget_lines.ts";
import { type Hold, HoldModel, isTooSmall, obstacleOf } from "../models/hold.ts";
import { Button } from "../parts/Button.tsx";
import { ConfirmButton } from "../parts/Confirm.tsx";

interface HoldActionsProps {
  models: AppModels;
  session: SessionView;
  withStop?: boolean;
}

export function HoldActions({ models, session, withStop }: HoldActionsProps): VNode {
  const { budgets, fleetSettings, actions } = models;
  const hold = useModel(() =>
    new HoldModel({
      change: (change) => budgets.change(change),
      prices: () => fleetSettings.values.value?.prices,
      savePrices: (prices) => fleetSettings.update({ prices }),
    })
  );
  const unpriced = session.hold?.unpricedModel;
  return (
    <div class="hold-actions">
      {unpriced === undefined
        ? <Raises hold={hold} session={session} />
        : <PriceForm hold={hold} model={unpriced} />}
      {withStop && (
        <ConfirmButton
          label="Stop"
          icon={CircleStop}
          question="Stop everything in it?"
          action="Stop"
          disabled={actions.busy.value.has(session.id)}
          testId="hold-stop"
          onConfirm={() => void actions.stop(session)}
        />
      )}
      <p class="hold-said muted" role="status">
        {hold.raised.value === undefined ? "" : `${hold.raised.value}. The call that waits asks again.`}
      </p>
      {hold.error.value !== undefined && <p class="field-error" role="alert">{hold.error.value}</p>}
    </div>
  );
}

function Raises({ hold, session }: { hold: Hold; session: SessionView }): VNode | null {
  const line = obstacleOf(session);
  if (line === undefined) return null;
  return (
    <div class="hold-raises" role="group" aria-label={`Raise the budget for ${line.name}`}>
      {raisesOf(line.unit).map((raise, index) => {
        const tooSmall = isTooSmall(session, raise);
        return (
          <Button
            key={raise.label}
            variant={tooSmall ? "plain" : "primary"}
            disabled={hold.busy.value}
            title={tooSmall ? "Not enough for the call that waits" : `Raises the budget for ${line.name}`}
            testId={`hold-raise-${index}`}
            onClick={() => void hold.raise(session, raise)}
          >
            {raise.label}
          </Button>
        );
      })}
    </div>
  );
}

function PriceForm({ hold, model }: { hold: Hold; model: string }): VNode {
  return (
    <form
      class="hold-price"
      aria-label={`Price of ${model}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (hold.canSetPrice.value) void hold.setPrice(model);
      }}
    >
      <PriceField label="Input" value={hold.inputPrice} testId="hold-price-input" />
      <PriceField label="Output" value={hold.outputPrice} testId="hold-price-output" />
      <Button type="submit" variant="primary" disabled={!hold.canSetPrice.value} testId="hold-price-save">
        Set its price
      </Button>
    </form>
  );
}

function PriceField(
  { label, value, testId }: { label: string; value: { value: string }; testId: string },
): VNode {
  return (
    <label class="price-field">
      <span class="muted">{label}, $ per 1M tokens</span>
      <input
        class="input number"
        type="text"
        inputMode="decimal"
        autocomplete="off"
        value={value.value}
        data-testid={testId}
        onInput={(event) => {
          value.value = event.currentTarget.value;
        }}
      />
    </label>
  );
}
