// One call while it runs: what is known of it, and the ledger row that this makes at any moment.
import {
  type ModelCall,
  NO_TOKENS,
  promptTokens,
  sumPasses,
  type TokenCounts,
  UNKNOWN_MODEL,
} from "../usage/model_call.ts";
import { optional, parseJsonObject } from "../usage/usage_fields.ts";
import type { AnswerReader, EndingCounts, PromptCounts } from "./answer_reader.ts";
import { createAnswerReader, type ModelApi } from "./model_api.ts";
import type { PromptBound } from "./prompt_memory.ts";
import type { RequestFacts } from "./request_facts.ts";
import { RunningOutput } from "./running_output.ts";
import type { SseEvent } from "./sse_framer.ts";
import type { TokenRates } from "./token_rates.ts";

/** How an answer came to its end. */
export type AnswerEnd =
  | "complete"
  /** The provider, or the way to it, broke off. */
  | "cut"
  /** The client has gone. */
  | "client_left"
  /** The gate ended it, because its cover could not be extended. */
  | "ended_early";

/** What a body was, without its text. */
export interface RequestHash {
  bytes: number;
  sha256: string;
}

export interface MeteredCallOptions {
  callId: string;
  sessionId: string;
  api: ModelApi;
  rates: TokenRates;
  startedAtMs: number;
  /** Undefined where the body was not looked into. */
  request?: RequestFacts;
  /** What the prompt is taken for if the provider never says. */
  likelyPrompt: PromptBound;
  subagent?: string;
  purpose?: string;
  /** Of the body as it came. */
  hash?: RequestHash;
}

/** Made but not received yet when a connection is broken off, at the least. */
const MIN_IN_FLIGHT_TOKENS = 64;
/** One byte of a compressed answer may hide so many. */
const BYTES_PER_PACKED_BYTE = 8;

export class MeteredCall {
  readonly options: MeteredCallOptions;
  readonly reader: AnswerReader;
  readonly #running: RunningOutput;
  #requestId: string | undefined;
  #sentAtMs: number | undefined;

