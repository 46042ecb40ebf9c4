// Keeps a streaming call covered: its reservation stays ahead of what has come.
import { amountFor, type CallBounds } from "../budget/gate_step.ts";
import type { Amount } from "../budget/spend.ts";
import type { Cover } from "./answer_relay.ts";
import type { GateKeeper } from "./gate_keeper.ts";
import type { MeteredCall } from "./metered_call.ts";

/** DESIGN.md section 5: the cover is kept so far ahead, and grows in such steps. */
export const AHEAD_TOKENS = 2048;
const STEP_TOKENS = 4096;
/** An answer that cannot be covered further ends before its cover does: so much, or more, is on its way already. */
const MIN_END_MARGIN_TOKENS = 128;

export interface CallCoverOptions {
  call: MeteredCall;
  keeper: GateKeeper;
  bounds: CallBounds;
  outputTokens: number;
  /** What the prompt costs if its beginning is cached, as it should be; `bounds` may be of one that is not. */
  expectedInput: Amount;
  /** What a prompt that the provider has counted costs; undefined while the bound has to stand. */
  priceOfPrompt: () => Amount | undefined;
  onExtended: (outputTokens: number) => void;
}

export class CallCover implements Cover {
  readonly #options: CallCoverOptions;
  #bounds: CallBounds;
  #covered: number;
  #isRefined = false;

  constructor(options: CallCoverOptions) {
    this.#options = options;
    this.#bounds = options.bounds;
    this.#covered = options.outputTokens;
  }

  /** Output tokens that the reservation is good for. */
  get coveredTokens(): number {
    return this.#covered;
  }

  /** What is held in each budget. */
  get held(): Amount {
    return amountFor(this.#bounds, this.#covered);
  }

  allows(nowMs: number): boolean {
    this.#refine();
    const { call, keeper, onExtended } = this.#options;
    const most = call.options.request?.maxOutputTokens ?? Infinity;
    const made = call.outputBound(nowMs);
    if (Math.min(made + AHEAD_TOKENS, most) <= this.#covered) return true;
    const before = this.#covered;
    const wanted = Math.min(made + AHEAD_TOKENS + STEP_TOKENS, most);
    this.#covered = keeper.extend(call.options.callId, wanted);
    const end = Math.min(made + Math.max(MIN_END_MARGIN_TOKENS, call.inFlightTokens), most);
    const isEnough = (): boolean => end <= this.#covered;
    if (!isEnough() && this.#expect()) this.#covered = keeper.extend(call.options.callId, wanted);
    if (this.#covered > before) onExtended(this.#covered);
    return isEnough();
  }

  /** The provider has counted the prompt. */
  #refine(): void {
    if (this.#isRefined) return;
    const input = this.#options.priceOfPrompt();
    if (input === undefined) return;
    this.#isRefined = true;
    this.#setInput(input);
  }

  /** Providers that count at the end only: before the answer has to end here, its prompt is taken for what it should be. */
  #expect(): boolean {
    const { expectedInput } = this.#options;
    if (this.#isRefined || expectedInput.nanoUsd >= this.#bounds.input.nanoUsd) return false;
    this.#setInput(expectedInput);
    return true;
  }

  #setInput(input: Amount): void {
    this.#bounds = { ...this.#bounds, input };
    this.#options.keeper.refineInput(this.#options.call.options.callId, input);
  }
}
