// The provider's own books: every request with what it cost and how far its answer came.
import { Watchers } from "../watchers.ts";
import type { Lane } from "./ask.ts";
import { addUsage, NO_USAGE, type Usage } from "./usage.ts";

export type Api = "messages" | "count_tokens" | "responses" | "chat" | "models" | "probe" | "other";

/**
 * `complete`: all was handed to the connection. `refused`: an error status. `cut`: broken off by script.
 * `aborted`: the client left before the end.
 */
export type Outcome = "open" | "complete" | "refused" | "cut" | "aborted";

export interface ServedRequest {
  /** As sent to the client in `request-id` or `x-request-id`. */
  requestId: string;
  api: Api;
  method: string;
  path: string;
  /** All that came, keys included: they are fake here. */
  headers: Record<string, string>;
  requestBytes: number;
  /** Undefined for what asks for no answer. */
  model?: string;
  lane?: Lane;
  sessionId?: string;
  /** The prompt that holds the directives, cut to 200 characters. */
  prompt?: string;
  /** How many answers this prompt had got before. */
  step?: number;
  streamed: boolean;
  status: number;
  outcome: Outcome;
  /** The whole answer's usage, whether the client was told or not. */
  usage?: Usage;
  /** The client has seen the prompt's usage, and the final one. */
  toldPrompt: boolean;
  toldUsage: boolean;
  outputTokensSent: number;
  bytesSent: number;
  startedAtMs: number;
  endedAtMs?: number;
}

/** What a provider would charge: all of a complete answer, the prompt and what was sent of a broken one. */
export function billedUsage(request: ServedRequest): Usage {
  const { usage, outcome, outputTokensSent } = request;
  if (usage === undefined || outcome === "refused" || outcome === "open") return NO_USAGE;
  if (outcome === "complete") return usage;
  return { ...usage, output: outputTokensSent, reasoning: Math.min(usage.reasoning, outputTokensSent) };
}

export class RequestLog {
  readonly requests: ServedRequest[] = [];
  readonly #watchers = new Watchers();

  add(request: ServedRequest): void {
    this.requests.push(request);
    this.changed();
  }

  /** To be called after any change of an entry. */
  changed(): void {
    this.#watchers.notify();
  }

  /** Requests for answers, in order of arrival, refused ones included. */
  get calls(): ServedRequest[] {
    return this.requests.filter(({ usage }) => usage !== undefined);
  }

  /** The answers that came to their end. */
  get completed(): ServedRequest[] {
    return this.calls.filter(({ outcome }) => outcome === "complete");
  }

  /** The bill over all calls, or some of them. */
  billed(calls: readonly ServedRequest[] = this.calls): Usage {
    return calls.map(billedUsage).reduce(addUsage, NO_USAGE);
  }

  /** Resolves once the log satisfies the condition; rejects after the time with what the log holds. */
  waitFor(condition: (log: RequestLog) => boolean, timeoutMs?: number): Promise<void> {
    return this.#watchers.until(() => condition(this), {
      timeoutMs,
      failure: () => `The fake provider's log never came to it:\n${this.summary()}`,
    });
  }

  /** Resolves when no answer is under way. */
  settled(timeoutMs?: number): Promise<void> {
    return this.waitFor((log) => log.requests.every(({ outcome }) => outcome !== "open"), timeoutMs);
  }

  /** One line a request, for failed tests. */
  summary(): string {
    return this.requests.map((request) => {
      const { requestId, method, path, lane = "", model = "", status, outcome, usage } = request;
      return [requestId, method, path, lane, model, status, outcome, usage ? JSON.stringify(usage) : ""].join(
        " ",
      );
    }).join("\n");
  }
}
