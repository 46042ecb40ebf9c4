// Decides when the recordings are maintained, and has it done off the thread that reads the terminals.
import { AppError, errorText } from "../errors.ts";
import { SETTLED_AFTER_MS } from "./maintenance.ts";

/** One pass over the file, a look for damage, or the end. */
export type CompactionRequest =
  | { type: "run"; path: string; capBytes: number }
  | { type: "check"; path: string; depth: "quick" | "full" }
  | { type: "stop" };

export type CompactionReply =
  | { type: "done" }
  /** `damaged`: by the state of the file. */
  | { type: "failed"; message: string; damaged?: boolean }
  | { type: "checked"; findings: string[] }
  | { type: "stopped" };

/** What is needed of a worker. */
export interface CompactionWorker {
  postMessage(message: CompactionRequest): void;
  onmessage: ((event: MessageEvent<CompactionReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  terminate(): void;
}

export interface CompactorOptions {
  /** Of `recordings.sqlite`. */
  path: string;
  /** Raw bytes of one recording; beyond, its middle is thinned. */
  capBytes: number;
  startWorker: () => CompactionWorker;
  onError: (message: string) => void;
  /** The file turns out to be damaged. */
  onDamage?: (damage: string) => void;
  /** Writes the log back from this thread; used when the worker fails. */
  checkpoint: () => void;
  /** The worker's memory is free now. */
  onWorkerEnded?: () => void;
}

/** Stored since the last pass, this many small blocks are worth one. */
const RUN_AT_BLOCKS = 512;
/** The log is written back by the pass; it grows to about twice this. */
const RUN_AT_BYTES = 8 * 1024 * 1024;
const SOON_MS = 1000;
/** Lets the last screens of an ended session come. */
const AFTER_END_MS = 5000;
/** A worker that has nothing to do is ended after this long. */
const LINGER_MS = 15_000;
/** After a failure nothing is tried for this long. */
const REST_MS = 60_000;
const STOP_WITHIN_MS = 5000;

export class Compactor {
  readonly #options: CompactorOptions;
  #capBytes: number;
  #worker: CompactionWorker | undefined;
  #isRunning = false;
  #isClosed = false;
  #notBeforeMs = 0;
  #dueMs = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;
  readonly #checks: PromiseWithResolvers<string[]>[] = [];
  #stopping: Promise<void> = Promise.resolve();
  #since = { blocks: 0, bytes: 0 };

  constructor(options: CompactorOptions) {
    this.#options = options;
    this.#capBytes = options.capBytes;
  }

  /** For passes from now on. */
  setCap(capBytes: number): void {
    this.#capBytes = capBytes;
  }

  /** Output was stored; `ended` recordings will get no more. */
  noteStored(stored: { bytes: number; blocks: number; ended: number }): void {
    this.#since.bytes += stored.bytes;
    this.#since.blocks += stored.blocks;
    if (this.#since.bytes >= RUN_AT_BYTES) this.runWithin(0);
    else if (this.#since.blocks >= RUN_AT_BLOCKS) this.runWithin(SETTLED_AFTER_MS);
    if (stored.ended > 0) this.runWithin(AFTER_END_MS);
  }

  /** Something large was deleted, or was left undone before. */
  runSoon(): void {
    this.runWithin(SOON_MS);
  }

  /** Makes sure that a pass begins within this time, unless the last one failed just now. */
  runWithin(delayMs: number): void {
    const dueMs = Math.max(performance.now() + delayMs, this.#notBeforeMs);
    if (this.#isClosed || dueMs >= this.#dueMs) return;
    this.#dueMs = dueMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), Math.max(0, dueMs - performance.now()));
  }

  /** Everything that is wrong with the file; empty when all is well. Rejects with `unavailable` when the worker fails. */
  check(depth: "quick" | "full"): Promise<string[]> {
    clearTimeout(this.#linger);
    this.#worker ??= this.#start();
    const check = Promise.withResolvers<string[]>();
    this.#checks.push(check);
    this.#worker.postMessage({ type: "check", path: this.#options.path, depth });
    return check.promise;
  }

  /** Lets a step end and closes the worker's connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#linger);
    this.#stop();
    await this.#stopping;
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#dueMs = Infinity;
    this.#since = { blocks: 0, bytes: 0 };
    this.#isRunning = true;
    clearTimeout(this.#linger);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ type: "run", path: this.#options.path, capBytes: this.#capBytes });
  }

  #start(): CompactionWorker {
    const worker = this.#options.startWorker();
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message);
    };
    return worker;
  }

  #receive(reply: CompactionReply): void {
    if (reply.type === "failed") {
      if (reply.damaged === true) this.#options.onDamage?.(reply.message);
      return this.#fail(reply.message);
    }
    if (reply.type === "checked") this.#endCheck(reply.findings);
    else this.#isRunning = false;
    if (this.#isRunning || this.#checks.length > 0) return;
    if (this.#dueMs < Infinity) return this.#rerun();
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.#stop(), LINGER_MS);
  }

  #endCheck(findings: string[]): void {
    if (findings.length > 0) this.#options.onDamage?.(findings.join("; "));
    this.#checks.shift()?.resolve(findings);
  }

  /** The time came while a pass was running. */
  #rerun(): void {
    const delayMs = Math.max(0, this.#dueMs - performance.now());
    this.#dueMs = Infinity;
    this.runWithin(delayMs);
  }

  #fail(message: string): void {
    this.#options.onError(message);
    this.#checkpoint();
    this.#isRunning = false;
    this.#notBeforeMs = performance.now() + REST_MS;
    this.#dueMs = Infinity;
    this.runWithin(REST_MS);
    this.#stop();
  }

  /** On a full disk this fails like everything else. */
  #checkpoint(): void {
    try {
      this.#options.checkpoint();
    } catch (cause) {
      this.#options.onError(errorText(cause));
    }
  }

  #stop(): void {
    const worker = this.#worker;
    if (!worker) return;
    this.#worker = undefined;
    for (const check of this.#checks.splice(0)) {
      check.reject(new AppError("unavailable", "The check of the recordings was broken off"));
    }
    this.#stopping = this.#stopWorker(worker);
  }

  async #stopWorker(worker: CompactionWorker): Promise<void> {
    let late: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      worker.onmessage = ({ data }) => data.type === "stopped" && resolve();
      late = setTimeout(resolve, STOP_WITHIN_MS);
      worker.postMessage({ type: "stop" });
    });
    clearTimeout(late);
    worker.terminate();
    this.#options.onWorkerEnded?.();
  }
}

/** The worker beside this file. */
export function startCompactionWorker(): CompactionWorker {
  return new Worker(new URL("./compaction_worker.ts", import.meta.url), { type: "module" });
}
