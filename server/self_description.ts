// What the program says of itself: on the settings page, and in a line at its start.
import type { StartedServer } from "./command_line.ts";
import { type Config, VERSION } from "./config.ts";
import type { DataDirectory } from "./data_directory.ts";
import type { AfterLogout, StatusView } from "./protocol.ts";
import { listAgents } from "./sessions/programs.ts";
import type { Storage } from "./sessions/storage.ts";
import type { FleetStore } from "./store/fleet_store.ts";

export interface StatusOptions {
  config: Config;
  data: DataDirectory;
  store: Pick<FleetStore, "sqliteVersion">;
  storage: Pick<Storage, "pausedReason">;
  agentPort: number;
  afterLogout: () => AfterLogout;
  /** Whether a process that holds sessions does not answer. */
  sessionsUnreachable: () => boolean;
}

/** Looks once for what does not change; the answer tells the rest as it is when called with the page's port. */
export function createStatus(
  { config, data, store, storage, agentPort, afterLogout, sessionsUnreachable }: StatusOptions,
): (port: number) => StatusView {
  const startedAtMs = Date.now();
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
    afterLogout: afterLogout(),
    ...(storage.pausedReason === undefined ? {} : { recordingPausedReason: storage.pausedReason }),
    ...(sessionsUnreachable() ? { sessionsUnreachable: true as const } : {}),
    agents: listAgents(config.environment["PATH"]),
  });
}

/** The line at the start. */
export function describeStart(
  { address, dataDirectory, sqliteVersion, gitVersion }: StatusView,
): Pick<StartedServer, "address" | "selfCheck"> {
  const git = gitVersion === undefined ? "no git" : `git ${gitVersion}`;
  return {
    address,
    selfCheck:
      `Agents Fleet ${VERSION}: ${address}, data ${dataDirectory} (private), SQLite ${sqliteVersion}, ${git}`,
  };
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
