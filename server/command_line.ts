// What the user sees of the program in a shell: commands, printed lines, exit codes, signals.
// deno-lint-ignore-file no-console -- these lines are the command line's output, not logs
import { join } from "node:path";
import { type Config, HELP, readConfig, UsageError, VERSION } from "./config.ts";
import { DataDirectory } from "./data_directory.ts";
import { AppError, errorText, isDamage, isStorageFailure } from "./errors.ts";
import { mintCode } from "./http/credentials.ts";
import { createLog, type Log } from "./log.ts";
import { openBrowser } from "./open_browser.ts";
import { backUp, restore } from "./store/backup.ts";
import { damagedFleet } from "./store/damaged_fleet.ts";

/** Exit codes; 1 is any other failure. */
const EXIT = { ok: 0, failure: 1, usage: 2, conflict: 3, running: 4 } as const;
/** A clean end takes at most this long; a second signal ends at once. */
const SHUTDOWN_WITHIN_MS = 15_000;

/** A server that listens. */
export interface StartedServer {
  port: number;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  address: string;
  agentPort: number;
  /** One line that says what was found: versions, directory, git. */
  selfCheck: string;
  /** Sessions that go on without the server. */
  countRunning(): number;
  /** Closes everything; sessions go on. */
  close(): Promise<void>;
}

/** The two composition roots. */
export interface Roots {
  /** Builds and starts the server. */
  startServer(options: RootOptions): Promise<StartedServer>;
  /** Compares every sum in the store with its rows; a sentence for each that differs. */
  checkLedger(data: DataDirectory): Promise<{ rows: number; problems: string[] }>;
  /** Holds sessions until nothing needs it any more. */
  runHolder(options: RootOptions): Promise<void>;
}

export interface RootOptions {
  config: Config;
  data: DataDirectory;
  log: Log;
}

/** Runs the command that was asked for and answers its exit code. Never throws. */
export async function runCommandLine(roots: Roots): Promise<number> {
  let config: Config | undefined;
  try {
    config = readConfig();
    return await run(config, roots);
  } catch (cause) {
    const expected = cause instanceof AppError || cause instanceof UsageError;
    console.error(expected ? cause.message : config && explainFailure(cause, config) || cause);
    if (cause instanceof UsageError) return EXIT.usage;
    return cause instanceof AppError && cause.code === "conflict" ? EXIT.conflict : EXIT.failure;
  }
}

/** A sentence for what is the disk's doing, not a mistake of this program. */
function explainFailure(cause: unknown, { dataDirectory, command }: Config): string | undefined {
  if (command === "holder") return undefined;
  if (isDamage(cause)) return damagedFleet(join(dataDirectory, "fleet.sqlite"), cause.message).message;
  if (!isStorageFailure(cause)) return undefined;
  return `Cannot use "${dataDirectory}": ${cause.message}. Its disk must be writable and have some free space`;
}

async function run(config: Config, roots: Roots): Promise<number> {
  if (config.platform === "windows") {
    console.error("Windows is not supported yet: run agents-fleet inside WSL");
    return EXIT.failure;
  }
  if (config.command === "version") console.log(`agents-fleet ${VERSION}`);
  else if (config.command === "help") console.log(HELP);
  else if (config.command === "url") return await printUrl(config);
  else if (config.command === "backup") await writeBackup(config);
  else if (config.command === "restore") await restoreBackup(config);
  else if (config.command === "check-ledger") return await checkLedger(config, roots);
  else if (config.command === "holder") await hold(config, roots);
  else return await serve(config, roots);
  return EXIT.ok;
}

async function hold(config: Config, roots: Roots): Promise<void> {
  const log = createLog(config.logLevel);
  surviveStrayErrors(log);
  await roots.runHolder({ config, data: DataDirectory.open(config.dataDirectory), log });
}

