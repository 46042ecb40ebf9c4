// The worker of the diffs without a worker: answers in the next turns of the event loop.

import { DiffDesk } from "../changes/diff_desk.ts";
import { DiffEngine, type DiffEngineOptions, type WorkerLike } from "../changes/diff_engine.ts";
import { Syntax } from "../changes/syntax.ts";

export class LocalWorker implements WorkerLike {
  onmessage: WorkerLike["onmessage"] = null;
  onerror: WorkerLike["onerror"] = null;
  isTerminated = false;
  readonly #desk = new DiffDesk({
    syntax: new Syntax(),
    post: (data) => queueMicrotask(() => this.onmessage?.(new MessageEvent("message", { data }))),
    later: (work) => queueMicrotask(work),
  });

  postMessage(message: Parameters<WorkerLike["postMessage"]>[0]): void {
    this.#desk.handle(message).catch((thrown) =>
      this.onerror?.(new ErrorEvent("error", { message: String(thrown) }))
    );
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

export function startLocalEngine(onLines: DiffEngineOptions["onLines"]): DiffEngine {
  return new DiffEngine({ startWorker: () => new LocalWorker(), onLines, onLost: () => {} });
}
