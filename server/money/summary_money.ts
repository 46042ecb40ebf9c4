// What summaries cost: rows of their own in the ledger, paid for by the fleet's budgets and by no session's.
import type { PriceBook } from "../pricing/price_book.ts";
import type { LedgerTable } from "../store/ledger.ts";
import type { RowCost } from "../store/ledger_rows.ts";
import type { SessionRow } from "../store/sessions.ts";
import { type ModelCall, NO_TOKENS } from "../usage/model_call.ts";
import type { Budgets } from "./budgets.ts";
import { formatAmount, formatLine } from "./format_amount.ts";

export interface SummaryMoneyOptions {
  table: Pick<LedgerTable, "write">;
  prices: () => PriceBook;
  budgets: Pick<Budgets, "listFleet">;
  /** What summaries cost can be told; at once when that is left out. */
  pricesReady?: () => Promise<void>;
  /** Called after rows were written. */
  changed: (sessionId: string) => void;
  now: () => number;
}

export class SummaryMoney {
  readonly #options: SummaryMoneyOptions;

  constructor(options: SummaryMoneyOptions) {
    this.#options = options;
  }

  /** To be awaited before anything is priced. */
  async ready(): Promise<void> {
    await this.#options.pricesReady?.();
  }

  /** The most that a call can cost: no token is shorter than a byte. */
  maxCostNanoUsd({ model, bytes, maxTokens }: { model: string; bytes: number; maxTokens: number }): number {
    const { prices, now } = this.#options;
    const counts = { ...NO_TOKENS, input: bytes, output: maxTokens };
    return prices().cost({ model, atMs: now(), ...counts }).nanoUsd;
  }

  /** Why no budget of the fleet has so much left, in a sentence; undefined when each of them has. */
  refusal({ nanoUsd, tokens }: { nanoUsd: number; tokens: number }): string | undefined {
    const lines = this.#options.budgets.listFleet().flatMap((budget) => budget.lines);
    const tight = lines.find(({ unit, remaining }) => remaining < (unit === "usd" ? nanoUsd : tokens));
    if (!tight) return undefined;
    const { name, unit, remaining } = tight;
    if (remaining <= 0) {
      return `The budget of ${name} is used up (${formatLine(tight)}): raise it to make a summary`;
    }
    const needs = formatAmount(unit === "usd" ? nanoUsd : tokens, unit);
    return `A summary may take up to ${needs}, and ${name} has ${
      formatAmount(remaining, unit)
    } left: raise that budget`;
  }

  /** Stores a call that was answered; `key` names it within its session. */
  record(session: SessionRow, { key, call }: { key: string; call: Omit<ModelCall, "key"> }): RowCost {
    const row: ModelCall = { ...call, key };
    const { nanoUsd, priceId, estimated } = this.#options.prices().cost(row);
    const cost = { nanoUsd, priceId, estimated };
    this.#options.table.write({
      owner: {
        sessionId: session.id,
        conversationId: session.conversationId,
        kind: "summary",
        repositoryRoot: session.repositoryRoot,
        branch: session.branch,
      },
      upserted: [{
        key,
        call: row,
        sources: [row.source],
        members: [{ source: row.source, key }],
        cost,
        isShared: true,
      }],
      removed: [],
      states: [],
    });
    this.#options.changed(session.id);
    return cost;
  }
}
