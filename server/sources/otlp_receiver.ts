// Takes what an agent posts as OTLP and hands its model calls on, in bounded amounts.
import { AppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { ModelCall } from "../usage/model_call.ts";
import { parseOtlpLogs } from "../usage/otlp.ts";
import { TokenBucket } from "./token_bucket.ts";

export interface OtlpReceiverOptions {
  onCalls: (sessionId: string, calls: ModelCall[]) => void;
  /** The agent's ids of its conversation and of its sub-agents' own. */
  onAgentSessions: (sessionId: string, ids: ReadonlySet<string>) => void;
  now: () => number;
  log: Log;
}

/** Calls a session may report: no agent makes more, and equal rows cost more than they are worth. */
const BURST_CALLS = 1000;
const CALLS_PER_SECOND = 50;

export class OtlpReceiver {
  readonly #options: OtlpReceiverOptions;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: OtlpReceiverOptions) {
    this.#options = options;
  }

  /** Takes the body of a `/v1/logs` request. Throws `rate_limited`: exporters try such a batch again. */
  receiveLogs(sessionId: string, body: unknown): void {
    const { now, log, onCalls, onAgentSessions } = this.#options;
    const { events, rejected, leftOut } = parseOtlpLogs(body, { nowMs: now() });
    const calls = events.flatMap((event) => event.kind === "call" ? [event.call] : []);
    if (calls.length > 0 && !this.#bucket(sessionId).take(calls.length)) {
      throw new AppError("rate_limited", "Too many model calls at once; send them again later");
    }
    if (leftOut > 0 || Object.keys(rejected).length > 0) {
      log.warn("Telemetry was not all understood", { session: sessionId, rejected, leftOut });
    }
    if (calls.length > 0) onCalls(sessionId, calls);
    const ids = new Set(events.flatMap(({ sessionId: id }) => id === undefined ? [] : [id]));
    if (ids.size > 0) onAgentSessions(sessionId, ids);
  }

  forget(sessionId: string): void {
    this.#buckets.delete(sessionId);
  }

  #bucket(sessionId: string): TokenBucket {
    const known = this.#buckets.get(sessionId);
    if (known) return known;
    const bucket = new TokenBucket({
      burst: BURST_CALLS,
      perSecond: CALLS_PER_SECOND,
      now: this.#options.now,
    });
    this.#buckets.set(sessionId, bucket);
    return bucket;
  }
}
