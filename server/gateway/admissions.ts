// Decides whether a call may be paid for: reserves, waits, counts again before it refuses, and holds.
import type { CallBounds } from "../budget/gate_step.ts";
import type { Amount } from "../budget/spend.ts";
import type { PriceBook } from "../pricing/price_book.ts";
import type { Price } from "../pricing/rates.ts";
import { boundCall } from "./call_bounds.ts";
import type { GateKeeper } from "./gate_keeper.ts";
import type { Holds, Obstacle } from "./holds.ts";
import type { PromptBound, PromptMemory } from "./prompt_memory.ts";
import type { RequestFacts } from "./request_facts.ts";
import type { TokenRates } from "./token_rates.ts";

/** DESIGN.md section 5: what a streamed answer starts with. */
const FIRST_STEP_TOKENS = 4096;
/** An answer in one piece that states no limit gets this one. */
const UNLIMITED_WHOLE_TOKENS = 32_768;

export interface AdmissionCall {
  callId: string;
  sessionId: string;
  request: RequestFacts;
  memory: PromptMemory;
  /** What to do at a limit. */
  atLimit: () => "stop" | "hold";
  /** The provider's own count of the prompt. */
  count: () => Promise<number | undefined>;
  /** The client has gone. */
  signal: AbortSignal;
  /** When the client must have an answer, be it that it should ask again. */
  deadlineMs: number;
  onWait: () => void;
  onHold: (obstacle: Obstacle) => void;
}

export type AdmissionResult =
  | {
    kind: "granted";
    outputTokens: number;
    bounds: CallBounds;
    /** What is expected of the prompt, and what is held for it: the same, or as if nothing of it were cached. */
    prompt: PromptBound;
    reserved: PromptBound;
    /** The price of what is expected. */
    expectedInput: Amount;
  }
  | { kind: "refused"; obstacle: Obstacle }
  /** The client should ask again. */
  | { kind: "time_up" }
  | { kind: "gone" };

export interface AdmissionsOptions {
  keeper: GateKeeper;
  holds: Holds;
  prices: () => PriceBook;
  rates: TokenRates;
  budgetName: (sessionId: string, budgetId: string) => string;
  countCacheReads: () => boolean;
  now: () => number;
}

type Try = AdmissionResult | { kind: "obstacle"; obstacle: Obstacle };

export class Admissions {
  readonly #options: AdmissionsOptions;

  constructor(options: AdmissionsOptions) {
    this.#options = options;
  }

  /** Resolves when the call may go on, or must not. */
  async admit(call: AdmissionCall): Promise<AdmissionResult> {
    const { holds, now } = this.#options;
    let counted: number | undefined;
    let hasCounted = false;
    for (;;) {
      const prompt = this.#prompt(call, counted);
      const result = await this.#try(call, prompt);
      if (result.kind !== "obstacle") {
        if (result.kind === "granted") holds.release(call.sessionId);
        return result;
      }
      if (!hasCounted && result.obstacle.kind === "budget") {
        hasCounted = true;
        counted = await call.count() ?? this.#likely(call);
        continue;
      }
      if (call.atLimit() === "stop") return { kind: "refused", obstacle: result.obstacle };
      call.onHold(result.obstacle);
      const end = await holds.wait(call.sessionId, {
        obstacle: result.obstacle,
        timeoutMs: call.deadlineMs - now(),
        signal: call.signal,
      });
      if (end === "gone") return { kind: "gone" };
      if (end === "time_up") return { kind: "time_up" };
    }
  }

  /**
   * Asks for the price that the prompt has if its provider knows nothing of it any more, and only where money spent rules
   * that out for the price of a prompt whose beginning is cached. Nothing can be overspent but by the last calls of a
   * budget, and by them only if a cache is lost before its time. Always holding the full price would leave unspent what one
   * prompt costs to write: measured 23 % of $1 and 14 % of $5 for a single agent, against 3 %.
   */
  async #try(call: AdmissionCall, prompt: PromptBound): Promise<Try> {
    const { keeper, prices, now } = this.#options;
    const { request, sessionId } = call;
    const price = prices().priceOf(request.model, now());
    if (price === undefined && keeper.hasDollarLimit(sessionId)) {
      return { kind: "obstacle", obstacle: { kind: "unpriced", model: request.model } };
    }
    const uncached = { cached: 0, fresh: prompt.cached + prompt.fresh };
    const result = await this.#ask(call, { prompt, reserved: uncached, price });
    if (result.kind !== "obstacle" || prompt.cached === 0) return result;
    return await this.#ask(call, { prompt, reserved: prompt, price });
  }

  async #ask(
    call: AdmissionCall,
    { prompt, reserved, price }: { prompt: PromptBound; reserved: PromptBound; price: Price | undefined },
  ): Promise<Try> {
    const { keeper, countCacheReads, now } = this.#options;
    const { request, callId, sessionId, memory } = call;
    const options = { price, countCacheReads: countCacheReads(), defaultGeo: memory.defaultGeo };
    const bounds = boundCall(request, reserved, options);
    const outcome = await keeper.ask({ callId, bounds, ...outputOf(request) }, {
      sessionId,
      signal: call.signal,
      patienceMs: call.deadlineMs - now(),
      onWait: call.onWait,
    });
    if (outcome.kind === "granted") {
      const expectedInput = boundCall(request, prompt, options).input;
      return { ...outcome, bounds, prompt, reserved, expectedInput };
    }
    if (outcome.kind === "withdrawn") return { kind: call.signal.aborted ? "gone" : "time_up" };
    const budgetName = this.#options.budgetName(sessionId, outcome.ruling.nodeId);
    return { kind: "obstacle", obstacle: { kind: "budget", ruling: outcome.ruling, budgetName } };
  }

  /** The bound of the prompt, or what the provider has counted it as. */
  #prompt({ request, memory }: AdmissionCall, counted: number | undefined): PromptBound {
    const bound = memory.bound(request, { nowMs: this.#options.now() });
    if (counted === undefined || counted >= bound.cached + bound.fresh) return bound;
    const cached = Math.min(bound.cached, counted);
    return { cached, fresh: counted - cached };
  }

  /** No counter: what this model's prompts were at most, by the byte. */
  #likely({ request, memory }: AdmissionCall): number | undefined {
    const tokensPerByte = this.#options.rates.boundPromptPerByte(request.model);
    if (tokensPerByte === undefined) return undefined;
    const { cached, fresh } = memory.bound(request, { nowMs: this.#options.now(), tokensPerByte });
    return cached + fresh;
  }
}

function outputOf(
  request: RequestFacts,
): { outputTokens: number; minOutputTokens: number; maxOutputTokens: number } {
  const most = request.maxOutputTokens ??
    (request.isStream ? Number.MAX_SAFE_INTEGER : UNLIMITED_WHOLE_TOKENS);
  return {
    outputTokens: request.isStream ? Math.min(FIRST_STEP_TOKENS, most) : most,
    minOutputTokens: Math.min(request.minOutputTokens, most),
    maxOutputTokens: most,
  };
}
