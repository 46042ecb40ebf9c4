// The server's composition root: the only file that knows every room.
import { v7 as newId } from "uuid";
import { GitVault } from "./artifacts/git/git_vault.ts";
import { readUserExcludes } from "./artifacts/git/user_excludes.ts";
import { SYSTEM_CLOCK } from "./clock.ts";
import type { RootOptions, StartedServer } from "./command_line.ts";
import { type Config, VERSION } from "./config.ts";
import type { DataDirectory } from "./data_directory.ts";
import type { HolderApi, HolderEvent } from "./holder/api.ts";
import type { Gateway } from "./gateway/gateway.ts";
import { HolderPool } from "./holder/holder_pool.ts";
import { findScopeCommand, startHolder } from "./holder/start_holder.ts";
import { AGENT_KEY_HEADER, createAgentApp } from "./http/agent_app.ts";
import { mintAgentKey } from "./http/agent_keys.ts";
import { createApp } from "./http/app.ts";
import { Assets } from "./http/assets.ts";
import { Credentials } from "./http/credentials.ts";
import { Hub } from "./http/hub.ts";
import { listen } from "./listen.ts";
import type { Log } from "./log.ts";
import { PriceFeed } from "./money/price_feed.ts";
import type { Prices } from "./money/prices.ts";
import { SOCKET_CLOSE, type StatusView } from "./protocol.ts";
import { createSessionRooms, type SessionRooms } from "./session_rooms.ts";
import { findProgram, listAgents } from "./sessions/programs.ts";
import type { Storage } from "./sessions/storage.ts";
import type { Metering } from "./sources/metering.ts";
import { FleetStore } from "./store/fleet_store.ts";

/** Wires the rooms and opens both listeners. */
export function startServer({ config, data, log }: RootOptions): StartedServer {
  const store = new FleetStore(data.file("fleet.sqlite"));
  const scopeCommand = findScopeCommand();
  const receivers: ((event: HolderEvent) => void)[] = [];
  const holder = new HolderPool({
    dataDirectory: data.path,
    version: VERSION,
    start: () => startOwnHolder(data, scopeCommand),
    onEvent: (event) => receivers.forEach((receive) => receive(event)),
    onReplaced: () => void reconcile(),
    log,
  });
  const hub = new Hub({ holder, log });
  const installSecret = data.installSecret();
  const ports = { agent: 0, page: config.port };
  const rooms = createRooms({ config, data, log, store, holder, hub, installSecret, ports });
  const { metering, gate } = rooms;
  receivers.push((event) => hub.handle(event), (event) => rooms.handle(event));
  const credentials = new Credentials({ logins: store.logins, installSecret, now: Date.now });
  credentials.onRevoke((loginId) =>
    hub.closeLogin(loginId, { code: SOCKET_CLOSE.credentials, reason: "Signed out" })
  );
  const reconcile = async (): Promise<void> => {
    // Pages attach again, to whoever holds their sessions now.
    hub.closeLogin("all", { code: SOCKET_CLOSE.leaving, reason: "Sessions moved" });
    await rooms.reconcile().then(
      (interrupted) => interrupted > 0 && log.warn("Sessions were cut off", { interrupted }),
      (cause) => log.error("Cannot learn what became of sessions", { cause }),
    );
  };

  const agentServer = openAgentPort({
    data,
    installSecret,
    metering,
    gateway: gate.gateway,
    rooms,
    log,
  });
  ports.agent = agentServer.addr.port;
  const feed = startPriceFeed({ config, store, prices: rooms.prices, log });
  const { storage } = rooms;
  const status = createStatus({
    config,
    data,
    store,
    storage,
    agentPort: agentServer.addr.port,
    scopeCommand,
  });
  const assets = Assets.load(new URL("../dist/ui/", import.meta.url));
  const pageServer = listen({
    port: config.port,
    exact: config.portIsExplicit,
    createHandler: (port) =>
      createApp({
        port,
        cookieName: `agents_fleet_${port}_${data.id()}`,
        instance: newId(),
        version: VERSION,
        assets,
        credentials,
        hub,
        ...rooms,
        store,
        holder,
        status: () => status(port),
        log,
      }).fetch,
  });
  ports.page = pageServer.addr.port;
  // The address need not wait for the holder: whatever asks for a session does.
  void reconcile();
  if (hasAgents(store)) {
    rooms.prices.ready().catch((cause) => log.error("The price list cannot be loaded", { cause }));
  }
  metering.start();
  storage.start();
  return describe(pageServer.addr.port, {
    status,
    agentPort: agentServer.addr.port,
    countRunning: () => store.sessions.listLive().length,
    close: async () => {
      hub.closeLogin("all", { code: SOCKET_CLOSE.leaving, reason: "The server leaves" });
      await rooms.close();
      feed?.close();
      await Promise.all([pageServer.shutdown(), agentServer.shutdown()]);
      holder.close();
      store.close();
    },
  });
}

/** Sessions of agents say what their models cost and hold. */
function hasAgents({ sessions }: FleetStore): boolean {
  return (["claude", "codex"] as const).some((kind) => sessions.list({ kind, limit: 1 }).items.length > 0);
}

/** Lets the holder give back what its workers took; an executable has it built in. */
const COLLECTING = "--v8-flags=--expose-gc";

/** The same program again, as a process that outlives this one. */
async function startOwnHolder(data: DataDirectory, scopeCommand: Promise<string[]>): Promise<void> {
  const script = Deno.build.standalone ? [] : ["run", "-A", "-q", COLLECTING, Deno.mainModule];
  await startHolder({
    selfCommand: [Deno.execPath(), ...script],
    dataDirectory: data.path,
    logFile: data.file("holder.log"),
    scopeCommand: await scopeCommand,
  });
}

