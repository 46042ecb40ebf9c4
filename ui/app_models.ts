// Builds everything the page consists of from the browser's own parts, and wires it together.

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { SessionView } from "../server/protocol.ts";
import { Api } from "./api/api.ts";
import { Commands } from "./commands.ts";
import { Credentials, takeLoginCode } from "./credentials.ts";
import { type Access, AccessModel } from "./models/access.ts";
import { type Budgets, BudgetsModel } from "./models/budgets.ts";
import { type Clock, ClockModel } from "./models/clock.ts";
import { type Fleet, FleetModel } from "./models/fleet.ts";
import { FleetSettingsModel, type FleetSettingsStore } from "./models/fleet_settings.ts";
import { type InFlight, InFlightModel } from "./models/in_flight.ts";
import { type KnownSessions, KnownSessionsModel } from "./models/known_sessions.ts";
import { type LaunchForm, LaunchModel } from "./models/launch.ts";
import { type Layout, LayoutModel } from "./models/layout.ts";
import type { Notices } from "./models/notices.ts";
import { type Reach, ReachModel } from "./models/reach.ts";
import { type RecordingPause, RecordingPauseModel } from "./models/recording_pause.ts";
import { type Selection, SelectionModel } from "./models/selection.ts";
import { type SessionActions, SessionActionsModel } from "./models/session_actions.ts";
import { type Sessions, SessionsModel } from "./models/sessions.ts";
import { SettingsModel, type SettingsStore } from "./models/settings.ts";
import type { ShownTerminal } from "./models/terminal.ts";
import { type Toasts, ToastsModel } from "./models/toasts.ts";
import { type Announcing, createNotices } from "./notify.ts";
import { openSessionId, type Router, RouterModel, sessionPath } from "./router.ts";
import { isLive, sessionName, statusOf } from "./session_status.ts";
import { FleetSocket } from "./socket.ts";

/** Everything the views use. */
export interface AppModels {
  api: Api;
  socket: FleetSocket;
  access: Access;
  router: Router;
  commands: Commands;
  clock: Clock;
  toasts: Toasts;
  settings: SettingsStore;
  layout: Layout;
  known: KnownSessions;
  sessions: Sessions;
  selection: Selection;
  actions: SessionActions;
  fleet: Fleet;
  recordingPause: RecordingPause;
  /** Whether the process that holds the sessions answers. */
  reach: Reach;
  fleetSettings: FleetSettingsStore;
  budgets: Budgets;
  /** Model calls under way. */
  inFlight: InFlight;
  notices: Notices;
  /** Whether and how this browser may announce things. */
  announcing: Announcing;
  launch: LaunchForm;
  /** The terminal on screen: for shortcuts, and the tests' hook. */
  shownTerminal: { value: ShownTerminal | undefined };
  /** Request ids of subscriptions, unique within a page. */
  newRequest(): number;
}

const TYPING_PAUSE_MS = 150;

/** Builds the models in the order they depend on each other. Nothing is loaded yet. */
export function createAppModels(options: { hasCode: boolean }): AppModels {
  const credentials = new Credentials(localStorage);
  const access: { lock?: () => void } = {};
  const refuse = (): void => access.lock?.();
  const api = new Api({
    fetch: (input, init) => fetch(input, init),
    pageKey: () => credentials.pageKey,
    onUnauthorized: refuse,
  });
  const socket = createSocket(credentials, refuse);
  const toasts = new ToastsModel(startTimer);
  const router = new RouterModel(globalThis.window);
  const fleetSettings = new FleetSettingsModel({
    api: api.settings,
    onError: (text) => toasts.show({ tone: "error", text }),
  });
  const { notices, announcing } = createNotices({ api, socket, toasts, router, fleetSettings });
  const known = new KnownSessionsModel({
    onMessage: (listener) => socket.onMessage(listener),
    onChange: (before, after) => announceChange({ before, after, router, toasts, announcing }),
  });
  const accessModel = new AccessModel({ api: api.access, credentials, hasCode: options.hasCode });
  access.lock = accessModel.lock;
  const fleet = new FleetModel({ api: api.fleet, toasts });
  let lastRequest = 0;
  const open = (session: SessionView): void => {
    known.put(session);
    router.go({ name: "session", id: session.id, tab: "terminal" });
  };
  return {
    api,
    socket,
    access: accessModel,
    router,
    commands: new Commands(),
    clock: new ClockModel({ now: Date.now, everySecond }),
    toasts,
    settings: createSettings(api, toasts),
    layout: new LayoutModel(localStorage),
    known,
    sessions: new SessionsModel({ api: api.sessions, known, openId: () => openSessionId(router), debounce }),
    selection: new SelectionModel(),
    actions: new SessionActionsModel({ api: api.sessions, sessions: known, toasts, open, saveFile }),
    fleet,
    recordingPause: new RecordingPauseModel({
      status: fleet.status.value,
      onMessage: (listener) => socket.onMessage(listener),
    }),
    reach: new ReachModel({
      status: fleet.status.value,
      onMessage: (listener) => socket.onMessage(listener),
    }),
    fleetSettings,
    budgets: new BudgetsModel({ api: api.money, onMessage: (listener) => socket.onMessage(listener) }),
    inFlight: new InFlightModel({ onMessage: (listener) => socket.onMessage(listener) }),
    notices,
    announcing,
    launch: new LaunchModel({ api: api.sessions, debounce, onLaunched: open }),
    shownTerminal: { value: undefined },
    newRequest: () => ++lastRequest,
  };
}

