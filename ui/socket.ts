// The one WebSocket of the page: authenticates, reconnects with back-off, hands out messages and frames.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import {
  type ClientMessage,
  decodeFrame,
  encodeFrame,
  FRAME,
  type Frame,
  type ServerMessage,
  SOCKET_CLOSE,
} from "../server/protocol.ts";

/** The parts of `WebSocket` that are used. */
export interface SocketLike {
  binaryType: BinaryType;
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** Calls back once after a delay, unless the returned function is called before. Injectable for tests. */
export type StartTimer = (delayMs: number, callback: () => void) => () => void;

export interface FleetSocketOptions {
  open(): SocketLike;
  pageKey(): string | undefined;
  startTimer: StartTimer;
  now(): number;
  /** Uniform in [0, 1); spreads reconnects of several tabs. */
  random(): number;
  onRefused(): void;
}

/** `online` only after the server accepted the credentials. */
export interface Connection {
  phase: "idle" | "connecting" | "online" | "offline";
  /** When this phase began; for `offline` and `connecting`, when the connection was lost. */
  sinceMs: number;
  /** Failed attempts in a row. */
  attempts: number;
}

type Listener<Value> = (value: Value) => void;

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5000;
const QUIET_BEFORE_PING_MS = 20_000;
const PONG_WITHIN_MS = 5000;
const READY_WITHIN_MS = 10_000;

/** Delay before the attempt after `attempts` failures: doubles from 0.25 s to 5 s, half of it random. */
export function retryDelayMs(attempts: number, random: number): number {
  const full = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, attempts - 1));
  return full / 2 + (full / 2) * random;
}

/** Whether a connection that stood is lost: what the page shows may be old. */
export function isCutOff(connection: Connection): boolean {
  return connection.phase === "offline" || (connection.phase === "connecting" && connection.attempts > 0);
}

/** Keeps one authenticated connection alive from `start` to `close`. */
export class FleetSocket {
  readonly #options: FleetSocketOptions;
  readonly #connection = signal<Connection>({ phase: "idle", sinceMs: 0, attempts: 0 });
  readonly #messageListeners = new Set<Listener<ServerMessage>>();
  readonly #frameListeners = new Set<Listener<Frame>>();
  #socket: SocketLike | undefined;
  #stopRetry: (() => void) | undefined;
  #stopQuiet: (() => void) | undefined;
  #instance: string | undefined;

  readonly connection: ReadonlySignal<Connection> = this.#connection;
  readonly isOnline: ReadonlySignal<boolean> = computed(() => this.#connection.value.phase === "online");

  constructor(options: FleetSocketOptions) {
    this.#options = options;
  }

  /** The server's current run; changes when it was restarted. */
  get instance(): string | undefined {
    return this.#instance;
  }

  start(): void {
    if (this.#connection.peek().phase !== "idle") return;
    this.#connect();
  }

  /** Ends the connection until the next `start`. */
  close(): void {
    this.#dropSocket();
    this.#clearTimers();
    this.#setPhase("idle", 0);
  }

  /** Tries at once when offline; when online, makes sure the connection still works. */
  wake(): void {
    const phase = this.#connection.peek().phase;
    if (phase === "offline") this.#connect();
    if (phase === "online") this.#ping();
  }

  /** Returns false when not online: the caller sends again after the next `ready`. */
  send(message: ClientMessage): boolean {
    return this.#sendNow(JSON.stringify(message));
  }

  /** What the user typed. Returns false when not online. */
  sendInput(channel: number, bytes: Uint8Array): boolean {
    return this.#sendNow(encodeFrame({ kind: FRAME.input, channel, offset: 0, bytes }));
  }

  onMessage(listener: Listener<ServerMessage>): () => void {
    this.#messageListeners.add(listener);
    return () => this.#messageListeners.delete(listener);
  }

  onFrame(listener: Listener<Frame>): () => void {
    this.#frameListeners.add(listener);
    return () => this.#frameListeners.delete(listener);
  }

  #sendNow(data: string | Uint8Array<ArrayBuffer>): boolean {
    const socket = this.#socket;
    if (!this.isOnline.peek() || socket === undefined || socket.readyState !== WebSocket.OPEN) return false;
    socket.send(data);
    return true;
  }

  #connect(): void {
    this.#clearTimers();
    this.#dropSocket();
    const { attempts } = this.#connection.peek();
    this.#setPhase("connecting", attempts);
    const socket = this.#options.open();
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(JSON.stringify({ type: "auth", key: this.#options.pageKey() ?? "" }));
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#lost(event.code);
    this.#waitQuiet(READY_WITHIN_MS, () => this.#lost(0));
  }

  #receive(data: unknown): void {
    this.#watchQuiet();
    if (data instanceof ArrayBuffer) {
      const frame = decodeFrame(data);
      if (frame !== undefined) { for (const listener of [...this.#frameListeners]) listener(frame); }
      return;
    }
    if (typeof data !== "string") return;
    const message = JSON.parse(data) as ServerMessage;
    if (message.type === "ready") {
      this.#instance = message.instance;
      this.#setPhase("online", 0);
    }
    for (const listener of [...this.#messageListeners]) listener(message);
  }

  #lost(code: number): void {
    this.#dropSocket();
    this.#clearTimers();
    if (code === SOCKET_CLOSE.credentials) {
      this.#setPhase("idle", 0);
      this.#options.onRefused();
      return;
    }
    const attempts = this.#connection.peek().attempts + 1;
    this.#setPhase("offline", attempts);
    const delay = retryDelayMs(attempts, this.#options.random());
    this.#stopRetry = this.#options.startTimer(delay, () => this.#connect());
  }

  /** Anything received shows that the connection lives; after a quiet time, ask. */
  #watchQuiet(): void {
    this.#waitQuiet(QUIET_BEFORE_PING_MS, () => this.#ping());
  }

  #ping(): void {
    if (this.send({ type: "ping" })) this.#waitQuiet(PONG_WITHIN_MS, () => this.#lost(0));
  }

  #waitQuiet(delayMs: number, then: () => void): void {
    this.#stopQuiet?.();
    this.#stopQuiet = this.#options.startTimer(delayMs, then);
  }

  #setPhase(phase: Connection["phase"], attempts: number): void {
    const before = this.#connection.peek();
    const stillAway = (phase === "connecting" || phase === "offline") && before.attempts > 0;
    this.#connection.value = { phase, attempts, sinceMs: stillAway ? before.sinceMs : this.#options.now() };
  }

  #dropSocket(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #clearTimers(): void {
    this.#stopRetry?.();
    this.#stopQuiet?.();
    this.#stopRetry = this.#stopQuiet = undefined;
  }
}
