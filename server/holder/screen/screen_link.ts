// The connection to the worker that holds the screens: starts it when needed, matches answers, notices its failure.
import { AppError } from "../../errors.ts";
import type { Answer, FromWorker, Question, ToWorker } from "./screen_messages.ts";

/** What the worker says on its own account. */
export type WorkerReport = Exclude<FromWorker, { type: "answer" } | { type: "failed" }>;

export interface ScreenLinkOptions {
  /** Sent first to every worker that is started. */
  settings: ToWorker;
  onReport(report: WorkerReport): void;
  /** The worker failed as a whole, and with it every screen. */
  onCrash(message: string): void;
}

interface Request {
  session: string;
  resolve(value: Answer): void;
  reject(error: Error): void;
}

export class ScreenLink {
  readonly #options: ScreenLinkOptions;
  readonly #requests = new Map<number, Request>();
  #lastRequest = 0;
  #worker: Worker | undefined;

  constructor(options: ScreenLinkOptions) {
    this.#options = options;
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message, transfer);
  }

  /** Rejects with `unavailable` when the screen fails before it has answered. */
  ask(session: string, what: Question): Promise<Answer> {
    const request = ++this.#lastRequest;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#requests.set(request, { session, resolve, reject });
    });
    this.post({ type: "ask", session, request, what });
    return answer;
  }

  /** Rejects what was asked of a session, or of all. */
  rejectRequests(message: string, session?: string): void {
    for (const [id, request] of this.#requests) {
      if (session !== undefined && request.session !== session) continue;
      this.#requests.delete(id);
      request.reject(new AppError("unavailable", message));
    }
  }

  /** Ends the worker with its screens; the next message starts another. */
  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    const worker = new Worker(new URL("./screen_worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = (event: MessageEvent<FromWorker>) => {
      if (worker === this.#worker) this.#receive(event.data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#crash(worker, event.message);
    };
    worker.onmessageerror = () => this.#crash(worker, "A message could not be read");
    worker.postMessage(this.#options.settings);
    return worker;
  }

  #receive(message: FromWorker): void {
    if (message.type === "answer") this.#take(message.request)?.resolve(message.value);
    else if (message.type === "failed") {
      this.#take(message.request)?.reject(new AppError("unavailable", message.message));
    } else this.#options.onReport(message);
  }

  #take(request: number): Request | undefined {
    const taken = this.#requests.get(request);
    this.#requests.delete(request);
    return taken;
  }

  #crash(worker: Worker, message: string): void {
    worker.terminate();
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#options.onCrash(message);
  }
}
