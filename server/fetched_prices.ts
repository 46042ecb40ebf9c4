// Prices from the user's own place, if there is one: fetched in the background, kept in the store for the next start.
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import { PriceFeed } from "./money/price_feed.ts";
import type { Prices } from "./money/prices.ts";
import type { SettingTable } from "./store/settings.ts";

export interface FetchedPricesOptions {
  config: Pick<Config, "pricing">;
  settings: SettingTable;
  prices: Prices;
  log: Log;
}

/** Nothing waits for it. */
export function startPriceFeed(
  { config, settings, prices, log }: FetchedPricesOptions,
): PriceFeed | undefined {
  const { api } = config.pricing;
  if (!api) return undefined;
  const feed = new PriceFeed({
    config: api,
    stored: readStored(settings, api.url),
    onState: (state) => {
      prices.setFeed(state);
      for (const problem of state.problems) log.warn("Prices could not be fetched", { problem });
    },
    onFetched: (fetched) => settings.set({ fetchedPrices: { url: api.url, ...fetched } }),
    resolve: async (host) => {
      const found = await Promise.allSettled([Deno.resolveDns(host, "A"), Deno.resolveDns(host, "AAAA")]);
      return found.flatMap((answer) => answer.status === "fulfilled" ? answer.value : []);
    },
    fetch,
    now: Date.now,
  });
  void feed.refresh();
  return feed;
}

/** The last answer of the same place. */
function readStored(settings: SettingTable, url: string): { fetchedAtMs: number; json: unknown } | undefined {
  const stored = settings.getAll()["fetchedPrices"];
  if (typeof stored !== "object" || stored === null) return undefined;
  const { url: storedUrl, fetchedAtMs, json } = stored as Partial<Record<string, unknown>>;
  return storedUrl === url && typeof fetchedAtMs === "number" ? { fetchedAtMs, json } : undefined;
}
