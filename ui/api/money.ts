// Calls about money: the ledger, budgets, prices.

import type {
  BudgetChange,
  BudgetList,
  BudgetView,
  LedgerQuery,
  LedgerRow,
  Page,
  PricesView,
  RepriceResult,
} from "../../server/protocol.ts";
import type { Requests } from "./requests.ts";

/** What model calls cost and may cost. Methods reject as `Requests` do. */
export class MoneyCalls {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  listLedger(id: string, page: LedgerQuery & { limit: number; cursor?: string }): Promise<Page<LedgerRow>> {
    return this.#requests.json(`/api/sessions/${id}/ledger`, { query: { ...page } });
  }

  /** All rows under a query, as a file. */
  async getLedgerFile(id: string, file: LedgerQuery & { format: "csv" | "json" }): Promise<Blob> {
    const { format, ...query } = file;
    return await (await this.#requests.respond(`/api/sessions/${id}/ledger.${format}`, { query })).blob();
  }

  listBudgets(sessionId?: string): Promise<BudgetList> {
    return this.#requests.json("/api/budgets", { query: { sessionId } });
  }

  changeBudget(change: BudgetChange): Promise<BudgetView> {
    return this.#requests.json("/api/budgets", { method: "PATCH", body: change });
  }

  getPrices(): Promise<PricesView> {
    return this.#requests.json("/api/prices");
  }

  /** Without `apply` only says what would change. */
  reprice(apply: boolean): Promise<RepriceResult> {
    return this.#requests.json("/api/prices/reprice", { method: "POST", body: { apply } });
  }
}
