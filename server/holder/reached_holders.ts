// The holders of a data directory that answer, and those that live and do not: they are asked again until that is settled.
import { AppError, errorText } from "../errors.ts";
import type { Log } from "../log.ts";
import type { HolderEvent } from "./api.ts";
import { type HolderFile, listHolderFiles, removeHolderFile } from "./holder_files.ts";
import { RemoteHolder } from "./remote_holder.ts";

export interface ReachOptions {
  dataDirectory: string;
  /** Of this program: new sessions go to a holder of the same version. */
  version: string;
  /** Whether the process of a holder's file lives, answering or not. */
  isAlive: (file: HolderFile) => Promise<boolean>;
  onEvent: (event: HolderEvent) => void;
  log: Log;
  /** Whether some do not answer may have changed. */
  onSilence?: () => void;
  /** Longest wait for an answer, and between two signs of life; for tests. */
  deadlineMs?: number;
  heartbeatMs?: number;
}

export interface ReachedHoldersOptions extends ReachOptions {
  /** A holder answers, and holds these sessions. */
  onHeld: (holder: RemoteHolder, sessions: string[]) => void;
  /** A holder that answered is gone. */
  onLost: (holder: RemoteHolder) => void;
  /** A holder that did not answer does now, or is gone. */
  onSettled: () => void;
}

/** Between attempts: first, and after many. */
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 30_000;

export function retryAfterMs(failures: number): number {
  return Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** Math.min(failures, 10));
}

export class ReachedHolders {
  readonly #options: ReachedHoldersOptions;
  /** By the id of their file. */
  readonly #holders = new Map<string, RemoteHolder>();
  /** What they hold is not lost, only unknown. With the timers of the next attempts. */
  readonly #silent = new Map<string, ReturnType<typeof setTimeout>>();
  #closed = false;

  constructor(options: ReachedHoldersOptions) {
    this.#options = options;
  }

  /** Whether a living holder was not reached: then nobody knows all that runs. */
  get someAreUnknown(): boolean {
    return this.#silent.size > 0;
  }

  /** Whether a living holder does not answer. */
  get someAreSilent(): boolean {
    return this.someAreUnknown || this.list().some(({ silent }) => silent);
  }

  list(): RemoteHolder[] {
    return [...this.#holders.values()];
  }

  /** Greets every holder that is new. Answers the newest one of our version, if there is one. */
  async connectAll(): Promise<RemoteHolder | undefined> {
    let current: RemoteHolder | undefined;
    for (const file of listHolderFiles(this.#options.dataDirectory)) {
      if (this.#silent.has(file.id)) continue;
      const holder = this.#holders.get(file.id) ?? await this.#connect(file);
      if (file.version === this.#options.version) current ??= holder;
    }
    return current;
  }

  /** Lets go of a holder; it and its sessions go on. */
  leave(holder: RemoteHolder): void {
    for (const [id, other] of this.#holders) if (other === holder) this.#holders.delete(id);
    holder.close();
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#silent.values()) clearTimeout(timer);
    for (const holder of this.#holders.values()) holder.close();
  }

  async #connect(file: HolderFile): Promise<RemoteHolder | undefined> {
    try {
      return await this.#greet(file);
    } catch (cause) {
      const { pid, version } = file;
      if (!await this.#options.isAlive(file)) removeHolderFile(this.#options.dataDirectory, file);
      else {
        const details = { pid, version, cause: errorText(cause) };
        this.#options.log.warn("A process that holds sessions does not answer; trying again", details);
        this.#greetLater(file, 0);
      }
      return undefined;
    }
  }

  async #greet(file: HolderFile): Promise<RemoteHolder> {
    const { holder } = await RemoteHolder.greet({
      ...this.#options,
      connection: await Deno.connect({ transport: "unix", path: file.socket }),
      secret: file.secret,
      onGone: () => this.#lose(file),
    });
    try {
      const running = await holder.listRunning();
      if (this.#closed) throw new AppError("unavailable", "Nobody asks any more");
      this.#holders.set(file.id, holder);
      this.#options.onHeld(holder, running.map(({ session }) => session));
      return holder;
    } catch (cause) {
      holder.close();
      throw cause;
    }
  }

  #greetLater(file: HolderFile, failures: number): void {
    if (this.#closed) return;
    const timer = setTimeout(() => void this.#greetAgain(file, failures), retryAfterMs(failures));
    this.#silent.set(file.id, timer);
    if (failures === 0) this.#options.onSilence?.();
  }

  /** Until it answers or its process is gone. */
  async #greetAgain(file: HolderFile, failures: number): Promise<void> {
    const { isAlive, dataDirectory, log, onSettled } = this.#options;
    const answers = await this.#greet(file).then(() => true, () => false);
    if (this.#closed) return;
    if (!answers && await isAlive(file)) return this.#greetLater(file, failures + 1);
    this.#silent.delete(file.id);
    if (!answers) removeHolderFile(dataDirectory, file);
    this.#options.onSilence?.();
    log.info("What a silent process holds is known again", { pid: file.pid, answers });
    onSettled();
  }

  #lose(file: HolderFile): void {
    const lost = this.#holders.get(file.id);
    if (this.#closed || !lost) return;
    this.#options.log.error("A process that holds sessions is gone", { pid: file.pid });
    this.#holders.delete(file.id);
    if (lost.silent) this.#options.onSilence?.();
    this.#options.onLost(lost);
  }
}
