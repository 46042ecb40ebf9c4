// The holder's side of its socket: greets clients that know the secret, runs their calls, sends them events.
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { publicError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { HolderApi, HolderEvent } from "./api.ts";
import type { HolderConnection } from "./connection.ts";
import type { Holder } from "./holder.ts";
import {
  type AnswerMessage,
  HEARTBEAT_MS,
  negotiate,
  parseCall,
  parseHello,
  PROTOCOL,
  SINCE_HEARTBEATS,
} from "./holder_protocol.ts";
import { StreamLink } from "./stream_link.ts";
import type { WireMessage } from "./wire.ts";

export interface HolderServerOptions {
  holder: Holder;
  secret: string;
  version: string;
  log: Log;
  /** Told after every change of how many clients are greeted. */
  onClients: (count: number) => void;
  /** How long a client may say nothing; for tests. */
  silenceMs?: number;
}

/** A client that does not greet in time is sent away. */
const GREETING_WITHIN_MS = 5000;
/** A server that is stopped or hangs watches nothing: it counts as gone. */
const SILENCE_MS = 6 * HEARTBEAT_MS;
/** Looked at so often in that time, so that a while in which this process itself stood still counts once. */
const SILENCE_LOOKS = 6;

const LEAVING = { code: "unavailable", message: "The process that holds the sessions is leaving" } as const;

export class HolderServer {
  readonly #options: HolderServerOptions;
  readonly #clients = new Set<Client>();
  #isLeaving = false;

  constructor(options: HolderServerOptions) {
    this.#options = options;
  }

  /** Serves connections until no more come: a listener until it is closed. */
  async serve(listener: AsyncIterable<Deno.Conn>): Promise<void> {
    for await (const connection of listener) this.#accept(connection);
  }

  /** Calls are refused from now on. */
  leave(): void {
    this.#isLeaving = true;
  }

  close(): void {
    for (const client of [...this.#clients]) client.close();
  }

  #accept(connection: Deno.Conn): void {
    const client = new Client({
      ...this.#options,
      connection,
      isLeaving: () => this.#isLeaving,
      onGreeted: () => {
        this.#clients.add(client);
        this.#options.onClients(this.#clients.size);
      },
      onGone: () => {
        if (this.#clients.delete(client)) this.#options.onClients(this.#clients.size);
      },
    });
  }
}

interface ClientOptions extends HolderServerOptions {
  connection: Deno.Conn;
  isLeaving: () => boolean;
  onGreeted: () => void;
  onGone: () => void;
}

class Client {
  readonly #options: ClientOptions;
  readonly #link: StreamLink;
  readonly #greetingTimer: ReturnType<typeof setTimeout>;
  #api: (HolderApi & Pick<HolderConnection, "close">) | undefined;
  /** Looks since it last said something. */
  #silentLooks = 0;
  #pulse: ReturnType<typeof setInterval> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#greetingTimer = setTimeout(() => this.close(), GREETING_WITHIN_MS);
    this.#link = new StreamLink({
      connection: options.connection,
      onMessage: (message) => this.#receive(message),
      onClose: (cause) => this.#leave(cause),
    });
  }

  close(): void {
    this.#link.close();
  }

  #leave(cause: unknown): void {
    clearTimeout(this.#greetingTimer);
    clearInterval(this.#pulse);
    if (cause !== undefined) this.#options.log.debug("A client's link broke", { cause });
    this.#api?.close();
    this.#options.onGone();
  }

  #receive(message: WireMessage): void {
    this.#silentLooks = 0;
    if (this.#api) this.#run(this.#api, message);
    else this.#greet(message);
  }

  #greet({ body }: WireMessage): void {
    const { hello } = parseHello(body);
    const given = Buffer.from(hello.secret);
    const expected = Buffer.from(this.#options.secret);
    const protocol = negotiate(PROTOCOL, hello);
    if (given.length !== expected.length || !timingSafeEqual(given, expected) || protocol === undefined) {
      this.#options.log.warn("Sent a client away", { protocol, version: hello.version });
      return this.close();
    }
    clearTimeout(this.#greetingTimer);
    if (protocol >= SINCE_HEARTBEATS) this.#takePulse();
    this.#api = this.#options.holder.connect((event) => this.#sendEvent(event));
    this.#link.send({ body: { welcome: { protocol, version: this.#options.version, pid: Deno.pid } } });
    for (const event of this.#options.holder.standing()) this.#sendEvent(event);
    this.#options.onGreeted();
  }

  #takePulse(): void {
    const { silenceMs = SILENCE_MS, log } = this.#options;
    this.#pulse = setInterval(() => {
      if (++this.#silentLooks <= SILENCE_LOOKS) return;
      log.warn("A client says nothing any more: it is taken to be gone");
      this.close();
    }, silenceMs / SILENCE_LOOKS);
  }

  #sendEvent(event: HolderEvent): void {
    if (event.type !== "output") return this.#link.send({ body: { event } });
    const { bytes, ...rest } = event;
    this.#link.send({ body: { event: rest }, bytes });
  }

  #run(api: HolderApi, { body, bytes }: WireMessage): void {
    const { id, operation, call } = parseCall(body);
    if (this.#options.isLeaving()) return this.#answer({ id, error: LEAVING }, undefined);
    perform(api, operation, bytes ? { ...call, bytes } : call).then(
      (value) => this.#answer({ id }, value),
      (cause) => {
        const error = publicError(this.#options.holder.explain(cause));
        if (error.code === "internal") this.#options.log.error("A call failed", { operation, cause });
        this.#answer({ id, error }, undefined);
      },
    );
  }

  #answer(answer: AnswerMessage, value: unknown): void {
    if (value instanceof Uint8Array) this.#link.send({ body: answer, bytes: value });
    else this.#link.send({ body: value === undefined ? answer : { ...answer, value } });
  }
}

/** Calls are plain data from a server of ours that proved to know the secret. */
function perform(api: HolderApi, operation: string, call: Record<string, unknown>): Promise<unknown> {
  const method = Object.hasOwn(OPERATIONS, operation)
    ? OPERATIONS[operation as keyof typeof OPERATIONS]
    : undefined;
  if (!method) return Promise.reject(new RangeError(`Unknown operation "${operation}"`));
  return (api[method] as (call: Record<string, unknown>) => Promise<unknown>).call(api, call);
}

/** Every operation by its name on the wire. */
const OPERATIONS: { [Name in keyof HolderApi]: Name } = {
  spawn: "spawn",
  write: "write",
  resize: "resize",
  signal: "signal",
  kill: "kill",
  pause: "pause",
  resume: "resume",
  setPauseUnsupervised: "setPauseUnsupervised",
  countProcesses: "countProcesses",
  attach: "attach",
  acknowledge: "acknowledge",
  detach: "detach",
  read: "read",
  timeline: "timeline",
  keyframe: "keyframe",
  screenText: "screenText",
  listRunning: "listRunning",
  listExits: "listExits",
  acknowledgeExit: "acknowledgeExit",
  delete: "delete",
  listRecordings: "listRecordings",
  setKeep: "setKeep",
  setRecordingCap: "setRecordingCap",
  checkRecordings: "checkRecordings",
  findSurvivors: "findSurvivors",
  endSurvivors: "endSurvivors",
};
