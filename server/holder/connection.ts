// One client of the holder: its calls, and the terminal streams it is attached to.
import { AppError } from "../errors.ts";
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
import type { Holder } from "./holder.ts";
import { OutputStream } from "./output_stream.ts";
import { clampSize } from "./terminal_size.ts";

/** Longest answer of one read. */
const MAX_READ_BYTES = 4 * 1024 * 1024;

export interface HolderConnectionOptions {
  holder: Holder;
  send: (event: HolderEvent) => void;
  onClose: () => void;
}

export class HolderConnection implements HolderApi {
  readonly #holder: Holder;
  readonly #send: (event: HolderEvent) => void;
  readonly #onClose: () => void;
  readonly #streams = new Map<number, { session: string; stream: OutputStream }>();

  constructor(options: HolderConnectionOptions) {
    this.#holder = options.holder;
    this.#send = options.send;
    this.#onClose = options.onClose;
  }

  /** Passes an event that is not bound to a channel. */
  tell(event: HolderEvent): void {
    this.#send(event);
  }

  /** A session has new output. */
  pump(session: string): void {
    for (const attached of this.#streams.values()) {
      if (attached.session === session) attached.stream.pump();
    }
  }

  close(): void {
    for (const { stream } of this.#streams.values()) stream.close();
    this.#streams.clear();
    this.#onClose();
  }

  async spawn(call: SpawnCall): Promise<SpawnResult> {
    return await this.#holder.spawn({ ...call, ...clampSize(call) });
  }

  async write({ session, bytes }: { session: string; bytes: Uint8Array }): Promise<WriteResult> {
    return await this.#holder.getRunning(session).write(bytes);
  }

  async resize({ session, ...size }: { session: string; cols: number; rows: number }): Promise<void> {
    await this.#holder.resize(session, clampSize(size));
  }

  async signal(call: { session: string; signal: Deno.Signal; scope: "leader" | "tree" }): Promise<number> {
    if (call.scope === "tree") return await this.#holder.getGroup(call.session)?.signal(call.signal) ?? 0;
    this.#holder.getRunning(call.session).kill(call.signal);
    return 1;
  }

  async kill({ session }: { session: string }): Promise<number> {
    return await this.#holder.getGroup(session)?.kill() ?? 0;
  }

  async pause({ session, reason }: { session: string; reason: string }): Promise<void> {
    await this.#holder.pause(session, reason);
  }

  async resume({ session }: { session: string }): Promise<void> {
    await this.#holder.resume(session);
  }

  async setPauseUnsupervised({ session, on }: { session: string; on: boolean }): Promise<void> {
    await this.#holder.setPauseUnsupervised(session, on);
  }

  async countProcesses({ session }: { session: string }): Promise<number> {
    return await this.#holder.countProcesses(session);
  }

  async attach({ channel, session, ...wish }: AttachCall): Promise<void> {
    if (this.#streams.has(channel)) throw new AppError("conflict", `Channel ${channel} is in use`);
    const source = this.#holder.openSource(session);
    const stream = new OutputStream({ channel, source, send: this.#send });
    this.#streams.set(channel, { session, stream });
    try {
      await stream.begin(wish);
    } catch (cause) {
      this.#streams.delete(channel);
      throw cause;
    }
  }

  async acknowledge({ channel, offset }: { channel: number; offset: number }): Promise<void> {
    await this.#streams.get(channel)?.stream.acknowledge(offset);
  }

  async detach({ channel }: { channel: number }): Promise<void> {
    await this.#streams.get(channel)?.stream.close();
    this.#streams.delete(channel);
  }

  async read(
    { session, from, maxBytes }: { session: string; from: number; maxBytes: number },
  ): Promise<Uint8Array> {
    const source = this.#holder.openRecording(session);
    return await source.read(from, Math.min(maxBytes, MAX_READ_BYTES));
  }

  async timeline({ session }: { session: string }): Promise<Timeline> {
    return await this.#holder.openRecording(session).timeline();
  }

  async keyframe(
    { session, offset }: { session: string; offset: number },
  ): Promise<ScreenSnapshot | undefined> {
    return await this.#holder.openSource(session).keyframe(offset);
  }

  async screenText({ session }: { session: string }): Promise<string[]> {
    return await this.#holder.getRunning(session).text();
  }

  async listRunning(): Promise<RunningSession[]> {
    return await this.#holder.listRunning().map((session) => session.describe());
  }

  async listExits(): Promise<SessionExit[]> {
    return await this.#holder.listExits();
  }

  async acknowledgeExit({ session }: { session: string }): Promise<void> {
    await this.#holder.acknowledgeExit(session);
  }

  async delete({ session }: { session: string }): Promise<void> {
    await this.#holder.delete(session);
  }

  async listRecordings(): Promise<RecordingUse[]> {
    return await this.#holder.store.listSizes();
  }

  async setKeep({ session, keep }: { session: string; keep: boolean }): Promise<void> {
    await this.#holder.store.setKeep(session, keep);
  }

  async setRecordingCap({ bytes }: { bytes: number }): Promise<void> {
    await this.#holder.maintenance.setCap(bytes);
  }

  checkRecordings({ depth }: { depth: "quick" | "full" }): Promise<string[]> {
    return this.#holder.maintenance.check(depth);
  }

  async findSurvivors(): Promise<FoundProcess[]> {
    const running = new Set(this.#holder.listRunning().map(({ id }) => id));
    return await this.#holder.processes.find().filter(({ session }) => !running.has(session));
  }

  endSurvivors({ processes }: { processes: FoundProcess[] }): Promise<number[]> {
    return this.#holder.processes.end(processes);
  }
}
