// Entry of the worker that maintains the recordings: it has its own connection, and works step by step.
import { errorText, isDamage } from "../errors.ts";
import { checkIntegrity } from "../store/integrity.ts";
import { RecordingStore } from "../store/recordings.ts";
import type { CompactionReply, CompactionRequest } from "./compactor.ts";
import { maintain } from "./maintenance.ts";

/** What a dedicated worker's global scope offers, which the server's library does not declare. */
interface WorkerScope {
  postMessage(message: CompactionReply): void;
  onmessage: ((event: MessageEvent<CompactionRequest>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

/** Between two steps, so that the recorder gets the lock at once and a wish to stop is heard. */
const PAUSE_MS = 2;

/** Runs passes over the file until it is told to stop. */
class CompactionRun {
  readonly #store: RecordingStore;
  #stopped = false;

  constructor(path: string) {
    this.#store = new RecordingStore(path);
  }

  async run(capBytes: number): Promise<void> {
    try {
      for (const _step of maintain({ store: this.#store, now: Date.now, capBytes })) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        if (this.#stopped) return;
      }
      scope.postMessage({ type: "done" });
    } catch (cause) {
      scope.postMessage({ type: "failed", message: errorText(cause), damaged: isDamage(cause) });
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#store.close();
    scope.postMessage({ type: "stopped" });
  }
}

let current: CompactionRun | undefined;

scope.onmessage = ({ data }) => {
  if (data.type === "stop") return current ? current.stop() : scope.postMessage({ type: "stopped" });
  if (data.type === "check") return check(data);
  current ??= new CompactionRun(data.path);
  void current.run(data.capBytes);
};

function check({ path, depth }: { path: string; depth: "quick" | "full" }): void {
  try {
    scope.postMessage({ type: "checked", findings: checkIntegrity(path, depth) });
  } catch (cause) {
    scope.postMessage({ type: "failed", message: errorText(cause), damaged: isDamage(cause) });
  }
}
