// How many tokens an answer under way can have cost by now: by bytes where it shows them, by time where it hides them.
import type { AnswerFacts } from "./answer_reader.ts";
import type { TokenRates } from "./token_rates.ts";

/** A pause longer than this may hide thinking. */
const SILENT_AFTER_MS = 1000;
/** Around an answer, and around each of its parts, are tokens that nobody sees. */
/** Until a provider hears that an answer is to end, it makes as much as came within such a time. */
const ON_ITS_WAY_MS = 250;
const MAX_ON_ITS_WAY_TOKENS = 384;
const TOKENS_AROUND_ANSWER = 16;
const TOKENS_AROUND_PART = 48;

export class RunningOutput {
  readonly #rates: TokenRates;
  #model: string;
  #shownBytes = 0;
  #thinkingBytes = 0;
  #thinkingMs = 0;
  #silentMs = 0;
  #parts = 0;
  #firstAtMs: number | undefined;
  #lastAtMs: number | undefined;
  #isThinking = false;

  constructor({ rates, model }: { rates: TokenRates; model: string }) {
    this.#rates = rates;
    this.#model = model;
  }

  /** Something came: `bytes` of output, and what the answer says of itself after it. */
  note(bytes: number, { facts, nowMs }: { facts: AnswerFacts; nowMs: number }): void {
    if (!facts.hasStarted && bytes === 0) return;
    this.#countTime(nowMs, bytes > 0 || facts.isThinking !== this.#isThinking);
    if (facts.isThinking) this.#thinkingBytes += bytes;
    else this.#shownBytes += bytes;
    if (bytes > 0) this.#firstAtMs ??= nowMs;
    this.#isThinking = facts.isThinking;
    this.#parts = facts.parts;
    this.#model = facts.model ?? this.#model;
  }

  /** No more tokens than this have been made, the pause since the last output included. */
  bound(nowMs: number): number {
    if (this.#lastAtMs === undefined) return 0;
    const perByte = this.#rates.boundPerByte(this.#model);
    const pending = nowMs - this.#lastAtMs;
    return this.#sum(perByte, {
      thinkingMs: this.#thinkingMs + (this.#isThinking ? pending : 0),
      silentMs: this.#silentMs + (!this.#isThinking && pending > SILENT_AFTER_MS ? pending : 0),
    });
  }

  /** What has been received, as far as one can tell without the provider's count. */
  likely(): number {
    if (this.#lastAtMs === undefined) return 0;
    const perByte = this.#rates.likelyPerByte(this.#model);
    // The pauses of an answer that is being written are the network's, unless the model says that it thinks.
    return this.#sum(perByte, {
      thinkingMs: this.#thinkingMs,
      silentMs: this.#parts === 0 ? this.#silentMs : 0,
    });
  }

  /** What the provider may have made beyond what has come, by the speed at which it came. */
  onItsWay(): number {
    const tookMs = (this.#lastAtMs ?? 0) - (this.#firstAtMs ?? 0);
    const share = Math.min(1, ON_ITS_WAY_MS / Math.max(1, tookMs));
    return Math.min(
      MAX_ON_ITS_WAY_TOKENS,
      Math.ceil(this.#shownBytes * this.#rates.likelyPerByte(this.#model) * share),
    );
  }

  /** Teaches the rates what the finished answer has shown; `facts.output` must be known. */
  learn(facts: AnswerFacts): void {
    const output = facts.output;
    if (output === undefined) return;
    const hiddenMs = this.#thinkingMs + this.#silentMs;
    const around = TOKENS_AROUND_ANSWER + TOKENS_AROUND_PART * this.#parts;
    if (facts.reasoning > 0) {
      this.#rates.learnHidden(this.#model, { tokens: facts.reasoning, seconds: hiddenMs / 1000 });
    } else if (this.#thinkingBytes > 0 || hiddenMs > 0) return;
    const shown = Math.max(0, output - facts.reasoning - around);
    this.#rates.learnOutput(this.#model, { tokens: shown, bytes: this.#shownBytes });
  }

  #countTime(nowMs: number, isProgress: boolean): void {
    if (this.#lastAtMs === undefined) this.#lastAtMs = nowMs;
    if (!isProgress) return;
    const passed = Math.max(0, nowMs - this.#lastAtMs);
    if (this.#isThinking) this.#thinkingMs += passed;
    else if (passed > SILENT_AFTER_MS) this.#silentMs += passed;
    this.#lastAtMs = nowMs;
  }

  #sum(perByte: number, { thinkingMs, silentMs }: { thinkingMs: number; silentMs: number }): number {
    const perMs = this.#rates.boundHiddenPerSecond(this.#model) / 1000;
    const around = TOKENS_AROUND_ANSWER + TOKENS_AROUND_PART * this.#parts;
    const thinking = Math.max(this.#thinkingBytes * perByte, thinkingMs * perMs);
    return Math.ceil(around + this.#shownBytes * perByte + thinking + silentMs * perMs);
  }
}
