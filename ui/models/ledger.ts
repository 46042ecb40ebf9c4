// The ledger of one session: rows page by page in the order asked for, kept current, and as files.

import { computed, createModel, effect, signal } from "@preact/signals";
import type { LedgerQuery, LedgerRow, Page } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { MoneyCalls } from "../api/money.ts";
import { createPagedList } from "./paged_list.ts";

export interface LedgerOptions {
  api: Pick<MoneyCalls, "listLedger" | "getLedgerFile">;
  sessionId: string;
  /** Waits a little while the user types; returns the function that gives it up. */
  debounce(callback: () => void): () => void;
  saveFile(name: string, content: Blob): void;
  onError(message: string): void;
}

export const PAGE_ROWS = 100;

const NEWEST_FIRST: LedgerQuery = { sort: "time", order: "desc" };

export const LedgerModel = createModel((options: LedgerOptions) => {
  const { api, sessionId } = options;
  const query = signal<LedgerQuery>(NEWEST_FIRST);
  /** Calls came in that the order on screen has no place for without a jump. */
  const behind = signal(false);
  const exporting = signal(false);
  let giveUpSearch: (() => void) | undefined;
  effect(() => () => giveUpSearch?.());

  const list = createPagedList<LedgerRow>({
    async fetch(cursor): Promise<Page<LedgerRow>> {
      const place = cursor === undefined ? {} : { cursor };
      const page = await api.listLedger(sessionId, { ...query.value, limit: PAGE_ROWS, ...place });
      if (cursor === undefined) behind.value = false;
      return page;
    },
    idOf: ({ id }) => id,
    mayJoin(): boolean {
      const hasPlace = isNewestFirst(query.value) || list.items.value.length === 0;
      if (!hasPlace) behind.value = true;
      return hasPlace;
    },
  });
  const { reload } = list;

  return {
    query,
    rows: list.items,
    loaded: list.loaded,
    loading: list.loading,
    error: list.error,
    behind,
    exporting,
    hasMore: list.hasMore,
    isFiltering: computed(() => (query.value.q ?? "") !== ""),
    reload,
    loadMore: list.loadMore,
    /** The session's ledger changed: new calls join at the top when the newest are shown first. */
    refresh: list.refresh,
    /** Sorts by a column; the same one again turns the order around. */
    sortBy(sort: LedgerQuery["sort"]): void {
      const now = query.value;
      const first = sort === "model" ? "asc" : "desc";
      const order = now.sort !== sort ? first : now.order === "asc" ? "desc" : "asc";
      query.value = { ...now, sort, order };
      void reload();
    },
    search(q: string): void {
      const { q: _, ...others } = query.value;
      query.value = q.trim() === "" ? others : { ...others, q: q.trim() };
      giveUpSearch?.();
      giveUpSearch = options.debounce(() => void reload());
    },
    /** Everything under the query, as a file for the user. */
    async export(format: "csv" | "json"): Promise<void> {
      if (exporting.value) return;
      exporting.value = true;
      try {
        const content = await api.getLedgerFile(sessionId, { ...query.value, format });
        options.saveFile(`ledger-${sessionId}.${format}`, content);
      } catch (thrown) {
        options.onError(`The ledger was not downloaded: ${errorMessage(thrown)}`);
      } finally {
        exporting.value = false;
      }
    },
  };
});

export type Ledger = InstanceType<typeof LedgerModel>;

/** Columns of the sum under the rows. */
export interface LedgerTotals {
  calls: number;
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  costNanoUsd: number;
}

export function sumRows(rows: readonly LedgerRow[]): LedgerTotals {
  const total = { calls: 0, input: 0, cacheRead: 0, cacheWrite: 0, output: 0, costNanoUsd: 0 };
  for (const { tokens, costNanoUsd, kind } of rows) {
    if (kind === "summary") continue;
    total.calls++;
    total.input += tokens.input;
    total.cacheRead += tokens.cacheRead;
    total.cacheWrite += tokens.cacheWrite5m + tokens.cacheWrite1h;
    total.output += tokens.output;
    total.costNanoUsd += costNanoUsd;
  }
  return total;
}

/** Rows in view for a scroll position, with as much again on either side. */
export function rowsInView(
  count: number,
  view: { top: number; height: number; rowPx: number },
): { start: number; end: number } {
  const margin = Math.ceil(view.height / view.rowPx);
  const first = Math.floor(view.top / view.rowPx);
  return {
    start: Math.max(0, Math.min(count, first - margin)),
    end: Math.min(count, first + 2 * margin + 1),
  };
}

function isNewestFirst({ sort, order }: LedgerQuery): boolean {
  return sort === "time" && order === "desc";
}
