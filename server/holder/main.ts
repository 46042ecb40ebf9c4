// The holder's composition root: wires terminals, recordings and screens, listens on its socket, and leaves when unneeded.
import { randomBytes } from "node:crypto";
import { v7 as newId } from "uuid";
import type { RootOptions } from "../command_line.ts";
import { VERSION } from "../config.ts";
import type { DataDirectory } from "../data_directory.ts";
import { AppError, isDamage } from "../errors.ts";
import type { Log } from "../log.ts";
import { MemoryReturn } from "../memory_return.ts";
import { createProcesses } from "../pty/processes.ts";
import { PtyHost } from "../pty/pty_host.ts";
import { markClean, markSuspect } from "../store/integrity.ts";
import { openRecordings } from "../store/open_recordings.ts";
import { Compactor, startCompactionWorker } from "./compactor.ts";
import { DamageWatch } from "./damage_watch.ts";
import { Holder, type HolderOptions } from "./holder.ts";
import {
  type HolderFile,
  listHolderFiles,
  removeHolderFile,
  socketPath,
  writeHolderFile,
} from "./holder_files.ts";
import { HolderServer } from "./holder_server.ts";
import { assertFilesLeft, readOpenFiles } from "./open_files.ts";
import { createScreens } from "./screens.ts";
import { startSteadyClock } from "./steady_clock.ts";
import { Supervision } from "./supervision.ts";

const SECRET_BYTES = 32;
/** Nothing is thinned before a server has said how much its user wants to keep. */
const NO_CAP_BYTES = Infinity;
const SOCKET_MODE = 0o600;

/** Builds a holder in this process; the server's tests and benchmarks use it without the socket. */
export function createHolder(
  { data, log, ownsAllRecordings, onWorkerEnded = () => {}, onDamage = () => {}, ...other }: {
    data: DataDirectory;
    log: Log;
    ownsAllRecordings: boolean;
    onWorkerEnded?: () => void;
    /** The file of recordings turns out to be damaged. */
    onDamage?: (damage: string) => void;
    /** In place of the screens: benchmarks want to know what these cost. */
    createScreens?: HolderOptions["createScreens"];
  },
): { holder: Holder; close: () => Promise<void> } {
  const path = data.file("recordings.sqlite");
  const { store, needsCheck } = openRecordings({
    path,
    isOwner: ownsAllRecordings,
    onMoved: (moved) =>
      log.error("The recordings were damaged; they are moved aside and new ones begin", moved),
  });
  const terminals = PtyHost.open();
  const openFiles = readOpenFiles();
  const compactor = new Compactor({
    path,
    capBytes: NO_CAP_BYTES,
    startWorker: startCompactionWorker,
    onError: (message) => log.warn("Cannot maintain the recordings", { message }),
    onDamage,
    checkpoint: () => void store.checkpoint(),
    onWorkerEnded,
  });
  const holder = new Holder({
    store,
    maintenance: compactor,
    terminals,
    processes: createProcesses(data.id()),
    createScreens: other.createScreens ?? ((listener) => createScreens(listener, { log, onWorkerEnded })),
    assertRoom: () => assertFilesLeft(openFiles),
    onStorageFailure: (cause) => isDamage(cause) && onDamage(cause.message),
    now: Date.now,
    startClock: () => startSteadyClock({ now: Date.now, monotonicMs: () => performance.now() }),
    log,
    ownsAllRecordings,
  });
  if (store.listToMaintain().length > 0) compactor.runSoon();
  if (needsCheck) {
    compactor.check("quick").catch((cause) => log.warn("Cannot check the recordings", { cause }));
  }
  const close = async (): Promise<void> => {
    holder.close();
    await Promise.all([compactor.close(), terminals.close()]);
    store.close();
    if (ownsAllRecordings) noteClean(path, log);
  };
  return { holder, close };
}

/** Without the mark, which a full disk does not take, the next start looks at the file. */
function noteClean(path: string, log: Log): void {
  try {
    markClean(path);
  } catch (cause) {
    log.warn("Cannot note that the recordings were closed", { cause });
  }
}

/** Holds sessions until nothing runs and no server has been connected for a while, or until it is told to end. */
export async function runHolder({ config, data, log }: RootOptions): Promise<void> {
  const memory = new MemoryReturn();
  memory.start();
  const file = describeHolder(data, config.temporaryDirectory);
  const unlock = await data.lockFile(`holder-${file.id}.lock`);
  const release = await takeRecordings(data);
  const { holder, close } = createHolder({
    data,
    log,
    ownsAllRecordings: release !== undefined && !await anotherHolderLives(data, file),
    onWorkerEnded: () => memory.soon(),
    onDamage: (found) => damage.note(found),
  });
  const leave = Promise.withResolvers<void>();
  const damage = new DamageWatch({
    markSuspect: () => markSuspect(data.file("recordings.sqlite")),
    isBusy: () => holder.busy,
    onIdle: () => leave.resolve(),
    log,
  });
  const supervision = new Supervision({
    isBusy: () => holder.busy || holder.hasUnstored,
    onUnsupervised: () => holder.pauseUnsupervised(),
    onUnneeded: () => leave.resolve(),
  });
  const server = new HolderServer({
    holder,
    log,
    secret: file.secret,
    version: VERSION,
    onClients: (count) => supervision.setClients(count),
  });
  const listener = Deno.listen({ transport: "unix", path: file.socket });
  Deno.chmodSync(file.socket, SOCKET_MODE);
  const serving = server.serve(listener);
  writeHolderFile(data.path, file);
  log.info("Holding sessions", { pid: Deno.pid, version: VERSION });
  // The terminal of whoever started us is none of ours.
  for (const signal of ["SIGINT", "SIGHUP"] as const) Deno.addSignalListener(signal, () => {});
  Deno.addSignalListener("SIGTERM", () => leave.resolve());
  await leave.promise;
  supervision.close();
  damage.close();
  memory.stop();
  listener.close();
  await serving;
  server.leave();
  await close();
  removeHolderFile(data.path, file);
  release?.();
  unlock();
  // Last: who loses us looks for another holder at once, which must find the recordings free.
  server.close();
  log.info("Nothing to hold any more", { pid: Deno.pid });
}

function describeHolder(data: DataDirectory, temporaryDirectory: string): HolderFile {
  const id = newId();
  return {
    id,
    pid: Deno.pid,
    socket: socketPath(data.path, { id, temporaryDirectory }),
    secret: randomBytes(SECRET_BYTES).toString("base64url"),
    version: VERSION,
    startedAtMs: Date.now(),
  };
}

/** Whether the recordings are this process's own from now until its end; of two that start at once, one's. */
async function takeRecordings(data: DataDirectory): Promise<(() => void) | undefined> {
  try {
    return await data.lockFile("recordings.lock");
  } catch (cause) {
    if (cause instanceof AppError) return undefined;
    throw cause;
  }
}

/** A living holder has its lock. */
async function anotherHolderLives(data: DataDirectory, self: HolderFile): Promise<boolean> {
  for (const { id } of listHolderFiles(data.path)) {
    if (id !== self.id && await data.isLocked(`holder-${id}.lock`)) return true;
  }
  return false;
}
