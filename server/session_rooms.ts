// Wires the rooms that make up a session's life: launching, stopping, metering, money. Used by the root and by tests.
import { join } from "node:path";
import { AgentLauncher } from "./agents/launcher.ts";
import type { ArtifactList } from "./artifacts/artifact_list.ts";
import { type ArtifactRooms, createArtifactRooms } from "./artifacts/artifact_rooms.ts";
import { type ChangeRooms, createChangeRooms } from "./artifacts/changes/change_rooms.ts";
import type { Vault } from "./artifacts/git/vault_api.ts";
import type { SummaryDesk } from "./artifacts/summary/summary_desk.ts";
import { createSummaryDesk } from "./artifacts/summary/summary_rooms.ts";
import type { Clock } from "./clock.ts";
import type { HolderApi, HolderEvent } from "./holder/api.ts";
import type { Log } from "./log.ts";
import {
  createMoney,
  createSpendingRooms,
  type Money,
  type MoneyOptions,
  type SpendingRooms,
} from "./money_rooms.ts";
import type { ServerMessage } from "./protocol.ts";
import type { DirectoryRules } from "./sessions/directories.ts";
import { DamagedRecordings } from "./sessions/damaged_recordings.ts";
import { LaunchPlanner } from "./sessions/launch.ts";
import { Launches } from "./sessions/launches.ts";
import { nameSession } from "./session_name.ts";
import { Sessions } from "./sessions/sessions.ts";
import { SettingsService } from "./sessions/settings_service.ts";
import { Storage } from "./sessions/storage.ts";
import type { FleetStore } from "./store/fleet_store.ts";
import { listMovedAside } from "./store/integrity.ts";
import type { SessionRow } from "./store/sessions.ts";

export interface SessionRoomsOptions extends Clock, Pick<MoneyOptions, "pricing" | "systemTimeZone"> {
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
  broadcast: (message: ServerMessage) => void;
  newId: () => string;
  log: Log;
}

export interface SessionRooms
  extends
    Money,
    Pick<SpendingRooms, "metering" | "gate" | "readyForCalls">,
    Pick<ChangeRooms, "snapshots" | "changes" | "changeWatch" | "reverts"> {
  sessions: Sessions;
  launches: Launches;
  settings: SettingsService;
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
  const { store } = options;
  const settings = new SettingsService(store.settings);
  const { prices, money } = createMoney({ ...options, settings });
  const { planner, launcher, launches } = createLaunching(options, { settings, money });
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
    ...{ planner, launcher, money },
    onNeedsYou: (session, question) => tellNeedsYou(options, { session, question }),
  });
  const spending = createSpendingRooms({ ...options, sessions, settings, planner, prices, money });
  const { metering, gate, readyForCalls, summaryMoney } = spending;
  const storage = new Storage({
    ...options,
    settings,
    table: store.sessions,
    deleteSession: (id) => sessions.delete(id),
    markGap: (id, text) => sessions.addMarker(id, { kind: "recording_gap", text }),
    damaged: new DamagedRecordings({
      ...options,
      list: () => listMovedAside(join(options.rules.dataDirectory, "recordings.sqlite")),
      settings: store.settings,
      addNotice: (notice) => options.broadcast({ type: "notice", notice: store.notices.add(notice) }),
    }),
  });
  const summaries = createSummaryDesk({
    ...options,
    ...{ sessions, changes, snapshots },
    money: summaryMoney,
    settings: () => settings.getSummaries(),
  });
  const artifactRooms = createArtifactRooms({
    ...options,
    mark: (id, marker) => store.sessions.get(id) && sessions.addMarker(id, marker),
  });
  const parts = { sessions, money, gate, metering, storage, summaries, changeRooms, artifactRooms };
  connect({ ...options, ...parts });
  return {
    ...{ sessions, launches, settings, money, gate, prices, metering, storage, readyForCalls, summaries },
    ...{ snapshots, changes, changeWatch, reverts },
    artifacts: artifactRooms.artifacts,
    ...lifetimeOf(parts),
  };
}

function createLaunching(
  { store, rules, environment, receiver, runsDirectory }: SessionRoomsOptions,
  { settings, money }: Pick<SessionRooms, "settings" | "money">,
): { planner: LaunchPlanner; launcher: AgentLauncher; launches: Launches } {
  const planner = new LaunchPlanner({ ...rules, environment, loginShell: () => settings.get().loginShell });
  const launcher = new AgentLauncher({
    receiver,
    runsDirectory,
    additionsOff: () => settings.getFleet().additionsOff,
  });
  const launches = new Launches({
    ...{ planner, launcher, rules },
    table: store.sessions,
    settings: () => settings.getFleet(),
    hasSharedLimits: () => money.budgets.hasSharedLimits(),
  });
  return { planner, launcher, launches };
}

/** Kept for who was away; what pages do about it is up to their settings. */
function tellNeedsYou(
  { store, broadcast, now }: Pick<SessionRoomsOptions, "store" | "broadcast" | "now">,
  { session, question }: { session: SessionRow; question: string | undefined },
): void {
  const notice = store.notices.add({
    kind: "needs_you",
    title: `“${nameSession(session)}” needs you`,
    text: question ?? "It waits for an answer",
    sessionId: session.id,
    atMs: now(),
  });
  broadcast({ type: "notice", notice });
}

/** What takes part in a session's life. */
interface Parts
  extends Pick<SessionRooms, "sessions" | "money" | "gate" | "metering" | "storage" | "summaries"> {
  changeRooms: ChangeRooms;
  artifactRooms: ArtifactRooms;
}

function connect(
  { sessions, money, gate, metering, changeRooms, summaries, broadcast, log }:
    & Parts
    & Pick<SessionRoomsOptions, "broadcast" | "log">,
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

function lifetimeOf(
  { sessions, money, gate, metering, storage, summaries, changeRooms, artifactRooms }: Parts,
): Pick<SessionRooms, "handle" | "reconcile" | "close"> {
  return {
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
