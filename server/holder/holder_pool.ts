// All holders of a data directory as one: finds or starts them, knows who holds which session, comes back after a loss.
import { AppError, errorText } from "../errors.ts";
import type { Timeline } from "../protocol.ts";
import type {
  AttachCall,
  FoundProcess,
  HolderApi,
  RecordingUse,
  RunningSession,
  ScreenSnapshot,
  SessionExit,
  SpawnCall,
  SpawnResult,
  WriteResult,
} from "./api.ts";
import { ReachedHolders, type ReachOptions, retryAfterMs } from "./reached_holders.ts";
import type { RemoteHolder } from "./remote_holder.ts";

export interface HolderPoolOptions extends ReachOptions {
  /** Starts another holder. */
  start: () => Promise<void>;
  /** Other holders answer than before: what runs must be looked at again. */
  onReplaced: () => void;
}

/** How long a started holder may take to listen. */
const START_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 20;

export class HolderPool implements HolderApi {
  readonly #options: HolderPoolOptions;
  readonly #reached: ReachedHolders;
  readonly #bySession = new Map<string, RemoteHolder>();
  readonly #byChannel = new Map<number, RemoteHolder>();
  #current: Promise<RemoteHolder>;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: HolderPoolOptions) {
    this.#options = options;
    this.#reached = new ReachedHolders({
      ...options,
      onHeld: (holder, sessions) => sessions.forEach((session) => this.#bySession.set(session, holder)),
      onLost: (holder) => this.#lose(holder),
      onSettled: () => options.onReplaced(),
    });
    this.#current = this.#seek();
  }

  /** Lets go of all holders; they and their sessions go on. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#reached.close();
  }

  /** Whether a process that holds sessions lives and does not answer; `onSilence` tells of changes. */
  get someAreSilent(): boolean {
    return this.#reached.someAreSilent;
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
    await this.#current;
    await Promise.all(this.#reached.list().map((holder) => holder.setRecordingCap(call)));
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

  /** Rejects while a holder does not answer: without it, its sessions would seem to be gone. */
  async #askAll<Answer>(ask: (holder: RemoteHolder) => Promise<Answer>): Promise<Answer[]> {
    await this.#current;
    if (this.#reached.someAreUnknown) {
      throw new AppError("unavailable", "A process that holds sessions does not answer; trying again");
    }
    return await Promise.all(this.#reached.list().map(ask));
  }

  /** An older holder is let go when it holds nothing any more; it leaves by itself then. */
  async #leaveIfDone(holder: RemoteHolder): Promise<void> {
    if (holder === await this.#current || [...this.#bySession.values()].includes(holder)) return;
    this.#reached.leave(holder);
  }

  /** Finds a holder for new sessions; what cannot be found now is sought again, and calls say so until then. */
  #seek(): Promise<RemoteHolder> {
    const found = this.#find();
    found.then(() => this.#failures = 0, (cause) => this.#seekLater(cause));
    return found;
  }

  #seekLater(cause: unknown): void {
    if (this.#closed) return;
    this.#options.log.error("No process holds sessions; trying again", { cause: errorText(cause) });
    this.#retry = setTimeout(() => this.#seekAgain(), retryAfterMs(this.#failures++));
  }

  #seekAgain(): void {
    this.#current = this.#seek();
    this.#current.then(() => this.#options.onReplaced(), () => {});
  }

  /** A holder of our version; one is started when none answers. */
  async #find(): Promise<RemoteHolder> {
    const known = await this.#reached.connectAll();
    if (known) return known;
    await this.#options.start();
    const giveUpAtMs = performance.now() + START_WITHIN_MS;
    while (performance.now() < giveUpAtMs && !this.#closed) {
      const started = await this.#reached.connectAll();
      if (started) return started;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    throw new AppError(
      "unavailable",
      "The process that holds sessions did not start; holder.log in the data directory may say why",
    );
  }

  #lose(lost: RemoteHolder): void {
    for (const [session, holder] of this.#bySession) if (holder === lost) this.#bySession.delete(session);
    for (const [channel, holder] of this.#byChannel) if (holder === lost) this.#byChannel.delete(channel);
    this.#seekAgain();
  }
}
