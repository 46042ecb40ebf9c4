// One terminal and its session leader, driven by the host's rounds: register what to wait for, then serve it.

import { type ExitStatus, parseExitStatus } from "./exit_status.ts";
import type { Libc } from "./libc.ts";
import type { Mailbox } from "./mailbox.ts";
import { OutputStream } from "./output_stream.ts";
import type { Pty, PtyExit, PtyListener } from "./pty.ts";
import { inputModes, setWindowSize } from "./terminal.ts";
import { READ, type Waiter, WRITE } from "./waiter.ts";
import { MAX_QUEUED_BYTES, WriteQueue } from "./write_queue.ts";

/** Input handed to the kernel per round, so that one paste does not hold up other sessions. */
const MAX_WRITE_BYTES_PER_ROUND = 64 * 1024;
/** Output still taken after the leader's exit while others keep writing; the kernel holds less than this. */
const MAX_TAIL_BYTES = 1024 * 1024;
/** Longest time between two looks at what no descriptor tells. */
const MAX_CHECK_INTERVAL_MS = 250;

const WNOHANG = 1;
const NO_DESCRIPTOR = -1;
const NO_SLOT = -1;

export interface PtyProcessOptions {
  libc: Libc;
  mailbox: Mailbox;
  listener: PtyListener;
  master: number;
  pid: number;
  /** Readable once the leader has gone; missing where the system offers none. */
  exitFd: number | undefined;
  /** Makes the host register again; what is registered stays open until then. */
  onChange: () => void;
}

/** What a round offers: memory to read into, how much of it to use, and the time. */
export interface Round {
  buffer: Uint8Array<ArrayBuffer>;
  readBudgetBytes: number;
  nowMs: number;
}

export class PtyProcess implements Pty {
  readonly pid: number;
  readonly #libc: Libc;
  readonly #mailbox: Mailbox;
  readonly #listener: PtyListener;
  readonly #onChange: () => void;
  readonly #queue = new WriteQueue();
  readonly #exited = Promise.withResolvers<PtyExit>();
  #master: number;
  #exitFd: number;
  /** What the wait under way asks of the terminal. */
  #events = 0;
  #masterSlot = NO_SLOT;
  #exitSlot = NO_SLOT;
  #stream: OutputStream | undefined;
  #status: ExitStatus | undefined;
  #exit: PtyExit | undefined;
  #paused = false;
  #closed = false;
  #writeRefused = false;
  #typed = false;
  /** Nobody holds the other side, at least for now. */
  #hungUp = false;
  #tailBytes = 0;
  #checkIntervalMs = 1;
  #checkAtMs: number;

  constructor(options: PtyProcessOptions) {
    this.pid = options.pid;
    this.#libc = options.libc;
    this.#mailbox = options.mailbox;
    this.#listener = options.listener;
    this.#onChange = options.onChange;
    this.#master = options.master;
    this.#exitFd = options.exitFd ?? NO_DESCRIPTOR;
    this.#checkAtMs = this.#exitFd === NO_DESCRIPTOR ? 0 : Infinity;
  }

  get exited(): Promise<PtyExit> {
    return this.#exited.promise;
  }

  get exitCode(): number | undefined {
    return this.#exit?.code;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  get echo(): boolean {
    return this.#inputModes()?.echo ?? true;
  }

