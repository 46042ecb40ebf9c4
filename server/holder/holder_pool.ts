// All holders of a data directory as one: finds or starts them, knows who holds which session, comes back after a loss.
import { AppError, errorText } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Timeline } from "../protocol.ts";
import type {
  AttachCall,
  FoundProcess,
  HolderApi,
  HolderEvent,
  RecordingUse,
  RunningSession,
  ScreenSnapshot,
  SessionExit,
  SpawnCall,
  SpawnResult,
  WriteResult,
} from "./api.ts";
import { type HolderFile, listHolderFiles, removeHolderFile } from "./holder_files.ts";
import { RemoteHolder } from "./remote_holder.ts";

export interface HolderPoolOptions {
  dataDirectory: string;
  /** Of this program: new sessions go to a holder of the same version. */
  version: string;
  /** Starts another holder. */
  start: () => Promise<void>;
  onEvent: (event: HolderEvent) => void;
  /** A holder was lost and its successor is there: what it held must be looked at again. */
  onReplaced: () => void;
  log: Log;
}

/** How long a started holder may take to listen. */
const START_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 20;
/** Between attempts to get a holder after one was lost. */
const RETRY_AFTER_MS = 1000;

export class HolderPool implements HolderApi {
  readonly #options: HolderPoolOptions;
  /** By the id of their file. */
  readonly #holders = new Map<string, RemoteHolder>();
  readonly #bySession = new Map<string, RemoteHolder>();
  readonly #byChannel = new Map<number, RemoteHolder>();
  #current: Promise<RemoteHolder>;
  #closed = false;

