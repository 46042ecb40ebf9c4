// The page's end of the worker: texts go in, lines come out. Started with the first text, ended with the tab.

import type { DiffAnswer, DiffRequest } from "./diff_desk.ts";
import type { Hunk } from "./diff_layout.ts";
import type { LineRange, ShownLine, TextFacts } from "./diff_text.ts";

/** The parts of a `Worker` that are used. */
export interface WorkerLike {
  onmessage: ((event: MessageEvent<DiffAnswer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: DiffRequest, transfer: Transferable[]): void;
  terminate(): void;
}

export interface OpenedText {
  id: number;
  facts: TextFacts;
}

/** What is shown when the worker cannot be started or ends. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

export interface DiffEngineOptions {
  startWorker(): WorkerLike;
  /** Hears of lines that were asked for, sometimes twice: plain, then with colours. */
  onLines(came: { id: number; range: LineRange; lines: ShownLine[] }): void;
  /** The worker ended by itself: all texts are gone. */
  onLost(message: string): void;
}

export class DiffEngine {
  readonly #options: DiffEngineOptions;
  readonly #opening = new Map<number, PromiseWithResolvers<OpenedText>>();
  #worker: WorkerLike | undefined;
  #lastId = 0;

  constructor(options: DiffEngineOptions) {
    this.#options = options;
  }

  /** Hands over both sides of a file; their buffers are gone afterwards. Rejects with `EngineError`. */
  open(
    file: { path: string; old: ArrayBuffer; new: ArrayBuffer; hunks: readonly Hunk[] },
  ): Promise<OpenedText> {
    const id = ++this.#lastId;
    const opening = Promise.withResolvers<OpenedText>();
    this.#opening.set(id, opening);
    this.#post({ type: "open", id, ...file }, file.old === file.new ? [file.old] : [file.old, file.new]);
    return opening.promise;
  }

  askLines(id: number, range: LineRange): void {
    this.#post({ type: "lines", id, range });
  }

  /** Forgets a text. */
  close(id: number): void {
    this.#post({ type: "close", id });
  }

  [Symbol.dispose](): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#fail("The view was closed");
  }

  #post(message: DiffRequest, transfer: Transferable[] = []): void {
    try {
      this.#worker ??= this.#start();
      this.#worker.postMessage(message, transfer);
    } catch (cause) {
      this.#fail(`The diff's worker cannot be started: ${String(cause)}`);
    }
  }

  #start(): WorkerLike {
    const worker = this.#options.startWorker();
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = ({ message }) => {
      worker.terminate();
      this.#worker = undefined;
      const what = `The diff's worker ended: ${message}`;
      this.#fail(what);
      this.#options.onLost(what);
    };
    return worker;
  }

  #receive(answer: DiffAnswer): void {
    if (answer.type === "lines") return this.#options.onLines(answer);
    this.#opening.get(answer.id)?.resolve({ id: answer.id, facts: answer.facts });
    this.#opening.delete(answer.id);
  }

  #fail(message: string): void {
    for (const { reject } of this.#opening.values()) reject(new EngineError(message));
    this.#opening.clear();
  }
}
