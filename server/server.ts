// The server's composition root: the only file that knows every room.
import { v7 as newId } from "uuid";
import { GitVault } from "./artifacts/git/git_vault.ts";
import { readUserExcludes } from "./artifacts/git/user_excludes.ts";
import { SYSTEM_CLOCK } from "./clock.ts";
import type { RootOptions, StartedServer } from "./command_line.ts";
import { VERSION } from "./config.ts";
import type { DataDirectory } from "./data_directory.ts";
import { startPriceFeed } from "./fetched_prices.ts";
import type { HolderApi, HolderEvent } from "./holder/api.ts";
import { HolderPool } from "./holder/holder_pool.ts";
import { createLogins } from "./holder/logins.ts";
import { HolderStarter } from "./holder/start_holder.ts";
import { AGENT_KEY_HEADER, createAgentApp } from "./http/agent_app.ts";
import { mintAgentKey } from "./http/agent_keys.ts";
import { createApp } from "./http/app.ts";
import { Assets } from "./http/assets.ts";
import { Credentials } from "./http/credentials.ts";
import { Hub } from "./http/hub.ts";
import { listen } from "./listen.ts";
import type { Log } from "./log.ts";
import { MemoryReturn } from "./memory_return.ts";
import { SOCKET_CLOSE, type StatusView } from "./protocol.ts";
import { createStatus, describeStart } from "./self_description.ts";
import { createSessionRooms, type SessionRooms } from "./session_rooms.ts";
import { findProgram } from "./sessions/programs.ts";
import { closeFleet, FleetStore, openFleet } from "./store/fleet_store.ts";

/** What both listeners stand on. */
interface Core extends RootOptions {
  store: FleetStore;
  holder: HolderPool;
  hub: Hub;
  rooms: SessionRooms;
  installSecret: Uint8Array;
  /** Learns what became of sessions. */
  reconcile: () => Promise<void>;
}

/** Wires the rooms and opens both listeners. */
export function startServer(options: RootOptions): StartedServer {
  const { config, data, log } = options;
  const starter = createHolderStarter(data, log);
  const ports = { agent: 0, page: config.port };
  const core = createCore(options, { starter, ports });
  const { store, rooms, hub, holder } = core;
  const agentServer = openAgentPort(core);
  ports.agent = agentServer.addr.port;
  const feed = startPriceFeed({ config, settings: store.settings, prices: rooms.prices, log });
  const status = createStatus({
    ...{ config, data, store },
    storage: rooms.storage,
    sessionsUnreachable: () => holder.someAreSilent,
    agentPort: ports.agent,
    afterLogout: () => starter.afterLogout(),
  });
  const pageServer = openPage(core, status);
  ports.page = pageServer.addr.port;
  // The address need not wait for the holder: whatever asks for a session does.
  void core.reconcile();
  if (hasAgents(store)) {
    rooms.prices.ready().catch((cause) => log.error("The price list cannot be loaded", { cause }));
  }
  rooms.metering.start();
  rooms.storage.start();
  const memory = new MemoryReturn();
  memory.start();
  return {
    ...describeStart(status(ports.page)),
    port: ports.page,
    agentPort: ports.agent,
    countRunning: () => store.sessions.listLive().length,
    close: async () => {
      memory.stop();
      hub.closeLogin("all", { code: SOCKET_CLOSE.leaving, reason: "The server leaves" });
      await rooms.close();
      feed?.close();
      await Promise.all([pageServer.shutdown(), agentServer.shutdown()]);
      holder.close();
      closeFleet(store, data.file("fleet.sqlite"));
    },
  };
}

export function checkLedger(data: DataDirectory): { rows: number; problems: string[] } {
  const store = new FleetStore(data.file("fleet.sqlite"));
  try {
    return store.ledger.check();
  } finally {
    store.close();
  }
}

/** Known once they are open. */
interface Ports {
  agent: number;
  page: number;
}