async function serve(config: Config, roots: Roots): Promise<number> {
  const log = createLog(config.logLevel);
  const data = DataDirectory.open(config.dataDirectory);
  if (!await data.lock()) {
    const running = data.readRunningServer();
    console.error(
      `Agents Fleet is already running with ${data.path}${running ? ` at ${running.address}/` : ""}`,
    );
    return EXIT.running;
  }
  surviveStrayErrors(log);
  const server = await roots.startServer({ config, data, log });
  // Before anybody can know that it runs: a signal that finds nobody listening ends the process as it stands.
  const asked = firstSignal();
  data.writeRunningServer({ pid: Deno.pid, address: server.address, agentPort: server.agentPort });
  const url = `${server.address}/#k=${mintCode(data.installSecret(), Date.now())}`;
  if (server.port !== config.port && config.port !== 0) {
    console.log(`Port ${config.port} is taken, using ${server.port}`);
  }
  console.log(server.selfCheck);
  console.log(`\n  Open ${url}\n`);
  if (config.openBrowser) {
    openBrowser(url, { redirectFile: data.file("open.html"), platform: config.platform })
      .catch((cause) => log.warn("Cannot open a browser", { cause: errorText(cause) }));
  }
  await asked;
  const running = server.countRunning();
  if (running > 0) {
    console.log(
      `${running} ${running === 1 ? "session goes" : "sessions go"} on; start agents-fleet again to see them`,
    );
  }
  const late = setTimeout(() => Deno.exit(EXIT.failure), SHUTDOWN_WITHIN_MS);
  void firstSignal().then(() => Deno.exit(EXIT.failure));
  await server.close();
  data.removeRunningServer();
  clearTimeout(late);
  return EXIT.ok;
}

async function printUrl(config: Config): Promise<number> {
  const data = DataDirectory.open(config.dataDirectory);
  const running = data.readRunningServer();
  if (!running || await data.lock()) {
    console.error(`Agents Fleet is not running with ${data.path}: start it with agents-fleet`);
    return EXIT.failure;
  }
  console.log(`${running.address}/#k=${mintCode(data.installSecret(), Date.now())}`);
  return EXIT.ok;
}

async function writeBackup({ dataDirectory, file }: Config): Promise<void> {
  const data = DataDirectory.open(dataDirectory);
  const { files } = await backUp({ dataDirectory: data.path, target: file, now: Date.now });
  const megabytes = files.reduce((sum, { size }) => sum + size, 0) / 1e6;
  console.log(`Wrote ${file}: ${files.length} files, ${megabytes.toFixed(1)} MB, read back and verified`);
}

async function restoreBackup({ dataDirectory, file, force }: Config): Promise<void> {
  if (await DataDirectory.open(dataDirectory).isInUse()) {
    throw new AppError(
      "unavailable",
      `Cannot restore into "${dataDirectory}": end Agents Fleet and its sessions first`,
    );
  }
  const { manifest, replaced } = await restore({ source: file, dataDirectory, force, now: () => new Date() });
  console.log(`Restored ${dataDirectory} as it was at ${new Date(manifest.createdAtMs).toLocaleString()}`);
  if (replaced) console.log(`What was there is now in ${replaced}`);
}

/** May run beside the server. */
async function checkLedger(config: Config, roots: Roots): Promise<number> {
  const { rows, problems } = await roots.checkLedger(DataDirectory.open(config.dataDirectory));
  for (const problem of problems) console.error(problem);
  console.log(
    problems.length === 0
      ? `The ledger is right: ${rows} ${rows === 1 ? "row" : "rows"}, every sum is that of its rows`
      : `The ledger is wrong: ${problems.length} ${problems.length === 1 ? "sum differs" : "sums differ"}`,
  );
  return problems.length === 0 ? EXIT.ok : EXIT.failure;
}

/** Resolves at the first signal that asks this process to end. */
function firstSignal(): Promise<void> {
  const signals: Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  return new Promise((resolve) => {
    const end = (): void => {
      for (const signal of signals) Deno.removeSignalListener(signal, end);
      resolve();
    };
    for (const signal of signals) Deno.addSignalListener(signal, end);
  });
}

/** One handler's mistake must not end every session. */
function surviveStrayErrors(log: Log): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error("A promise was rejected unseen", { cause: event.reason });
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log.error("An exception was thrown unseen", { cause: event.error });
  });
}