function createRooms(
  { config, data, log, store, holder, hub, installSecret, ports }: RootOptions & {
    store: FleetStore;
    holder: HolderApi;
    hub: Hub;
    installSecret: Uint8Array;
    /** Known once they are open. */
    ports: { agent: number; page: number };
  },
): SessionRooms {
  return createSessionRooms({
    store,
    holder,
    log,
    rules: { homeDirectory: config.homeDirectory, dataDirectory: data.path },
    environment: config.environment,
    runsDirectory: data.file("runs"),
    receiver: (sessionId) => ({
      url: `http://127.0.0.1:${ports.agent}`,
      header: AGENT_KEY_HEADER,
      key: mintAgentKey(installSecret, sessionId),
    }),
    keyHeader: AGENT_KEY_HEADER,
    vault: new GitVault({
      directory: data.file("git"),
      gitPath: findProgram("git", { path: config.environment["PATH"], cwd: "/" }),
      userExcludes: () =>
        readUserExcludes({ home: config.homeDirectory, configHome: config.environment["XDG_CONFIG_HOME"] }),
      now: Date.now,
      log,
    }),
    capturesGit: config.capturesGit,
    pageAddress: () => `http://127.0.0.1:${ports.page}`,
    pricing: config.pricing,
    systemTimeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    broadcast: (message) => hub.broadcast(message),
    ...SYSTEM_CLOCK,
    newId,
  });
}

/** Looks for prices at the user's own place, if there is one; nothing waits for it. */
function startPriceFeed(
  { config, store, prices, log }: { config: Config; store: FleetStore; prices: Prices; log: Log },
): PriceFeed | undefined {
  const { api } = config.pricing;
  if (!api) return undefined;
  const feed = new PriceFeed({
    config: api,
    stored: readStoredPrices(store, api.url),
    onState: (state) => {
      prices.setFeed(state);
      for (const problem of state.problems) log.warn("Prices could not be fetched", { problem });
    },
    onFetched: (fetched) => store.settings.set({ fetchedPrices: { url: api.url, ...fetched } }),
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
function readStoredPrices(
  store: FleetStore,
  url: string,
): { fetchedAtMs: number; json: unknown } | undefined {
  const stored = store.settings.getAll()["fetchedPrices"];
  if (typeof stored !== "object" || stored === null) return undefined;
  const { url: storedUrl, fetchedAtMs, json } = stored as {
    url?: unknown;
    fetchedAtMs?: unknown;
    json?: unknown;
  };
  return storedUrl === url && typeof fetchedAtMs === "number" ? { fetchedAtMs, json } : undefined;
}

export function checkLedger(data: DataDirectory): { rows: number; problems: string[] } {
  const store = new FleetStore(data.file("fleet.sqlite"));
  try {
    return store.ledger.check();
  } finally {
    store.close();
  }
}

/** The same port at every start, so that agents find it again; another one only when that is taken. */
function openAgentPort(
  { data, rooms, ...rest }: {
    data: DataDirectory;
    installSecret: Uint8Array;
    metering: Metering;
    gateway: Gateway;
    rooms: Pick<SessionRooms, "readyForCalls">;
    log: Log;
  },
): Deno.HttpServer<Deno.NetAddr> {
  const createHandler = (port: number): (request: Request) => Response | Promise<Response> =>
    createAgentApp({ port, pricesReady: rooms.readyForCalls, ...rest }).fetch;
  const known = data.readAgentPort();
  const server = listen({ port: known ?? 0, exact: false, createHandler });
  if (server.addr.port !== known) data.writeAgentPort(server.addr.port);
  return server;
}

function createStatus(
  { config, data, store, storage, agentPort, scopeCommand }: {
    config: Config;
    data: DataDirectory;
    store: FleetStore;
    storage: Storage;
    agentPort: number;
    scopeCommand: Promise<string[]>;
  },
): (port: number) => StatusView {
  const startedAtMs = Date.now();
  let survivesLogout = false;
  void scopeCommand.then((command) => survivesLogout = command.length > 0);
  const gitVersion = findGitVersion();
  return (port) => ({
    version: VERSION,
    address: `http://127.0.0.1:${port}`,
    agentAddress: `http://127.0.0.1:${agentPort}`,
    dataDirectory: data.path,
    homeDirectory: config.homeDirectory,
    platform: config.platform,
    sqliteVersion: store.sqliteVersion,
    ...(gitVersion === undefined ? {} : { gitVersion }),
    startedAtMs,
    survivesLogout,
    ...(storage.pausedReason === undefined ? {} : { recordingPausedReason: storage.pausedReason }),
    agents: listAgents(config.environment["PATH"]),
  });
}

function findGitVersion(): string | undefined {
  try {
    const { stdout } = new Deno.Command("git", { args: ["--version"], stderr: "null" }).outputSync();
    return new TextDecoder().decode(stdout).match(/\d+(\.\d+)+/)?.[0];
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw cause;
  }
}

function describe(
  port: number,
  { status, ...rest }: Pick<StartedServer, "agentPort" | "countRunning" | "close"> & {
    status: (port: number) => StatusView;
  },
): StartedServer {
  const { address, dataDirectory, sqliteVersion, gitVersion } = status(port);
  const git = gitVersion === undefined ? "no git" : `git ${gitVersion}`;
  return {
    ...rest,
    port,
    address,
    selfCheck:
      `Agents Fleet ${VERSION}: ${address}, data ${dataDirectory} (private), SQLite ${sqliteVersion}, ${git}`,
  };
}