function createCore(
  options: RootOptions,
  { starter, ports }: { starter: HolderStarter; ports: Ports },
): Core {
  const { data, log } = options;
  const store = openFleet(data.file("fleet.sqlite"));
  const receivers: ((event: HolderEvent) => void)[] = [];
  const holder = new HolderPool({
    dataDirectory: data.path,
    version: VERSION,
    start: () => starter.start(),
    isAlive: ({ id }) => data.isLocked(`holder-${id}.lock`),
    onEvent: (event) => receivers.forEach((receive) => receive(event)),
    onReplaced: () => void reconcile(),
    onSilence: () => hub.broadcast({ type: "reach", unreachable: holder.someAreSilent }),
    log,
  });
  const hub = new Hub({ holder, log });
  const installSecret = data.installSecret();
  const rooms = createRooms(options, { store, holder, hub, installSecret, ports });
  receivers.push((event) => hub.handle(event), (event) => rooms.handle(event));
  const reconcile = async (): Promise<void> => {
    // Pages attach again, to whoever holds their sessions now.
    hub.closeLogin("all", { code: SOCKET_CLOSE.leaving, reason: "Sessions moved" });
    await rooms.reconcile().then(
      (interrupted) => interrupted > 0 && log.warn("Sessions were cut off", { interrupted }),
      (cause) => log.error("Cannot learn what became of sessions", { cause }),
    );
  };
  return { ...options, store, holder, hub, rooms, installSecret, reconcile };
}

function createRooms(
  { config, data, log }: RootOptions,
  { store, holder, hub, installSecret, ports }: Pick<Core, "store" | "hub" | "installSecret"> & {
    holder: HolderApi;
    ports: Ports;
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
    vault: createVault({ config, data, log }),
    capturesGit: config.capturesGit,
    pageAddress: () => `http://127.0.0.1:${ports.page}`,
    pricing: config.pricing,
    systemTimeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    broadcast: (message) => hub.broadcast(message),
    ...SYSTEM_CLOCK,
    newId,
  });
}

function createVault({ config, data, log }: RootOptions): GitVault {
  const { homeDirectory: home, environment } = config;
  return new GitVault({
    directory: data.file("git"),
    gitPath: findProgram("git", { path: environment["PATH"], cwd: "/" }),
    userExcludes: () => readUserExcludes({ home, configHome: environment["XDG_CONFIG_HOME"] }),
    now: Date.now,
    log,
  });
}

function openPage(
  { config, data, store, holder, hub, rooms, installSecret, log }: Core,
  status: (port: number) => StatusView,
): Deno.HttpServer<Deno.NetAddr> {
  const credentials = new Credentials({ logins: store.logins, installSecret, now: Date.now });
  credentials.onRevoke((loginId) =>
    hub.closeLogin(loginId, { code: SOCKET_CLOSE.credentials, reason: "Signed out" })
  );
  const assets = Assets.load(new URL("../dist/ui/", import.meta.url));
  return listen({
    port: config.port,
    exact: config.portIsExplicit,
    createHandler: (port) =>
      createApp({
        ...rooms,
        ...{ port, assets, credentials, hub, store, holder, log },
        cookieName: `agents_fleet_${port}_${data.id()}`,
        instance: newId(),
        version: VERSION,
        status: () => status(port),
      }).fetch,
  });
}

/** The same port at every start, so that agents find it again; another one only when that is taken. */
function openAgentPort({ data, installSecret, rooms, log }: Core): Deno.HttpServer<Deno.NetAddr> {
  const { metering, gate, readyForCalls } = rooms;
  const createHandler = (port: number): (request: Request) => Response | Promise<Response> =>
    createAgentApp({
      ...{ port, installSecret, metering, log },
      gateway: gate.gateway,
      pricesReady: readyForCalls,
    }).fetch;
  const known = data.readAgentPort();
  const server = listen({ port: known ?? 0, exact: false, createHandler });
  if (server.addr.port !== known) data.writeAgentPort(server.addr.port);
  return server;
}

/** Sessions of agents say what their models cost and hold. */
function hasAgents({ sessions }: FleetStore): boolean {
  return (["claude", "codex"] as const).some((kind) => sessions.list({ kind, limit: 1 }).items.length > 0);
}

/** Lets the holder give memory back; an executable has it built in. */
const COLLECTING = "--v8-flags=--expose-gc";

/** Starts the same program again, as a process that outlives this one. */
function createHolderStarter(data: DataDirectory, log: Log): HolderStarter {
  const script = Deno.build.standalone ? [] : ["run", "-A", "-q", COLLECTING, Deno.mainModule];
  return new HolderStarter({
    selfCommand: [Deno.execPath(), ...script],
    dataDirectory: data.path,
    version: VERSION,
    logFile: data.file("holder.log"),
    logins: createLogins(),
    log,
  });
}
