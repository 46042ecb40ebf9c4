// Calls of sessions under a gate: admitted, covered while they stream, settled whatever happens.
import { budgetTokens } from "../budget/spend.ts";
import type { Amount } from "../budget/spend.ts";
import type { Log } from "../log.ts";
import type { PriceBook } from "../pricing/price_book.ts";
import { type ModelCall, NO_TOKENS } from "../usage/model_call.ts";
import type { AdmissionResult } from "./admissions.ts";
import { AHEAD_TOKENS, CallCover } from "./call_cover.ts";
import type { GateKeeper } from "./gate_keeper.ts";
import type { CallSink, GateEvent, GateEventKind, ReservationStore } from "./gateway_session.ts";
import { type AnswerEnd, likelyCounts, type MeteredCall } from "./metered_call.ts";
import type { PromptBound, PromptMemory } from "./prompt_memory.ts";

export interface GatedCallsOptions {
  keeper: GateKeeper;
  calls: CallSink;
  reservations: ReservationStore;
  prices: () => PriceBook;
  countCacheReads: () => boolean;
  onEvent: (event: GateEvent) => void;
  budgetName: (sessionId: string, budgetId: string) => string;
  now: () => number;
  log: Log;
}

interface Ending {
  end: AnswerEnd;
  prompt: PromptBound;
  memory: PromptMemory;
  /** Output that was paid for in advance. */
  coveredTokens: number;
}

type Granted = Extract<AdmissionResult, { kind: "granted" }>;

/** Ledger and gate agree on what a call costs because both sums are made here. */
export class GatedCalls {
  readonly #options: GatedCallsOptions;

  constructor(options: GatedCallsOptions) {
    this.#options = options;
  }

  /**
   * Notes the reservation for the case of a crash, and answers the cover that keeps it ahead of the answer. Throws what keeps
   * it from being noted.
   */
  open(call: MeteredCall, granted: Granted): CallCover {
    const { keeper } = this.#options;
    const cover: CallCover = new CallCover({
      call,
      keeper,
      bounds: granted.bounds,
      outputTokens: granted.outputTokens,
      expectedInput: granted.expectedInput,
      priceOfPrompt: () => this.#priceOfPrompt(call),
      onExtended: (outputTokens) => {
        this.#storeAgain(call, { reserved: granted.reserved, outputTokens });
        this.report("extended", call, { outputTokens, nanoUsd: cover.held.nanoUsd });
      },
    });
    this.#store(call, granted);
    this.report("reserved", call, { outputTokens: granted.outputTokens, nanoUsd: cover.held.nanoUsd });
    for (const text of call.options.request?.unbounded ?? []) this.report("unbounded", call, { text });
    return cover;
  }

  /** Ends a call that the provider has answered, or may have. */
  settle(
    call: MeteredCall,
    { end, prompt, memory, coveredTokens }: Ending,
  ): void {
    const { keeper, calls, now } = this.#options;
    const { callId, sessionId, request } = call.options;
    const nowMs = now();
    call.learn();
    const known = call.toModelCall(end, nowMs);
    // It was ended so that its provider can make no more than was covered.
    const output = end === "ended_early" && call.reader.facts.output === undefined
      ? Math.min(known.output, coveredTokens)
      : known.output;
    const row = { ...known, output };
    const amount = this.#amountOf(row);
    const overrun = keeper.settle(callId, amount, () => calls.settle(sessionId, row));
    const counted = call.countedPrompt;
    const { inferenceGeo } = call.reader.facts;
    if (counted !== undefined && request !== undefined) {
      memory.remember(request, { prompt: counted, expectedCached: prompt.cached, nowMs, inferenceGeo });
    }
    if (end === "ended_early") this.#reportEnding(call, row);
    this.report("settled", call, { nanoUsd: amount.nanoUsd, outputTokens: row.output });
    if (overrun.nanoUsd > 0) this.report("overrun", call, { nanoUsd: overrun.nanoUsd });
  }

  /** Ends a call that nobody will charge: it has not reached the provider, or was turned down there. */
  release(call: MeteredCall): void {
    const { keeper, reservations } = this.#options;
    const { callId } = call.options;
    keeper.settle(callId, { nanoUsd: 0, tokens: 0 }, () => reservations.remove(callId));
    this.report("settled", call, { nanoUsd: 0, outputTokens: 0 });
  }

  /** Takes calls of an earlier run into the ledger: at what was reserved for them, marked. */
  sweep(): number {
    const { calls, now, onEvent, reservations } = this.#options;
    const stale = reservations.list();
    for (const { callId, sessionId, call } of stale) {
      calls.settle(sessionId, call);
      const { nanoUsd } = this.#amountOf(call);
      const text = "Agents Fleet ended while it was under way: counted as what was held for it";
      onEvent({ kind: "settled", sessionId, callId, atMs: now(), model: call.model, nanoUsd, text });
    }
    return stale.length;
  }

  report(kind: GateEventKind, call: MeteredCall, detail: Partial<GateEvent> = {}): void {
    const { callId, sessionId, request } = call.options;
    const model = request === undefined ? {} : { model: request.model };
    this.#options.onEvent({ kind, sessionId, callId, atMs: this.#options.now(), ...model, ...detail });
  }

  /** Its limit has been reached, unless others hold what it could have had. */
  #reportEnding(call: MeteredCall, row: ModelCall): void {
    const { keeper, budgetName } = this.#options;
    const { sessionId } = call.options;
    const needed = this.#amountOf({ ...row, ...NO_TOKENS, output: AHEAD_TOKENS });
    const ruling = keeper.shortfall(sessionId, needed);
    const obstacle = ruling === undefined ? {} : {
      obstacle: { kind: "budget" as const, ruling, budgetName: budgetName(sessionId, ruling.nodeId) },
    };
    this.report("ended_early", call, { outputTokens: row.output, ...obstacle });
  }

  /** What is under way is not broken off because the disk is full: a crash would count it at less than was reserved. */
  #storeAgain(call: MeteredCall, held: Pick<Granted, "reserved" | "outputTokens">): void {
    try {
      this.#store(call, held);
    } catch (cause) {
      const { callId, sessionId } = call.options;
      this.#options.log.error("What is reserved for a call cannot be stored", { callId, sessionId, cause });
    }
  }

  #store(call: MeteredCall, { reserved, outputTokens }: Pick<Granted, "reserved" | "outputTokens">): void {
    const { callId, sessionId, request } = call.options;
    const row = call.toModelCall("cut", this.#options.now());
    const counted = call.reader.facts.prompt;
    const counts = counted === undefined ? likelyCounts(reserved, request) : { ...NO_TOKENS, ...counted };
    this.#options.reservations.put({
      callId,
      sessionId,
      call: { ...row, ...counts, output: outputTokens, confidence: "estimated", incomplete: "unfinished" },
    });
  }

  /** The exact price of a counted prompt; not of one that grows while the provider's own tools run. */
  #priceOfPrompt(call: MeteredCall): Amount | undefined {
    const { prompt } = call.reader.facts;
    const { request } = call.options;
    if (prompt === undefined || request === undefined || request.unbounded.length > 0) return undefined;
    return this.#amountOf({ ...call.toModelCall("cut", this.#options.now()), ...prompt, output: 0 });
  }

  #amountOf(call: ModelCall): Amount {
    const { prices, countCacheReads } = this.#options;
    return {
      nanoUsd: prices().cost(call).nanoUsd,
      tokens: budgetTokens(call, { countCacheReads: countCacheReads() }),
    };
  }
}
