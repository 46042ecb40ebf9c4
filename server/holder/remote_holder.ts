// The server's side of one holder's socket: calls with deadlines, events, and the moment the holder is gone.
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
import {
  errorOf,
  HEARTBEAT_MS,
  type HolderOperation,
  parseWelcome,
  PROTOCOL,
  SINCE_HEARTBEATS,
  SINCE_PAUSE_CHANGES,
} from "./holder_protocol.ts";
import { StreamLink } from "./stream_link.ts";
import type { WireMessage } from "./wire.ts";

export interface RemoteHolderOptions {
  connection: Deno.Conn;
  secret: string;
  /** Of this program; a holder of another version only finishes what it holds. */
  version: string;
  onEvent: (event: HolderEvent) => void;
  /** Once, when the holder cannot be reached any more. */
  onGone: () => void;
  /** It has stopped to answer, or answers again: `silent` says which. */
  onSilence?: () => void;
  /** Longest wait for an answer, and between two signs of life; for tests. */
  deadlineMs?: number;
  heartbeatMs?: number;
}

interface CallOptions {
  bytes?: Uint8Array;
  deadlineMs?: number;
  /** It has succeeded after its deadline. */
  onLate?: () => void;
}

interface PendingCall {
  resolve: (value: unknown) => void;
  reject: (error: AppError) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** Longest wait for an answer; ending processes takes longest. */
const CALL_DEADLINE_MS = 15_000;
/** Reading a file of many gigabytes takes minutes. */
const CHECK_DEADLINE_MS = 30 * 60_000;
const WELCOME_WITHIN_MS = 5000;
/** Channels begin with 1. */
const NO_CHANNEL = 0;

export class RemoteHolder implements HolderApi {
  readonly #options: RemoteHolderOptions;
  readonly #link: StreamLink;
  readonly #calls = new Map<number, PendingCall>();
  /** Calls that were given up, and what their success asks for. */
  readonly #late = new Map<number, () => void>();
  readonly #welcome = Promise.withResolvers<{ protocol: number; version: string; pid: number }>();
  #welcomed = false;
  #protocol = PROTOCOL.min;
  #gone = false;
  #silent = false;
  #heart: ReturnType<typeof setTimeout> | undefined;
  #lastId = 0;

