// The prices in force: the user's places in the order in which they win, over the built-in table.
import { createPriceBook, type PriceBook } from "../pricing/price_book.ts";
import type { PriceLibrary } from "../pricing/price_library.ts";
import { parseOverrides, type PriceOverrides } from "../pricing/overrides.ts";
import { PICO_PER_USD_PER_MILLION } from "../pricing/rates.ts";
import type { PriceEntry, PricesView, PriceTable, RepriceResult } from "../protocol.ts";
import type { LedgerTable } from "../store/ledger.ts";
import { callOf, type RowCost, type StoredRow } from "../store/ledger_rows.ts";
import type { FeedState } from "./price_feed.ts";

export interface PricesOptions {
  /** `PRICING_JSON`. */
  json: string | undefined;
  /** `PRICING_JSON_PATH`: its text, or why there is none. */
  file: { text: string } | { problem: string } | undefined;
  /** Prices edited in Settings. */
  settings: () => PriceTable;
  ledger: LedgerTable;
  loadLibrary: () => Promise<PriceLibrary>;
  now: () => number;
}

type Place = PricesView["places"][number];
type PlaceName = Place["name"];

export class Prices {
  readonly #options: PricesOptions;
  readonly #fixed: { name: PlaceName; overrides: PriceOverrides | undefined }[];
  #feed: FeedState = { state: "unused", problems: [] };
  #book: PriceBook | undefined;
  #library: PriceLibrary | undefined;
  #loading: Promise<void> | undefined;

  constructor(options: PricesOptions) {
    this.#options = options;
    this.#fixed = [
      { name: "PRICING_JSON", overrides: parseText(options.json) },
      { name: "PRICING_JSON_PATH", overrides: parseFile(options.file) },
    ];
  }

  /** Resolves when every price can be asked for; to be awaited before anything is priced. */
  ready(): Promise<void> {
    return this.#loading ??= this.#load();
  }

  /** The book to price with now. */
  get book(): PriceBook {
    this.#book ??= createPriceBook({
      overrides: this.#places().flatMap(({ overrides }) => overrides ?? []),
      library: this.#library,
    });
    return this.#book;
  }

  /** Takes a new state of `PRICING_API_URL`. */
  setFeed(feed: FeedState): void {
    this.#feed = feed;
    this.#book = undefined;
  }

  /** To be called after prices were edited in Settings. */
  settingsChanged(): void {
    this.#book = undefined;
  }

  view(): PricesView {
    const models = this.#options.ledger.listModels().map(({ model, calls }) => {
      const price = this.book.priceOf(model, this.#options.now());
      const rates = price?.tiers[0]?.rates;
      return { model, calls, price: rates ? toEntry(rates) : null, priceId: price?.id ?? "default" };
    });
    return { places: this.#places().map((place) => this.#viewPlace(place)), models };
  }

  /** What today's prices make of all rows; stores it when `apply` is set. Sums stay right throughout. */
  reprice({ apply }: { apply: boolean }): RepriceResult {
    const changes: { row: StoredRow; cost: RowCost }[] = [];
    const byModel = new Map<string, RepriceResult["models"][number]>();
    const result: RepriceResult = {
      applied: apply,
      calls: 0,
      changedCalls: 0,
      beforeNanoUsd: 0,
      afterNanoUsd: 0,
      models: [],
    };
    for (const row of this.#options.ledger.iterateAll()) {
      const cost = this.book.cost(callOf(row));
      result.calls += 1;
      result.beforeNanoUsd += row.costNanoUsd;
      result.afterNanoUsd += cost.nanoUsd;
      if (cost.nanoUsd === row.costNanoUsd && cost.priceId === row.priceId) continue;
      changes.push({ row, cost });
      addChange(byModel, { row, cost });
    }
    if (apply) this.#options.ledger.setCosts(changes);
    return { ...result, changedCalls: changes.length, models: [...byModel.values()] };
  }

  async #load(): Promise<void> {
    try {
      this.#library = await this.#options.loadLibrary();
      this.#book = undefined;
    } catch (cause) {
      this.#loading = undefined;
      throw cause;
    }
  }

  #places(): { name: PlaceName; overrides: PriceOverrides | undefined }[] {
    const settings = this.#options.settings();
    const hasSettings = Object.keys(settings.models).length > 0 || settings.default !== undefined;
    return [
      { name: "PRICING_API_URL", overrides: this.#feed.overrides },
      ...this.#fixed,
      { name: "settings", overrides: hasSettings ? parseOverrides(settings) : undefined },
    ];
  }

  #viewPlace({ name, overrides }: { name: PlaceName; overrides: PriceOverrides | undefined }): Place {
    const models = (overrides?.models.size ?? 0) + (overrides?.default ? 1 : 0);
    const problems = [...overrides?.problems ?? []];
    if (name !== "PRICING_API_URL") {
      const state = overrides === undefined ? "unused" : models === 0 ? "failed" : "in_use";
      return { name, state, models, problems };
    }
    const { state, fetchedAtMs } = this.#feed;
    const fetched = fetchedAtMs === undefined ? {} : { fetchedAtMs };
    return { name, state, models, ...fetched, problems: [...this.#feed.problems, ...problems] };
  }
}

function addChange(
  byModel: Map<string, RepriceResult["models"][number]>,
  { row, cost }: { row: StoredRow; cost: RowCost },
): void {
  const sum = byModel.get(row.model) ?? { model: row.model, calls: 0, beforeNanoUsd: 0, afterNanoUsd: 0 };
  sum.calls += 1;
  sum.beforeNanoUsd += row.costNanoUsd;
  sum.afterNanoUsd += cost.nanoUsd;
  byModel.set(row.model, sum);
}

function parseText(text: string | undefined): PriceOverrides | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  try {
    return parseOverrides(JSON.parse(text));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? "It is not valid JSON" : String(cause);
    return { models: new Map(), problems: [reason] };
  }
}

function parseFile(file: PricesOptions["file"]): PriceOverrides | undefined {
  if (file === undefined) return undefined;
  return "text" in file ? parseText(file.text) : { models: new Map(), problems: [file.problem] };
}

function toEntry(
  rates: Record<"input" | "output" | "cacheRead" | "cacheWrite5m" | "cacheWrite1h", number>,
): PriceEntry {
  return {
    inputPer1M: rates.input / PICO_PER_USD_PER_MILLION,
    outputPer1M: rates.output / PICO_PER_USD_PER_MILLION,
    cacheReadPer1M: rates.cacheRead / PICO_PER_USD_PER_MILLION,
    cacheWrite5mPer1M: rates.cacheWrite5m / PICO_PER_USD_PER_MILLION,
    cacheWrite1hPer1M: rates.cacheWrite1h / PICO_PER_USD_PER_MILLION,
  };
}