  get hidesInput(): boolean {
    const modes = this.#inputModes();
    return modes !== undefined && modes.canonical && !modes.echo;
  }

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#stream ??= new OutputStream(this);
    return this.#stream.readable;
  }

  write(input: Uint8Array | string): boolean {
    if (this.#closed || this.#status !== undefined) return true;
    const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
    if (!this.#queue.hasRoom(bytes.length)) {
      this.#writeRefused = bytes.length <= MAX_QUEUED_BYTES;
      return false;
    }
    this.#typed = true;
    const wasEmpty = this.#queue.bytes === 0;
    this.#queue.push(new Uint8Array(bytes));
    if (wasEmpty && !this.#hungUp) {
      this.#flush();
      if (this.#queue.bytes > 0) this.#onChange();
    }
    return true;
  }

  resize(cols: number, rows: number): void {
    if (!this.#closed) setWindowSize(this.#libc, this.#master, { cols, rows });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#onChange();
  }

  kill(signal: Deno.Signal | number): void {
    if (this.#status !== undefined) return;
    try {
      Deno.kill(this.pid, signal as Deno.Signal);
    } catch (error) {
      // It may exit at any moment before we hear of it.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.clear();
    if (this.finished) this.releaseTerminal();
    this.#onChange();
  }

  /** Whether anything was written since the last call. */
  takeTyped(): boolean {
    const typed = this.#typed;
    this.#typed = false;
    return typed;
  }

  /** Whether the exit was reported: nothing is left to wait for. */
  get finished(): boolean {
    return this.#exit !== undefined;
  }

  /** When to serve this session even if nothing is ready. */
  get checkAtMs(): number {
    return this.#status === undefined ? this.#checkAtMs : Infinity;
  }

  /** Gives back the terminal, once nobody waits for it. */
  releaseTerminal(): void {
    if (this.#master !== NO_DESCRIPTOR) this.#libc.call.close(this.#master);
    this.#master = NO_DESCRIPTOR;
  }

  /** Gives back everything without waiting for the exit. */
  abandon(): void {
    this.#closed = true;
    this.releaseTerminal();
    this.#releaseExitFd();
  }

  #releaseExitFd(): void {
    if (this.#exitFd !== NO_DESCRIPTOR) this.#libc.call.close(this.#exitFd);
    this.#exitFd = NO_DESCRIPTOR;
  }

  /** Adds what this session waits for to the next wait. */
  register(waiter: Waiter): void {
    if (this.#closed) this.releaseTerminal();
    this.#events = this.#wantedEvents();
    this.#masterSlot = this.#events === 0 ? NO_SLOT : waiter.add(this.#master, this.#events);
    this.#exitSlot = this.#exitFd === NO_DESCRIPTOR ? NO_SLOT : waiter.add(this.#exitFd, READ);
  }

  #wantedEvents(): number {
    if (this.#hungUp || this.#master === NO_DESCRIPTOR) return 0;
    return (this.#paused ? 0 : READ) | (this.#queue.bytes > 0 ? WRITE : 0);
  }

  /** Whether output waits, or its end. */
  isReadable(waiter: Waiter): boolean {
    return this.#masterSlot !== NO_SLOT && (waiter.ready(this.#masterSlot) & READ) !== 0;
  }

  /** Moves what can be moved after a wait, and reports the exit when its time has come. */
  serve(waiter: Waiter, round: Round): void {
    const ready = this.#masterSlot === NO_SLOT ? 0 : waiter.ready(this.#masterSlot);
    if (this.#exitSlot !== NO_SLOT && waiter.ready(this.#exitSlot) !== 0) this.#reap();
    else if (round.nowMs >= this.checkAtMs) this.#check(round.nowMs);
    if (ready & WRITE) this.#flush();
    this.#tellDrained();
    // Not asked for, it is the other side going, which would end every wait from now on.
    if (ready & ~this.#events & READ) this.#hangUp(round.nowMs);
    if (ready & READ || this.#status !== undefined) this.#read(round);
  }

  #read(round: Round): void {
    if (this.#paused) return;
    const outcome = this.#closed ? "ended" : this.#transferOutput(round);
    if (outcome === "ended" && !this.#hungUp) this.#hangUp(round.nowMs);
    if (this.#status === undefined || this.#paused) return;
    if (outcome !== "more" || this.#tailBytes >= MAX_TAIL_BYTES) this.#finish(this.#status);
  }

  #transferOutput({ buffer, readBudgetBytes }: Round): "more" | "blocked" | "ended" {
    let outcome: "more" | "blocked" | "ended" = "more";
    let filled = 0;
    while (filled < readBudgetBytes) {
      const read = this.#libc.read(this.#master, buffer, filled);
      if (typeof read === "string") {
        outcome = read;
        break;
      }
      filled += read.bytes;
    }
    if (this.#status !== undefined) this.#tailBytes += filled;
    if (filled > 0) this.#deliver(buffer.slice(0, filled));
    return outcome;
  }

  #deliver(bytes: Uint8Array<ArrayBuffer>): void {
    this.#checkIntervalMs = 1;
    this.#tell(() => this.#listener.onData(bytes));
    this.#stream?.push(bytes);
  }

  #flush(): void {
    let budget = MAX_WRITE_BYTES_PER_ROUND;
    for (let head = this.#queue.head; head !== undefined && budget > 0; head = this.#queue.head) {
      const written = this.#libc.write(this.#master, head);
      if (written === "ended") this.#queue.clear();
      if (typeof written === "string") break;
      this.#queue.advance(written.bytes);
      budget -= written.bytes;
    }
  }

  #tellDrained(): void {
    if (!this.#writeRefused || !this.#queue.isHalfEmpty) return;
    this.#writeRefused = false;
    this.#tell(() => this.#listener.onDrain?.());
  }

  /** The leader may live on without a terminal, and may even open it again: look from time to time. */
  #hangUp(nowMs: number): void {
    this.#hungUp = true;
    if (this.#status === undefined) this.#reap();
    this.#checkAtMs = nowMs + this.#checkIntervalMs;
    this.#checkIntervalMs = Math.min(MAX_CHECK_INTERVAL_MS, this.#checkIntervalMs * 2);
  }

  #check(nowMs: number): void {
    this.#reap();
    if (this.#status !== undefined) return;
    this.#hungUp = false;
    // On a common beat, so that all sessions are checked in one round.
    const nextBeatMs = (Math.floor(nowMs / MAX_CHECK_INTERVAL_MS) + 1) * MAX_CHECK_INTERVAL_MS;
    this.#checkAtMs = this.#exitFd === NO_DESCRIPTOR ? nextBeatMs : Infinity;
  }

  /** Asks for this child alone: a wait for any child would take exits away from the runtime. */
  #reap(): void {
    const status = new Int32Array(1);
    const answer = this.#libc.call.waitpid(this.pid, status, WNOHANG);
    if (answer === 0) return;
    this.#status = answer === this.pid ? parseExitStatus(status[0] ?? 0) : {};
    this.#queue.clear();
    this.#releaseExitFd();
  }

  #finish(status: ExitStatus): void {
    const failure = this.#mailbox.takeFailure(this.pid);
    const exit = failure === undefined ? status : { ...status, failure };
    this.#exit = exit;
    if (this.#closed) this.releaseTerminal();
    this.#stream?.end();
    this.#tell(() => this.#listener.onExit(exit));
    this.#exited.resolve(exit);
  }

  #inputModes(): { echo: boolean; canonical: boolean } | undefined {
    return this.#closed ? undefined : inputModes(this.#libc, this.#master);
  }

  /** A listener that throws must not end the round of all other sessions. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      reportError(error);
    }
  }
}
