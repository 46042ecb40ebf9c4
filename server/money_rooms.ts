// Wires what counts and limits the spending of sessions: prices, budgets, metering, the gate.
import { agentHome } from "./agents/user_files.ts";
import type { Clock } from "./clock.ts";
import { errorText } from "./errors.ts";
import { GateDesk } from "./gateway/gate_desk.ts";
import type { HolderApi } from "./holder/api.ts";
import type { Log } from "./log.ts";
import { MoneyDesk } from "./money/money_desk.ts";
import { Prices } from "./money/prices.ts";
import { SummaryMoney } from "./money/summary_money.ts";
import { loadPriceLibrary } from "./pricing/price_library.ts";
import type { ServerMessage } from "./protocol.ts";
import type { LaunchPlanner } from "./sessions/launch.ts";
import { PauseFlags } from "./sessions/pause_flags.ts";
import type { Sessions } from "./sessions/sessions.ts";
import type { SettingsService } from "./sessions/settings_service.ts";
import { Metering } from "./sources/metering.ts";
import type { FleetStore } from "./store/fleet_store.ts";

export interface MoneyOptions extends Pick<Clock, "now" | "later"> {
  store: FleetStore;
  settings: SettingsService;
  /** `PRICING_JSON` and the path of `PRICING_JSON_PATH`. */
  pricing: { json: string | undefined; jsonPath: string | undefined };
  systemTimeZone: string;
}

/** Prices and budgets, which sessions are started with. */
export interface Money {
  prices: Prices;
  money: MoneyDesk;
}

export function createMoney(options: MoneyOptions): Money {
  const { store, settings, pricing: { json, jsonPath }, now } = options;
  const prices = new Prices({
    json,
    file: jsonPath ? readPriceFile(jsonPath) : undefined,
    settings: () => settings.getFleet().prices,
    ledger: store.ledger,
    loadLibrary: loadPriceLibrary,
    now,
  });
  const money = new MoneyDesk({
    ...options,
    settings: () => settings.getFleet(),
    prices: () => prices.book,
  });
  return { prices, money };
}

export interface SpendingRoomsOptions extends Money, Clock {
  store: FleetStore;
  holder: HolderApi;
  settings: SettingsService;
  sessions: Sessions;
  planner: LaunchPlanner;
  environment: Readonly<Record<string, string>>;
  /** Header in which agents send their key. */
  keyHeader: string;
  /** The page's own address. */
  pageAddress: () => string;
  broadcast: (message: ServerMessage) => void;
  newId: () => string;
  log: Log;
}

/** What watches over the spending of running sessions. */
export interface SpendingRooms {
  metering: Metering;
  gate: GateDesk;
  /** To be awaited before what an agent sends is looked at: it can be priced then. */
  readyForCalls(): Promise<void>;
  summaryMoney: SummaryMoney;
}

export function createSpendingRooms(options: SpendingRoomsOptions): SpendingRooms {
  const { store, prices, money, log } = options;
  const metering = createMetering(options);
  const gate = createGate(options);
  const flags = new PauseFlags({
    ...options,
    listLive: () => store.sessions.listLive(),
    isLimited: (session) => money.budgets.applies(session),
  });
  money.onLimits(() => flags.refresh());
  const readyForCalls = createReadiness({ prices, gate, log });
  if (store.reservations.list().length > 0) void readyForCalls();
  const summaryMoney = new SummaryMoney({
    table: store.ledger,
    prices: () => prices.book,
    pricesReady: () => prices.ready(),
    budgets: money.budgets,
    changed: (sessionId) => money.rowsChanged(sessionId),
    now: options.now,
  });
  return { metering, gate, readyForCalls, summaryMoney };
}

function createMetering(options: SpendingRoomsOptions): Metering {
  const { store, environment, planner, prices } = options;
  return new Metering({
    ...options,
    table: store.sessions,
    ledger: store.ledger,
    pricesReady: () => prices.ready(),
    agentHomeOf: ({ kind, cwd, command }) =>
      agentHome(kind === "codex" ? "codex" : "claude", planner.tryPlan({ cwd, command })?.env ?? environment),
  });
}

function createGate(options: SpendingRoomsOptions): GateDesk {
  const { store, sessions, settings, prices } = options;
  return new GateDesk({
    ...options,
    table: store.sessions,
    reservations: store.reservations,
    gateEvents: store.gateEvents,
    settings: store.settings,
    prices: () => prices.book,
    countCacheReads: () => settings.getFleet().countCacheReads,
    keepsHashes: () => settings.getFleet().keepRequestHashes,
    onHold: (id, hold) => sessions.setHold(id, hold),
  });
}

/** Calls that were cut off are settled before the next one is looked at. A failure is told, and the next call tries again. */
function createReadiness(
  { prices, gate, log }: { prices: Prices; gate: GateDesk; log: Log },
): () => Promise<void> {
  let ready: Promise<void> | undefined;
  const prepare = async (): Promise<void> => {
    try {
      await prices.ready();
      const swept = gate.gateway.sweep();
      if (swept > 0) log.warn("Calls were cut off by the end of the last run", { calls: swept });
    } catch (cause) {
      ready = undefined;
      log.error("Calls cannot be priced", { cause });
    }
  };
  return () => ready ??= prepare();
}

/** A path that cannot be read is said on the page; it never keeps the program from starting. */
function readPriceFile(path: string): { text: string } | { problem: string } {
  try {
    return { text: Deno.readTextFileSync(path) };
  } catch (cause) {
    return { problem: `"${path}" cannot be read: ${errorText(cause)}` };
  }
}
