// Prices: the places they come from, models in use and what they cost, an editor of overrides, and re-pricing.

import { useModel } from "@preact/signals";
import { Pencil } from "lucide";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { FleetSettings, PriceEntry, PricesView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatCount, formatExact, formatPlural } from "../format.ts";
import { formatPrice } from "../format_money.ts";
import { type Prices, PricesModel } from "../models/prices.ts";
import { Button } from "../parts/Button.tsx";
import { NotLoaded } from "../parts/Notes.tsx";
import { TableScroll } from "../parts/TableScroll.tsx";
import { PriceEditor } from "./PriceEditor.tsx";
import { RepricePreview } from "./RepricePreview.tsx";

const STATES = {
  unused: { text: "not set", tone: "neutral" },
  in_use: { text: "in use", tone: "green" },
  stale: { text: "out of date, still used", tone: "amber" },
  failed: { text: "failed", tone: "red" },
};

export function PriceSettings({ models }: { models: AppModels }): VNode {
  const { fleetSettings } = models;
  const prices = useModel(() =>
    new PricesModel({ api: models.api.money, save: (table) => fleetSettings.update({ prices: table }) })
  );
  useEffect(() => void prices.prices.load(), []);
  const loaded = prices.prices.value.value;
  const stored = fleetSettings.values.value?.prices;
  return (
    <section aria-labelledby="prices-heading" data-testid="price-settings">
      <h2 id="prices-heading">Prices</h2>
      <p class="muted">
        Built-in prices follow the vendors' published figures. What is set here or in the environment wins.
      </p>
      {loaded === undefined
        ? (
          <NotLoaded
            rows={4}
            what="The prices were not loaded"
            error={prices.prices.error.value}
            onRetry={() => void prices.prices.load()}
          />
        )
        : (
          <>
            <Places places={loaded.places} />
            <UsedModels models={loaded.models} prices={prices} canAdd={prices.drafts.value !== undefined} />
          </>
        )}
      {prices.drafts.value === undefined
        ? <Actions prices={prices} stored={stored} />
        : <PriceEditor prices={prices} />}
      {prices.error.value && <p class="field-error" role="alert">{prices.error.value}</p>}
      {prices.preview.value && <RepricePreview prices={prices} result={prices.preview.value} />}
    </section>
  );
}

function Actions(
  { prices, stored }: { prices: Prices; stored: FleetSettings["prices"] | undefined },
): VNode {
  return (
    <div class="price-actions">
      <Button
        icon={Pencil}
        disabled={stored === undefined}
        testId="edit-prices"
        onClick={() => stored && prices.edit(stored)}
      >
        Edit prices
      </Button>
      <Button disabled={prices.busy.value} testId="reprice-look" onClick={() => void prices.look()}>
        What would today's prices change?
      </Button>
    </div>
  );
}

function Places({ places }: { places: PricesView["places"] }): VNode {
  return (
    <ul class="price-places" aria-label="Places of prices, the first wins">
      {places.map((place) => {
        const state = STATES[place.state];
        return (
          <li key={place.name} class="price-place">
            <code>{place.name === "settings" ? "Settings" : place.name}</code>
            <span class={`tone-text tone-${state.tone}`}>{state.text}</span>
            {place.models > 0 && <span class="muted number">{formatPlural(place.models, "model")}</span>}
            {place.fetchedAtMs !== undefined && (
              <span class="muted">fetched {formatExact(place.fetchedAtMs)}</span>
            )}
            {place.problems.map((problem) => <span key={problem} class="price-problem">{problem}</span>)}
          </li>
        );
      })}
    </ul>
  );
}

function UsedModels(
  { models, prices, canAdd }: { models: PricesView["models"]; prices: Prices; canAdd: boolean },
): VNode {
  if (models.length === 0) {
    return <p class="muted">Models appear here with their price once one was called.</p>;
  }
  return (
    <TableScroll label="Models and their prices">
      <table class="plain-table" data-testid="used-models">
        <caption class="visually-hidden">Models in the ledger, dollars per million tokens</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" class="cell-number">Calls</th>
            <th scope="col" class="cell-number">Input</th>
            <th scope="col" class="cell-number">Output</th>
            <th scope="col" class="cell-number">Cache read</th>
            <th scope="col" class="price-from">Price from</th>
            {canAdd && (
              <th scope="col">
                <span class="visually-hidden">Override</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {models.map(({ model, calls, price, priceId }) => (
            <tr key={model}>
              <th scope="row" class="mono">{model}</th>
              <td class="number cell-number">{formatCount(calls)}</td>
              <PriceCell price={price} field="inputPer1M" />
              <PriceCell price={price} field="outputPer1M" />
              <PriceCell price={price} field="cacheReadPer1M" />
              <td class="muted price-from">
                {price !== null
                  ? priceId
                  : model === "unknown"
                  ? "no model was named: default rate"
                  : "nobody stated one: default rate"}
              </td>
              {canAdd && (
                <td>
                  <Button variant="ghost" onClick={() => prices.add(model, price)}>Override</Button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function PriceCell({ price, field }: { price: PriceEntry | null; field: keyof PriceEntry }): VNode {
  const usd = price?.[field];
  return <td class="number cell-number">{usd === undefined ? "–" : formatPrice(usd)}</td>;
}