  constructor(options: MeteredCallOptions) {
    this.options = options;
    this.reader = createAnswerReader(options.api);
    this.#running = new RunningOutput({
      rates: options.rates,
      model: options.request?.model ?? UNKNOWN_MODEL,
    });
  }

  /** The request has left for the provider. */
  markSent(nowMs: number): void {
    this.#sentAtMs = nowMs;
  }

  get wasSent(): boolean {
    return this.#sentAtMs !== undefined;
  }

  /** The provider has begun to answer. */
  markAnswered(headers: Headers): void {
    const id = headers.get("request-id") ?? headers.get("x-request-id");
    if (id !== null && id.length <= 200) this.#requestId = id;
  }

  feed(event: SseEvent, nowMs: number): void {
    const bytes = event.isOpaque
      ? event.bytes.length
      : event.data === undefined
      ? 0
      : this.reader.feed(event.data);
    this.#running.note(bytes, { facts: this.reader.facts, nowMs });
  }

  /** An answer that came in one piece. */
  feedWhole(bytes: Uint8Array, nowMs: number): void {
    this.reader.readWhole(parseJsonObject(new TextDecoder().decode(bytes)));
    // Without the provider's count, all that came is taken for output.
    const shown = this.reader.facts.output === undefined ? bytes.length : 0;
    this.#running.note(shown, { facts: this.reader.facts, nowMs });
  }

  /** Bytes that cannot be read, because they are compressed. */
  feedPacked(bytes: number, nowMs: number): void {
    this.#running.note(bytes * BYTES_PER_PACKED_BYTE, { facts: this.reader.facts, nowMs });
  }

  /** No more output than this can have been made by now. */
  outputBound(nowMs: number): number {
    return Math.min(this.#running.bound(nowMs), this.options.request?.maxOutputTokens ?? Infinity);
  }

  /** What the provider makes at the most after the answer is broken off. */
  get inFlightTokens(): number {
    return Math.max(MIN_IN_FLIGHT_TOKENS, this.#running.onItsWay());
  }

  /** What has come so far, for people to look at. */
  get outputSoFar(): number {
    return this.reader.facts.output ?? this.#running.likely();
  }

  /** What the provider has counted of the request itself: what its own tools add is read by later passes. */
  get countedPrompt(): PromptCounts | undefined {
    const { passes, prompt } = this.reader.facts;
    return passes?.[0] ?? prompt;
  }

  /** What a client is told if its answer ends here. */
  get countsSoFar(): EndingCounts {
    return { promptTokens: promptTokens(this.#prompt()), outputTokens: this.outputSoFar };
  }

  /** Takes what a finished answer teaches about its model. */
  learn(): void {
    const { facts } = this.reader;
    const { rates, request } = this.options;
    if (!facts.hasEnded) return;
    this.#running.learn(facts);
    const prompt = this.countedPrompt;
    if (request === undefined || prompt === undefined || request.images > 0) return;
    const tokens = promptTokens({ ...prompt, output: 0 });
    rates.learnPrompt(request.model, { tokens, bytes: request.promptBytes });
  }

  /** The row for the ledger if the answer ended now. */
  toModelCall(end: AnswerEnd, nowMs: number): ModelCall {
    const { callId, request, startedAtMs, subagent, purpose, hash } = this.options;
    const { facts } = this.reader;
    const isWhole = end === "complete" && facts.hasEnded;
    const inFlight = end === "ended_early" ? this.inFlightTokens : MIN_IN_FLIGHT_TOKENS;
    const output = facts.output ?? this.#likelyOutput({ isWhole, nowMs, inFlight });
    const counts = facts.passes === undefined ? { ...this.#prompt(), output } : sumPasses(facts.passes);
    const isCounted = facts.output !== undefined && facts.prompt !== undefined;
    return {
      source: "gateway",
      key: callId,
      ...optional("requestId", this.#requestId),
      ...optional("messageId", facts.messageId),
      model: facts.model ?? request?.model ?? UNKNOWN_MODEL,
      atMs: startedAtMs,
      ...counts,
      ...optional("passes", facts.passes),
      reasoning: Math.min(facts.reasoning, counts.output),
      ...optional("serverToolUses", facts.serverToolUses),
      ...optional("webSearches", facts.webSearches),
      ...optional("serviceTier", facts.serviceTier),
      ...optional("speed", facts.speed ?? request?.speed),
      ...optional("inferenceGeo", facts.inferenceGeo ?? request?.inferenceGeo),
      ...optional("subagent", subagent),
      ...optional("purpose", purpose),
      ...optional("requestBytes", hash?.bytes),
      ...optional("requestSha256", hash?.sha256),
      confidence: isCounted ? "exact" : "estimated",
      ...(isWhole || isCounted ? {} : { incomplete: end === "cut" ? "unfinished" : "interrupted" }),
    };
  }

  #prompt(): TokenCounts {
    if (this.reader.facts.prompt !== undefined) return { ...NO_TOKENS, ...this.reader.facts.prompt };
    return likelyCounts(this.options.likelyPrompt, this.options.request);
  }

  #likelyOutput(
    { isWhole, nowMs, inFlight }: { isWhole: boolean; nowMs: number; inFlight: number },
  ): number {
    const { request, rates } = this.options;
    const most = request?.maxOutputTokens ?? Infinity;
    if (request?.isStream === false && !isWhole) {
      const seconds = this.#sentAtMs === undefined ? 0 : (nowMs - this.#sentAtMs) / 1000;
      return Math.min(most, Math.ceil(seconds * rates.boundHiddenPerSecond(request.model)));
    }
    const hasMore = !isWhole && this.reader.facts.hasStarted;
    return Math.min(most, this.#running.likely() + (hasMore ? inFlight : 0));
  }
}

/** A prompt that nobody has counted, in the classes that it was most likely charged in. */
export function likelyCounts(prompt: PromptBound, request: RequestFacts | undefined): TokenCounts {
  const field = request?.cache === "1h" ? "cacheWrite1h" : request?.cache === "5m" ? "cacheWrite5m" : "input";
  return { ...NO_TOKENS, cacheRead: prompt.cached, [field]: prompt.fresh };
}