  constructor(options: HolderPoolOptions) {
    this.#options = options;
    this.#current = this.#find();
    // Calls tell; until one is made, the next attempt may succeed.
    this.#current.catch((cause) =>
      options.log.error("No process holds sessions", { cause: errorText(cause) })
    );
  }

  /** Lets go of all holders; they and their sessions go on. */
  close(): void {
    this.#closed = true;
    for (const holder of this.#holders.values()) holder.close();
  }

  async spawn(call: SpawnCall): Promise<SpawnResult> {
    const holder = await this.#current;
    this.#bySession.set(call.session, holder);
    return await holder.spawn(call);
  }

  async write(call: { session: string; bytes: Uint8Array }): Promise<WriteResult> {
    return await (await this.#of(call)).write(call);
  }

  async resize(call: { session: string; cols: number; rows: number }): Promise<void> {
    await (await this.#of(call)).resize(call);
  }

  async signal(call: { session: string; signal: Deno.Signal; scope: "leader" | "tree" }): Promise<number> {
    return await (await this.#of(call)).signal(call);
  }

  async kill(call: { session: string }): Promise<number> {
    return await (await this.#of(call)).kill(call);
  }

  async pause(call: { session: string; reason: string }): Promise<void> {
    await (await this.#of(call)).pause(call);
  }

  async resume(call: { session: string }): Promise<void> {
    await (await this.#of(call)).resume(call);
  }

  async setPauseUnsupervised(call: { session: string; on: boolean }): Promise<void> {
    await (await this.#of(call)).setPauseUnsupervised(call);
  }

  async countProcesses(call: { session: string }): Promise<number> {
    return await (await this.#of(call)).countProcesses(call);
  }

  async attach(call: AttachCall): Promise<void> {
    const holder = await this.#of(call);
    this.#byChannel.set(call.channel, holder);
    await holder.attach(call);
  }

  async acknowledge(call: { channel: number; offset: number }): Promise<void> {
    await this.#byChannel.get(call.channel)?.acknowledge(call);
  }

  async detach(call: { channel: number }): Promise<void> {
    const holder = this.#byChannel.get(call.channel);
    this.#byChannel.delete(call.channel);
    await holder?.detach(call);
  }

  async read(call: { session: string; from: number; maxBytes: number }): Promise<Uint8Array> {
    return await (await this.#of(call)).read(call);
  }

  async timeline(call: { session: string }): Promise<Timeline> {
    return await (await this.#of(call)).timeline(call);
  }

  async keyframe(call: { session: string; offset: number }): Promise<ScreenSnapshot | undefined> {
    return await (await this.#of(call)).keyframe(call);
  }

  async screenText(call: { session: string }): Promise<string[]> {
    return await (await this.#of(call)).screenText(call);
  }

  async listRunning(): Promise<RunningSession[]> {
    return (await this.#askAll((holder) => holder.listRunning())).flat();
  }

  async listExits(): Promise<SessionExit[]> {
    return await (await this.#current).listExits();
  }

  async acknowledgeExit(call: { session: string }): Promise<void> {
    const holder = await this.#of(call);
    await holder.acknowledgeExit(call);
    this.#bySession.delete(call.session);
    await this.#leaveIfDone(holder);
  }

  async delete(call: { session: string }): Promise<void> {
    await (await this.#of(call)).delete(call);
  }

  async listRecordings(): Promise<RecordingUse[]> {
    return await (await this.#current).listRecordings();
  }

  async setKeep(call: { session: string; keep: boolean }): Promise<void> {
    await (await this.#current).setKeep(call);
  }

  async setRecordingCap(call: { bytes: number }): Promise<void> {
    await (await this.#current).setRecordingCap(call);
  }

  async checkRecordings(call: { depth: "quick" | "full" }): Promise<string[]> {
    return await (await this.#current).checkRecordings(call);
  }

  /** Each holder takes the others' sessions for survivors; only what none of them holds is one. */
  async findSurvivors(): Promise<FoundProcess[]> {
    const lists = await this.#askAll((holder) => holder.findSurvivors());
    const [first = [], ...rest] = lists;
    return first.filter(({ pid }) => rest.every((list) => list.some((other) => other.pid === pid)));
  }

  async endSurvivors(call: { processes: FoundProcess[] }): Promise<number[]> {
    return await (await this.#current).endSurvivors(call);
  }

  /** The holder of a session; for one that has ended any will do. */
  async #of({ session }: { session: string }): Promise<RemoteHolder> {
    const current = await this.#current;
    return this.#bySession.get(session) ?? current;
  }

  async #askAll<Answer>(ask: (holder: RemoteHolder) => Promise<Answer>): Promise<Answer[]> {
    await this.#current;
    return await Promise.all([...this.#holders.values()].map(ask));
  }

  /** An older holder is let go when it holds nothing any more; it leaves by itself then. */
  async #leaveIfDone(holder: RemoteHolder): Promise<void> {
    if (holder === await this.#current || [...this.#bySession.values()].includes(holder)) return;
    for (const [id, other] of this.#holders) if (other === holder) this.#holders.delete(id);
    holder.close();
  }

  /** Connects to every holder that is there; starts one when none is of our version. */
  async #find(): Promise<RemoteHolder> {
    const known = await this.#connectAll();
    if (known) return known;
    await this.#options.start();
    const giveUpAtMs = performance.now() + START_WITHIN_MS;
    while (performance.now() < giveUpAtMs && !this.#closed) {
      const started = await this.#connectAll();
      if (started) return started;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    throw new AppError(
      "unavailable",
      "The process that holds sessions did not start; holder.log in the data directory may say why",
    );
  }

  /** The newest holder of our version, if there is one. */
  async #connectAll(): Promise<RemoteHolder | undefined> {
    let current: RemoteHolder | undefined;
    for (const file of listHolderFiles(this.#options.dataDirectory)) {
      const holder = this.#holders.get(file.id) ?? await this.#connect(file);
      if (file.version === this.#options.version) current ??= holder;
    }
    return current;
  }

  async #connect(file: HolderFile): Promise<RemoteHolder | undefined> {
    const { log, version, onEvent } = this.#options;
    try {
      const connection = await Deno.connect({ transport: "unix", path: file.socket });
      const { holder } = await RemoteHolder.greet({
        connection,
        secret: file.secret,
        version,
        onEvent,
        onGone: () => this.#lose(file),
      });
      this.#holders.set(file.id, holder);
      for (const { session } of await holder.listRunning()) this.#bySession.set(session, holder);
      return holder;
    } catch (cause) {
      if (cause instanceof Deno.errors.ConnectionRefused || cause instanceof Deno.errors.NotFound) {
        removeHolderFile(this.#options.dataDirectory, file);
      } else {
        log.warn("Cannot talk to a process that holds sessions", {
          pid: file.pid,
          version: file.version,
          cause: errorText(cause),
        });
      }
      return undefined;
    }
  }

  #lose(file: HolderFile): void {
    const lost = this.#holders.get(file.id);
    if (this.#closed || !lost) return;
    this.#options.log.error("A process that holds sessions is gone", { pid: file.pid });
    this.#holders.delete(file.id);
    for (const [session, holder] of this.#bySession) if (holder === lost) this.#bySession.delete(session);
    for (const [channel, holder] of this.#byChannel) if (holder === lost) this.#byChannel.delete(channel);
    this.#current = this.#findAgain();
    this.#current.then(() => this.#options.onReplaced(), () => {});
  }

  async #findAgain(): Promise<RemoteHolder> {
    for (;;) {
      try {
        return await this.#find();
      } catch (cause) {
        if (this.#closed) throw cause;
        this.#options.log.error("No process holds sessions; trying again", { cause: errorText(cause) });
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
      }
    }
  }
}