/** Loads data when the server is reached, again after each reconnect; follows the browser's own signals. */
export function runApp(models: AppModels): void {
  effect(() => {
    if (models.access.state.value === "open") models.socket.start();
    else models.socket.close();
  });
  models.router.route.subscribe(() => {
    models.layout.drawerOpen.value = false;
  });
  models.socket.onMessage((message) => {
    if (message.type !== "ready") return;
    void loadAll(models);
  });
  addEventListener("online", () => models.socket.wake());
  addEventListener("storage", () => models.access.sync());
  // The printed address, opened in a tab that shows the page already, changes nothing but the fragment.
  addEventListener("hashchange", () => {
    const code = takeLoginCode(location, history);
    if (code !== undefined) void models.access.unlock(code);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") models.socket.wake();
  });
}

async function loadAll(models: AppModels): Promise<void> {
  const { sessions, fleet, settings, fleetSettings, budgets, notices } = models;
  await Promise.all([
    sessions.reload(),
    fleet.load(),
    settings.load(),
    fleetSettings.load(),
    budgets.load(),
    notices.load(),
  ]);
}

function createSocket(credentials: Credentials, onRefused: () => void): FleetSocket {
  return new FleetSocket({
    open: () => new WebSocket(`ws://${location.host}/socket`),
    pageKey: () => credentials.pageKey,
    startTimer,
    now: Date.now,
    random: Math.random,
    onRefused,
  });
}

function createSettings(api: Api, toasts: Toasts): SettingsStore {
  return new SettingsModel({
    api: api.settings,
    store: localStorage,
    systemIsDark: mediaSignal("(prefers-color-scheme: dark)"),
    onError: (text) => toasts.show({ tone: "error", text }),
  });
}

function mediaSignal(query: string): ReadonlySignal<boolean> {
  const media = matchMedia(query);
  const matches = signal(media.matches);
  media.addEventListener("change", () => {
    matches.value = media.matches;
  });
  return matches;
}

/** What the user should hear of: a question anywhere, an end of what is not on screen. */
function announceChange(
  change: {
    before: SessionView;
    after: SessionView;
    router: Router;
    toasts: Toasts;
    announcing: Announcing;
  },
): void {
  const { before, after, router, toasts } = change;
  if (asks(after) && !asks(before)) void change.announcing.announceQuestion(after);
  if (before.held && !after.held && after.lifecycle === "running") announceRelease(after, toasts);
  if (openSessionId(router) === after.id || !isLive(before) || isLive(after)) return;
  if (after.endReason === "user_stop" || after.endReason === "budget") return;
  const status = statusOf(after);
  const how = status.detail === undefined ? status.label : `${status.label} (${status.detail})`;
  toasts.show({
    tone: status.tone === "red" ? "error" : "success",
    text: `“${sessionName(after)}”: ${how}`,
    link: { label: "Show", path: sessionPath(after.id) },
  });
}

/** After a raise the call that was held goes on, or whoever made it has given up meanwhile. */
function announceRelease(session: SessionView, toasts: Toasts): void {
  toasts.show({
    tone: "success",
    text: `“${sessionName(session)}” is no longer held`,
    link: { label: "Show", path: sessionPath(session.id) },
  });
}

function asks(session: SessionView): boolean {
  return statusOf(session).label === "needs you";
}

/** The browser's own timers, as the models take them. */
export function startTimer(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}

/** Waits while the user types. */
export function debounce(callback: () => void): () => void {
  return startTimer(TYPING_PAUSE_MS, callback);
}

function everySecond(callback: () => void): () => void {
  const timer = setInterval(callback, 1000);
  return () => clearInterval(timer);
}

/** Hands a file to the user. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
