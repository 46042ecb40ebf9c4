// The table of prices that the user states, in dollars per million tokens.

import { Plus, X } from "lucide";
import type { VNode } from "preact";
import { PRICE_FIELDS, type PriceDraft, type Prices } from "../models/prices.ts";
import { Button, IconButton } from "../parts/Button.tsx";

export function PriceEditor({ prices }: { prices: Prices }): VNode {
  const drafts = prices.drafts.value ?? [];
  const problems = prices.problems.value;
  return (
    <form
      class="price-editor"
      aria-label="Your prices"
      data-testid="price-editor"
      onSubmit={(event) => {
        event.preventDefault();
        void prices.save();
      }}
    >
      <p class="field-note">
        Dollars per million tokens. What is left empty follows the model's known price, else its input price.
      </p>
      <ul>
        {drafts.map((draft) => (
          <DraftRow key={draft.key} draft={draft} prices={prices} problem={problems.get(draft.key)} />
        ))}
      </ul>
      <div class="price-actions">
        <Button icon={Plus} testId="price-add" onClick={() => prices.add()}>Add a model</Button>
        <Button
          disabled={drafts.some((draft) => draft.isDefault)}
          onClick={() => prices.addDefault()}
        >
          Price of unknown models
        </Button>
        <span class="spacer" />
        <Button variant="ghost" onClick={() => prices.cancel()}>Cancel</Button>
        <Button
          type="submit"
          variant="primary"
          disabled={problems.size > 0 || prices.busy.value}
          testId="price-save"
        >
          Save prices
        </Button>
      </div>
    </form>
  );
}

function DraftRow(
  { draft, prices, problem }: { draft: PriceDraft; prices: Prices; problem: string | undefined },
): VNode {
  const name = draft.isDefault ? "unknown models" : draft.model || "new model";
  const noteId = `price-${draft.key}-note`;
  return (
    <li class="price-draft" data-testid="price-draft">
      <div class="price-fields">
        {draft.isDefault
          ? <span class="price-default">Unknown models</span>
          : (
            <label class="price-field price-model">
              <span class="muted">Model</span>
              <input
                class="input mono"
                type="text"
                autocomplete="off"
                spellcheck={false}
                value={draft.model}
                aria-describedby={noteId}
                onInput={(event) => prices.type(draft.key, { model: event.currentTarget.value })}
              />
            </label>
          )}
        {PRICE_FIELDS.map(({ field, label }) => (
          <label key={field} class="price-field">
            <span class="muted">{label}</span>
            <input
              class="input number"
              type="text"
              inputMode="decimal"
              autocomplete="off"
              value={draft.fields[field]}
              aria-describedby={noteId}
              onInput={(event) => prices.type(draft.key, { field, text: event.currentTarget.value })}
            />
          </label>
        ))}
        <IconButton icon={X} label={`Remove the price of ${name}`} onClick={() => prices.remove(draft.key)} />
      </div>
      <p id={noteId} class="field-error" aria-live="polite">{problem}</p>
    </li>
  );
}