  private constructor(options: RemoteHolderOptions) {
    this.#options = options;
    this.#link = new StreamLink({
      connection: options.connection,
      onMessage: (message) => this.#receive(message),
      onClose: () => this.#leave(),
    });
  }

  /** Greets a holder. Rejects with `unavailable` when it does not want this client or does not answer. */
  static async greet(
    options: RemoteHolderOptions,
  ): Promise<{ holder: RemoteHolder; version: string; pid: number }> {
    const holder = new RemoteHolder(options);
    const { secret, version } = options;
    holder.#link.send({ body: { hello: { secret, version, ...PROTOCOL } } });
    const timer = setTimeout(() => holder.close(), options.deadlineMs ?? WELCOME_WITHIN_MS);
    try {
      const welcome = await holder.#welcome.promise;
      holder.#protocol = welcome.protocol;
      if (welcome.protocol >= SINCE_HEARTBEATS) holder.#beat();
      return { holder, ...welcome };
    } finally {
      clearTimeout(timer);
    }
  }

  /** It lives and does not answer. */
  get silent(): boolean {
    return this.#silent;
  }

  close(): void {
    this.#link.close();
  }

  /** What starts when its caller has given up is ended: nobody would look after it. */
  spawn(call: SpawnCall): Promise<SpawnResult> {
    const { session } = call;
    return this.#call("spawn", call, { onLate: () => this.#send("kill", { session }) });
  }

  write({ bytes, ...call }: { session: string; bytes: Uint8Array }): Promise<WriteResult> {
    return this.#call("write", call, { bytes });
  }

  resize(call: { session: string; cols: number; rows: number }): Promise<void> {
    return this.#call("resize", call);
  }

  signal(call: { session: string; signal: Deno.Signal; scope: "leader" | "tree" }): Promise<number> {
    return this.#call("signal", call);
  }

  kill(call: { session: string }): Promise<number> {
    return this.#call("kill", call);
  }

  pause(call: { session: string; reason: string }): Promise<void> {
    return this.#call("pause", call);
  }

  resume(call: { session: string }): Promise<void> {
    return this.#call("resume", call);
  }

  /** Does nothing with a holder that does not know it yet: its sessions keep what they were started with. */
  async setPauseUnsupervised(call: { session: string; on: boolean }): Promise<void> {
    if (this.#protocol >= SINCE_PAUSE_CHANGES) await this.#call("setPauseUnsupervised", call);
  }

  countProcesses(call: { session: string }): Promise<number> {
    return this.#call("countProcesses", call);
  }

  attach(call: AttachCall): Promise<void> {
    return this.#call("attach", call);
  }

  acknowledge(call: { channel: number; offset: number }): Promise<void> {
    return this.#call("acknowledge", call);
  }

  detach(call: { channel: number }): Promise<void> {
    return this.#call("detach", call);
  }

  async read(call: { session: string; from: number; maxBytes: number }): Promise<Uint8Array> {
    return await this.#call<Uint8Array | undefined>("read", call) ?? new Uint8Array();
  }

  timeline(call: { session: string }): Promise<Timeline> {
    return this.#call("timeline", call);
  }

  keyframe(call: { session: string; offset: number }): Promise<ScreenSnapshot | undefined> {
    return this.#call("keyframe", call);
  }

  screenText(call: { session: string }): Promise<string[]> {
    return this.#call("screenText", call);
  }

  listRunning(): Promise<RunningSession[]> {
    return this.#call("listRunning", {});
  }

  listExits(): Promise<SessionExit[]> {
    return this.#call("listExits", {});
  }

  acknowledgeExit(call: { session: string }): Promise<void> {
    return this.#call("acknowledgeExit", call);
  }

  delete(call: { session: string }): Promise<void> {
    return this.#call("delete", call);
  }

  listRecordings(): Promise<RecordingUse[]> {
    return this.#call("listRecordings", {});
  }

  setKeep(call: { session: string; keep: boolean }): Promise<void> {
    return this.#call("setKeep", call);
  }

  setRecordingCap(call: { bytes: number }): Promise<void> {
    return this.#call("setRecordingCap", call);
  }

  checkRecordings(call: { depth: "quick" | "full" }): Promise<string[]> {
    return this.#call("checkRecordings", call, { deadlineMs: CHECK_DEADLINE_MS });
  }

  findSurvivors(): Promise<FoundProcess[]> {
    return this.#call("findSurvivors", {});
  }

  endSurvivors(call: { processes: FoundProcess[] }): Promise<number[]> {
    return this.#call("endSurvivors", call);
  }

  /** The holder is a program of ours that shares `HolderApi`: answers are taken as it declares them. */
  #call<Value>(
    operation: HolderOperation,
    call: object,
    { bytes, deadlineMs = this.#options.deadlineMs ?? CALL_DEADLINE_MS, onLate }: CallOptions = {},
  ): Promise<Value> {
    if (this.#gone) return Promise.reject(unreachable());
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = this.#send(operation, call, bytes);
    const timer = setTimeout(() => {
      this.#calls.delete(id);
      if (onLate) this.#late.set(id, onLate);
      reject(
        new AppError("unavailable", `The process that holds the sessions did not answer (${operation})`),
      );
    }, deadlineMs);
    this.#calls.set(id, { resolve, reject, timer });
    return promise as Promise<Value>;
  }

  /** Answers the id of the call. */
  #send(operation: HolderOperation, call: object, bytes?: Uint8Array): number {
    const id = ++this.#lastId;
    this.#link.send({ body: { id, operation, call }, ...(bytes ? { bytes } : {}) });
    return id;
  }

  #receive({ body, bytes }: WireMessage): void {
    if (!this.#welcomed) {
      this.#welcomed = true;
      return this.#welcome.resolve(parseWelcome(body).welcome);
    }
    const message = body as
      | { event: HolderEvent }
      | { id: number; value?: unknown; error?: { code: string; message: string } };
    if ("event" in message) {
      this.#options.onEvent(bytes ? { ...message.event, bytes } as HolderEvent : message.event);
    } else this.#settle(message, bytes);
  }

  #settle(
    { id, value, error }: { id: number; value?: unknown; error?: { code: string; message: string } },
    bytes: Uint8Array | undefined,
  ): void {
    const pending = this.#calls.get(id);
    if (!pending) return this.#settleLate(id, error !== undefined);
    this.#calls.delete(id);
    clearTimeout(pending.timer);
    if (error) pending.reject(errorOf(error));
    else pending.resolve(bytes ?? value);
  }

  #settleLate(id: number, failed: boolean): void {
    const onLate = this.#late.get(id);
    this.#late.delete(id);
    if (!failed) onLate?.();
  }

  /** Says that this client lives: an acknowledgement of no channel, which holders ignore. One at a time. */
  #beat(): void {
    this.#heart = setTimeout(() => {
      this.acknowledge({ channel: NO_CHANNEL, offset: 0 }).then(
        () => this.#setSilent(false),
        () => this.#setSilent(true),
      ).finally(() => this.#gone || this.#beat());
    }, this.#options.heartbeatMs ?? HEARTBEAT_MS);
  }

  #setSilent(silent: boolean): void {
    if (silent === this.#silent || this.#gone) return;
    this.#silent = silent;
    this.#options.onSilence?.();
  }

  #leave(): void {
    this.#gone = true;
    clearTimeout(this.#heart);
    this.#welcome.reject(unreachable());
    for (const { reject, timer } of this.#calls.values()) {
      clearTimeout(timer);
      reject(unreachable());
    }
    this.#calls.clear();
    if (this.#welcomed) this.#options.onGone();
  }
}

function unreachable(): AppError {
  return new AppError("unavailable", "The process that holds the sessions cannot be reached");
}
