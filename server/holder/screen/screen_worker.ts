// Entry of the worker that holds the screens of all sessions.
import { setImmediate } from "node:timers";
import { lowerThreadPriority } from "../../pty/thread_priority.ts";
import { ScreenHost } from "./screen_host.ts";
import type { FromWorker, ToWorker } from "./screen_messages.ts";

/** What a dedicated worker's global scope offers, which the server's library does not declare. */
interface WorkerScope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

/** Screens may be late; keys and recording may not. */
const NICENESS = 10;

lowerThreadPriority(NICENESS);

const host = new ScreenHost({
  post: (message) => scope.postMessage(message),
  soon: (callback) => void setImmediate(callback),
  now: () => performance.now(),
});

scope.onmessage = ({ data }) => host.receive(data);
