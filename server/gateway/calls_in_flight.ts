// Every call that has not ended, whatever became of it so far.
import type { CallInFlightView } from "../protocol.ts";
import type { AnswerRelay } from "./answer_relay.ts";
import type { CallCover } from "./call_cover.ts";
import type { MeteredCall } from "./metered_call.ts";

export interface OpenCall {
  call: MeteredCall;
  state: CallInFlightView["state"];
  cover?: CallCover;
  relay?: AnswerRelay;
  /** Ends the upstream's side. */
  aborter: AbortController;
}

/** How often silent answers are looked after. */
const TICK_MS = 1000;
/** Days begin, and prices change, without anybody saying so. */
const REFRESH_EVERY_TICKS = 30;

export class CallsInFlight {
  readonly #open = new Map<string, OpenCall>();
  readonly #onRefresh: () => void;
  readonly #onIdle: () => void;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #ticks = 0;

  constructor({ onRefresh, onIdle }: { onRefresh: () => void; onIdle: () => void }) {
    this.#onRefresh = onRefresh;
    this.#onIdle = onIdle;
  }

  enter(open: OpenCall): void {
    this.#open.set(open.call.options.callId, open);
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS);
  }

  leave({ call }: OpenCall): void {
    if (!this.#open.delete(call.options.callId) || this.#open.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#onIdle();
  }

  /** The oldest first; of one session, or all. */
  list(sessionId?: string): CallInFlightView[] {
    return [...this.#open.values()].filter(({ call }) => isOf(call, sessionId)).map(describe);
  }

  /** Breaks calls off, of one session or all; each is settled before the promise resolves. */
  async abort(sessionId?: string): Promise<void> {
    const open = [...this.#open.values()].filter(({ call }) => isOf(call, sessionId));
    for (const { aborter } of open) aborter.abort();
    await Promise.all(open.map(({ relay }) => relay?.abort()));
  }

  #tick(): void {
    this.#ticks += 1;
    for (const { relay } of this.#open.values()) void relay?.check();
    if (this.#ticks % REFRESH_EVERY_TICKS === 0) this.#onRefresh();
  }
}

function isOf(call: MeteredCall, sessionId: string | undefined): boolean {
  return sessionId === undefined || call.options.sessionId === sessionId;
}

function describe({ call, state, cover }: OpenCall): CallInFlightView {
  const { callId, sessionId, startedAtMs, request } = call.options;
  return {
    callId,
    sessionId,
    model: call.reader.facts.model ?? request?.model ?? "",
    startedAtMs,
    state,
    outputTokens: call.outputSoFar,
    ...(cover === undefined
      ? {}
      : { coveredTokens: cover.coveredTokens, reservedNanoUsd: cover.held.nanoUsd }),
  };
}
