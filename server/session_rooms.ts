// Wires the rooms that make up a session's life: launching, stopping, metering, money. Used by the root and by tests.
import { AgentLauncher } from "./agents/launcher.ts";
import { agentHome } from "./agents/user_files.ts";
import type { ArtifactList } from "./artifacts/artifact_list.ts";
import { createArtifactRooms } from "./artifacts/artifact_rooms.ts";
import { type ChangeRooms, createChangeRooms } from "./artifacts/changes/change_rooms.ts";
import type { SummaryDesk } from "./artifacts/summary/summary_desk.ts";
import { createSummaryDesk } from "./artifacts/summary/summary_rooms.ts";
import type { Vault } from "./artifacts/git/vault_api.ts";
import type { Clock } from "./clock.ts";
import { errorText } from "./errors.ts";
import { GateDesk } from "./gateway/gate_desk.ts";
import type { HolderApi, HolderEvent } from "./holder/api.ts";
import type { Log } from "./log.ts";
import { MoneyDesk } from "./money/money_desk.ts";
import { Prices } from "./money/prices.ts";
import { SummaryMoney } from "./money/summary_money.ts";
import { loadPriceLibrary } from "./pricing/price_library.ts";
import type { ServerMessage } from "./protocol.ts";
import type { DirectoryRules } from "./sessions/directories.ts";
import { LaunchPlanner } from "./sessions/launch.ts";
import { Launches } from "./sessions/launches.ts";
import { PauseFlags } from "./sessions/pause_flags.ts";
import { Sessions } from "./sessions/sessions.ts";
import { SettingsService } from "./sessions/settings_service.ts";
import { Storage } from "./sessions/storage.ts";
import { Metering } from "./sources/metering.ts";
import type { FleetStore } from "./store/fleet_store.ts";
import type { SessionRow } from "./store/sessions.ts";

export interface SessionRoomsOptions extends Clock {
  store: FleetStore;
  holder: HolderApi;
  rules: DirectoryRules;
  environment: Readonly<Record<string, string>>;
  /** Where files of runs are kept. */
  runsDirectory: string;
  /** Where a session's agent reports to, and with which key. */
  receiver: (sessionId: string) => { url: string; header: string; key: string };
  /** Header in which agents send their key. */
  keyHeader: string;
  /** Where snapshots of work trees are kept. */
  vault: Vault;
  /** Whether the environment lets them be taken without being asked for. */
  capturesGit: boolean;
  /** The page's own address. */
  pageAddress: () => string;
  /** `PRICING_JSON` and the path of `PRICING_JSON_PATH`. */
  pricing: { json: string | undefined; jsonPath: string | undefined };
  systemTimeZone: string;
  broadcast: (message: ServerMessage) => void;
  newId: () => string;
  log: Log;
}

export interface SessionRooms extends Pick<ChangeRooms, "snapshots" | "changes" | "changeWatch" | "reverts"> {
  sessions: Sessions;
  launches: Launches;
  settings: SettingsService;
  money: MoneyDesk;
  gate: GateDesk;
  /** To be awaited before what an agent sends is looked at: it can be priced then. */
  readyForCalls(): Promise<void>;
  prices: Prices;
  metering: Metering;
  storage: Storage;
  artifacts: ArtifactList;
  summaries: SummaryDesk;
  /** Takes an event of the holder. */
  handle(event: HolderEvent): void;
  /** Settles what happened while nobody looked, and watches what runs. Answers how many sessions were cut off. */
  reconcile(): Promise<number>;
  close(): Promise<void>;
}

export function createSessionRooms(options: SessionRoomsOptions): SessionRooms {
  const { store, rules, environment, runsDirectory, receiver } = options;
  const settings = new SettingsService(store.settings);
  const prices = createPrices(options, settings);
  const money = new MoneyDesk({
    ...options,
    settings: () => settings.getFleet(),
    prices: () => prices.book,
  });
  const planner = new LaunchPlanner({ ...rules, environment, loginShell: () => settings.get().loginShell });
  const launcher = new AgentLauncher({
    receiver,
    runsDirectory,
    additionsOff: () => settings.getFleet().additionsOff,
  });
  const changeRooms = createChangeRooms({
    ...options,
    table: store.snapshots,
    sessions: store.sessions,
    settings: () => settings.getSnapshots(),
    isOffByEnvironment: !options.capturesGit,
    onTotals: (id) => sessions.tellAgain(new Set([id])),
    mark: (id, marker) => sessions.addMarker(id, marker),
  });
  const { snapshots, changes, changeWatch, reverts, shownTotals } = changeRooms;
  const sessions: Sessions = new Sessions({
    ...options,
    beforeStart: (session) => snapshots.begin(session),
    changesOf: (id) => shownTotals.of(id),
    table: store.sessions,
    events: store.events,
    planner,
    launcher,
    money,
    onNeedsYou: (session, question) => tellNeedsYou(options, { session, question }),
  });
  const metering = createMetering(options, { sessions, planner, prices, money });
  const storage = new Storage({
    ...options,
    settings,
    table: store.sessions,
    deleteSession: (id) => sessions.delete(id),
    markGap: (id, text) => sessions.addMarker(id, { kind: "recording_gap", text }),
  });
  const gate = createGate(options, { sessions, settings, prices, money });
  const flags = new PauseFlags({
    ...options,
    listLive: () => store.sessions.listLive(),
    isLimited: (session) => money.budgets.applies(session),
  });
  money.onLimits(() => flags.refresh());
  const readyForCalls = createReadiness({ prices, gate, log: options.log });
  if (store.reservations.list().length > 0) void readyForCalls();
  const summaries = createSummaries(options, { sessions, settings, prices, money, changeRooms });
  connect({ ...options, sessions, money, gate, metering, changeRooms, summaries });
  const artifactRooms = createArtifactRooms({
    ...options,
    mark: (id, marker) => store.sessions.get(id) && sessions.addMarker(id, marker),
  });
  const launches = new Launches({
    table: store.sessions,
    planner,
    launcher,
    settings: () => settings.getFleet(),
    hasSharedLimits: () => money.budgets.hasSharedLimits(),
    rules,
  });
  return {
    ...{ sessions, launches, settings, money, gate, prices, metering, storage, readyForCalls },
    ...{ snapshots, changes, changeWatch, reverts },
    artifacts: artifactRooms.artifacts,
    summaries,
    handle: (event) => {
      storage.handle(event);
      artifactRooms.handle(event);
      sessions.handle(event);
      metering.handle(event);
    },
    reconcile: async () => {
      metering.adopt();
      const interrupted = await sessions.reconcile();
      changeRooms.reconcile();
      return interrupted;
    },
    close: async () => {
      artifactRooms.close();
      await Promise.all([summaries.close(), changeRooms.close(), gate.close()]);
      storage.close();
      metering.close();
      money.close();
      sessions.close();
    },
  };
}

