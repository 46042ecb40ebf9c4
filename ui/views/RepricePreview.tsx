// What today's prices make of the calls so far: before and after, by model, and the question whether to apply it.

import type { VNode } from "preact";
import type { RepriceResult } from "../../server/protocol.ts";
import { formatCount, formatPlural } from "../format.ts";
import type { Prices } from "../models/prices.ts";
import { Button } from "../parts/Button.tsx";
import { Money } from "../parts/Figures.tsx";
import { TableScroll } from "../parts/TableScroll.tsx";

export function RepricePreview({ prices, result }: { prices: Prices; result: RepriceResult }): VNode {
  const close = (): void => prices.closePreview();
  if (result.changedCalls === 0) {
    return (
      <div class="reprice" role="status" data-testid="reprice">
        <span>Today's prices change none of {formatPlural(result.calls, "call")}.</span>
        <Button variant="ghost" onClick={close}>Close</Button>
      </div>
    );
  }
  return (
    <div class="reprice" role="group" aria-label="Re-pricing" data-testid="reprice">
      <p role="status">
        {result.applied ? "Re-priced: " : "Today's prices would change "}
        {formatCount(result.changedCalls)} of {formatPlural(result.calls, "call")}, from{" "}
        <strong>
          <Money nanoUsd={result.beforeNanoUsd} />
        </strong>{" "}
        to{" "}
        <strong>
          <Money nanoUsd={result.afterNanoUsd} />
        </strong>
      </p>
      <ModelsTable models={result.models} />
      <div class="price-actions">
        {!result.applied && (
          <Button
            variant="primary"
            disabled={prices.busy.value}
            testId="reprice-apply"
            onClick={() => void prices.apply()}
          >
            Re-price old calls
          </Button>
        )}
        <Button variant="ghost" onClick={close}>{result.applied ? "Close" : "Leave them as they are"}</Button>
      </div>
    </div>
  );
}

function ModelsTable({ models }: Pick<RepriceResult, "models">): VNode {
  return (
    <TableScroll label="Cost by model, before and after">
      <table class="plain-table">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" class="cell-number">Calls</th>
            <th scope="col" class="cell-number">Before</th>
            <th scope="col" class="cell-number">After</th>
          </tr>
        </thead>
        <tbody>
          {models.map((each) => (
            <tr key={each.model}>
              <th scope="row" class="mono">{each.model}</th>
              <td class="number cell-number">{formatCount(each.calls)}</td>
              <td class="cell-number">
                <Money nanoUsd={each.beforeNanoUsd} />
              </td>
              <td class="cell-number">
                <Money nanoUsd={each.afterNanoUsd} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
