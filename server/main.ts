// The composition root: the only file that knows every room.
import { v7 as newId } from "uuid";
import { type RootOptions, runCommandLine, type StartedServer } from "./command_line.ts";
import { type Config, VERSION } from "./config.ts";
import type { DataDirectory } from "./data_directory.ts";
import type { HolderApi, HolderEvent } from "./holder/api.ts";
import { HolderPool } from "./holder/holder_pool.ts";
import { runHolder } from "./holder/main.ts";
import { findScopeCommand, startHolder } from "./holder/start_holder.ts";
import { createAgentApp } from "./http/agent_app.ts";
import { createApp } from "./http/app.ts";
import { Assets } from "./http/assets.ts";
import { Credentials } from "./http/credentials.ts";
import { Hub } from "./http/hub.ts";
import { listen } from "./listen.ts";
import type { Log } from "./log.ts";
import { SOCKET_CLOSE, type StatusView } from "./protocol.ts";
import { LaunchPlanner } from "./sessions/launch.ts";
import { Launches } from "./sessions/launches.ts";
import { listAgents } from "./sessions/programs.ts";
import { Sessions } from "./sessions/sessions.ts";
import { SettingsService } from "./sessions/settings_service.ts";
import { FleetStore } from "./store/fleet_store.ts";

/** Wires the rooms and opens both listeners. */
function startServer({ config, data, log }: RootOptions): StartedServer {
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
  const { sessions, launches, settings } = createSessions({ config, data, log, store, holder });
  receivers.push((event) => hub.handle(event), (event) => sessions.handle(event));
  sessions.onChange((change) => hub.broadcast(change));
  const installSecret = data.installSecret();
  const credentials = new Credentials({ logins: store.logins, installSecret, now: Date.now });
  credentials.onRevoke((loginId) =>
    hub.closeLogin(loginId, { code: SOCKET_CLOSE.credentials, reason: "Signed out" })
  );
  const reconcile = async (): Promise<void> => {
    // Pages attach again, to whoever holds their sessions now.
    hub.closeLogin("all", { code: SOCKET_CLOSE.leaving, reason: "Sessions moved" });
    await sessions.reconcile().then(
      (interrupted) => interrupted > 0 && log.warn("Sessions were cut off", { interrupted }),
      (cause) => log.error("Cannot learn what became of sessions", { cause }),
    );
  };

  const agentServer = openAgentPort({ data, installSecret, log });
  const status = createStatus({ config, data, store, agentPort: agentServer.addr.port, scopeCommand });
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
        sessions,
        launches,
        settings,
        events: store.events,
        holder,
        status: () => status(port),
        log,
      }).fetch,
  });
  // The address need not wait for the holder: whatever asks for a session does.
  void reconcile();
  return describe(pageServer.addr.port, {
    status,
    agentPort: agentServer.addr.port,
    countRunning: () => store.sessions.listLive().length,
    close: async () => {
      hub.closeLogin("all", { code: SOCKET_CLOSE.leaving, reason: "The server leaves" });
      sessions.close();
      await Promise.all([pageServer.shutdown(), agentServer.shutdown()]);
      holder.close();
      store.close();
    },
  });
}

/** The same program again, as a process that outlives this one. */
async function startOwnHolder(data: DataDirectory, scopeCommand: Promise<string[]>): Promise<void> {
  const script = Deno.build.standalone ? [] : ["run", "-A", "-q", Deno.mainModule];
  await startHolder({
    selfCommand: [Deno.execPath(), ...script],
    dataDirectory: data.path,
    logFile: data.file("holder.log"),
    scopeCommand: await scopeCommand,
  });
}

function createSessions(
  { config, data, log, store, holder }: {
    config: Config;
    data: DataDirectory;
    log: Log;
    store: FleetStore;
    holder: HolderApi;
  },
): { sessions: Sessions; launches: Launches; settings: SettingsService } {
  const settings = new SettingsService(store.settings);
  const rules = { homeDirectory: config.homeDirectory, dataDirectory: data.path };
  const planner = new LaunchPlanner({
    ...rules,
    environment: config.environment,
    loginShell: () => settings.get().loginShell,
  });
  const sessions = new Sessions({
    holder,
    table: store.sessions,
    events: store.events,
    planner,
    now: Date.now,
    newId,
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    log,
  });
  return { sessions, settings, launches: new Launches({ table: store.sessions, planner, rules }) };
}

/** The same port at every start, so that agents find it again; another one only when that is taken. */
function openAgentPort(
  { data, installSecret, log }: { data: DataDirectory; installSecret: Uint8Array; log: Log },
): Deno.HttpServer<Deno.NetAddr> {
  const createHandler = (port: number): (request: Request) => Response | Promise<Response> =>
    createAgentApp({ port, installSecret, log }).fetch;
  const known = data.readAgentPort();
  const server = listen({ port: known ?? 0, exact: false, createHandler });
  if (server.addr.port !== known) data.writeAgentPort(server.addr.port);
  return server;
}

function createStatus(
  { config, data, store, agentPort, scopeCommand }: {
    config: Config;
    data: DataDirectory;
    store: FleetStore;
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

if (import.meta.main) Deno.exit(await runCommandLine({ startServer, runHolder }));