function createMetering(
  options: SessionRoomsOptions,
  { planner, prices, ...rest }: {
    sessions: Sessions;
    planner: LaunchPlanner;
    prices: Prices;
    money: MoneyDesk;
  },
): Metering {
  const { store, environment } = options;
  return new Metering({
    ...options,
    ...rest,
    table: store.sessions,
    ledger: store.ledger,
    pricesReady: () => prices.ready(),
    agentHomeOf: ({ kind, cwd, command }) =>
      agentHome(kind === "codex" ? "codex" : "claude", planner.tryPlan({ cwd, command })?.env ?? environment),
  });
}

function createGate(
  options: SessionRoomsOptions,
  { sessions, settings, prices, money }: Pick<SessionRooms, "sessions" | "settings" | "prices" | "money">,
): GateDesk {
  const { store } = options;
  return new GateDesk({
    ...options,
    table: store.sessions,
    reservations: store.reservations,
    settings: store.settings,
    money,
    prices: () => prices.book,
    countCacheReads: () => settings.getFleet().countCacheReads,
    keepsHashes: () => settings.getFleet().keepRequestHashes,
    onHold: (id, hold) => sessions.setHold(id, hold),
  });
}

function createSummaries(
  options: SessionRoomsOptions,
  { sessions, settings, prices, money, changeRooms }:
    & Pick<SessionRooms, "sessions" | "settings" | "prices" | "money">
    & { changeRooms: ChangeRooms },
): SummaryDesk {
  const { changes, snapshots } = changeRooms;
  return createSummaryDesk({
    ...options,
    sessions,
    changes,
    snapshots,
    money: new SummaryMoney({
      table: options.store.ledger,
      prices: () => prices.book,
      pricesReady: () => prices.ready(),
      budgets: money.budgets,
      changed: (sessionId) => money.rowsChanged(sessionId),
      now: options.now,
    }),
    settings: () => settings.getSummaries(),
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

/** Kept for who was away; what pages do about it is up to their settings. */
function tellNeedsYou(
  { store, broadcast, now }: Pick<SessionRoomsOptions, "store" | "broadcast" | "now">,
  { session, question }: { session: SessionRow; question: string | undefined },
): void {
  const notice = store.notices.add({
    kind: "needs_you",
    title: `“${session.title ?? session.aiTitle ?? session.command.slice(0, 80)}” needs you`,
    text: question ?? "It waits for an answer",
    sessionId: session.id,
    atMs: now(),
  });
  broadcast({ type: "notice", notice });
}

function connect(
  { sessions, money, gate, metering, changeRooms, summaries, broadcast, log }:
    & Pick<SessionRooms, "sessions" | "money" | "gate" | "metering" | "summaries">
    & Pick<SessionRoomsOptions, "broadcast" | "log">
    & { changeRooms: ChangeRooms },
): void {
  sessions.onChange((change) => {
    broadcast(change);
    if (change.type === "session_deleted") changeRooms.sessionDeleted();
    if (change.type !== "session") return;
    changeRooms.sessionChanged(change.session);
    summaries.sessionChanged(change.session);
    metering.sessionChanged(change.session.id);
    if (change.session.lifecycle !== "ended") return;
    gate.forget(change.session.id).catch((cause) => log.error("A call could not be settled", { cause }));
  });
  sessions.onInput((id, bytes) => metering.addInput(id, bytes));
  money.setListener({
    stop: (id) => sessions.tryStop(id, "budget"),
    mark: (id, marker) => sessions.addMarker(id, marker),
    onSessions: (ids) => sessions.tellAgain(ids),
    onBudgets: (items) => broadcast({ type: "budgets", items }),
    onNotice: (notice) => broadcast({ type: "notice", notice }),
  });
}

function createPrices({ store, pricing, now }: SessionRoomsOptions, settings: SettingsService): Prices {
  const { json, jsonPath } = pricing;
  return new Prices({
    json,
    file: jsonPath ? readPriceFile(jsonPath) : undefined,
    settings: () => settings.getFleet().prices,
    ledger: store.ledger,
    loadLibrary: loadPriceLibrary,
    now,
  });
}

/** A path that cannot be read is said on the page; it never keeps the program from starting. */
function readPriceFile(path: string): { text: string } | { problem: string } {
  try {
    return { text: Deno.readTextFileSync(path) };
  } catch (cause) {
    return { problem: `"${path}" cannot be read: ${errorText(cause)}` };
  }
}
