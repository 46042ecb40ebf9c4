// Calls of sessions under a gate: read whole, admitted or refused, then forwarded and covered to their end.
import type { AdmissionCall, AdmissionResult, Admissions } from "./admissions.ts";
import type { OpenCall } from "./calls_in_flight.ts";
import { countPrompt } from "./exact_count.ts";
import type { GatedCalls } from "./gated_calls.ts";
import type { RaiseUrl } from "./gateway_session.ts";
import type { AnswerEnd } from "./metered_call.ts";
import { LIKELY_TOKENS_PER_BYTE } from "./observed_passages.ts";
import { type CallPassage, openCall, type PassageTools, relayAnswer, send } from "./passage.ts";
import type { PromptMemory } from "./prompt_memory.ts";
import { describeObstacle, refuse } from "./refusal.ts";
import { hashBody, parseBody, readBody, withOutputLimit } from "./request_body.ts";
import { readRequestFacts, type RequestFacts } from "./request_facts.ts";
import type { TokenRates } from "./token_rates.ts";
import { wasNeverSent } from "./upstream.ts";

/** All requests that wait in memory together; above it a client is asked to come again. */
const MAX_BODY_BYTES_TOGETHER = 512 * 1024 * 1024;

export interface GatedPassagesOptions extends PassageTools {
  admissions: Admissions;
  gated: GatedCalls;
  rates: TokenRates;
  raiseUrl: RaiseUrl;
  /** What a session's call meets at a limit now. */
  atLimit: (sessionId: string) => "stop" | "hold";
  memoryOf: (sessionId: string) => PromptMemory;
  /** Size and hash of requests go into the ledger. */
  keepsHashes: () => boolean;
}

/** A request that has been read. */
interface Known {
  bytes: Uint8Array<ArrayBuffer>;
  body: Record<string, unknown>;
  facts: RequestFacts;
  memory: PromptMemory;
}

type Granted = Extract<AdmissionResult, { kind: "granted" }>;

export class GatedPassages {
  readonly #options: GatedPassagesOptions;
  #bodyBytes = 0;

  constructor(options: GatedPassagesOptions) {
    this.#options = options;
  }

  async pass(passage: CallPassage): Promise<Response> {
    const { request, dialect, session, api } = passage;
    if (this.#bodyBytes > MAX_BODY_BYTES_TOGETHER) {
      return refuse(dialect, "held", "Agents Fleet: too many requests are waiting already");
    }
    const bytes = await readBody(request);
    if (bytes === undefined) return refuse(dialect, "too_large", "Agents Fleet: the request is too large");
    this.#bodyBytes += bytes.length;
    try {
      const body = parseBody(bytes, request.headers.get("content-encoding"));
      const facts = readRequestFacts(api, body);
      if (body === undefined || facts === undefined) {
        return refuse(
          dialect,
          "invalid",
          "Agents Fleet: this request cannot be read, so its cost has no bound",
        );
      }
      const memory = this.#options.memoryOf(session.id);
      return await this.#admit(passage, { bytes, body, facts, memory });
    } finally {
      this.#bodyBytes -= bytes.length;
    }
  }

  async #admit(passage: CallPassage, known: Known): Promise<Response> {
    const { inFlight, admissions, gated, rates, keepsHashes, now, newId } = this.#options;
    const { bytes, facts, memory } = known;
    const startedAtMs = now();
    const tokensPerByte = rates.promptPerByte(facts.model) ?? LIKELY_TOKENS_PER_BYTE;
    const likelyPrompt = memory.bound(facts, { nowMs: startedAtMs, tokensPerByte });
    const call = { callId: newId(), rates, startedAtMs, request: facts, likelyPrompt };
    const open = openCall(passage, keepsHashes() ? { ...call, hash: hashBody(bytes) } : call);
    inFlight.enter(open);
    const admission = await admissions.admit(this.#admission(passage, { open, known }));
    if (admission.kind === "granted") return await this.#send(passage, { known, open, admission });
    inFlight.leave(open);
    const { dialect, session } = passage;
    // Nobody reads it where the client has left; one that a stopping server lets go of is to ask the next.
    if (admission.kind === "gone") return refuse(dialect, "held", "Agents Fleet is being stopped; try again");
    if (admission.kind === "time_up") {
      gated.report("sent_back", open.call);
      return refuse(dialect, "held", "Agents Fleet: this call is held at its budget's limit; try again");
    }
    const url = this.#options.raiseUrl(session.id, admission.obstacle);
    const text = describeObstacle(admission.obstacle, url);
    gated.report("refused", open.call, { text, obstacle: admission.obstacle });
    return refuse(dialect, "budget", text);
  }

  #admission(passage: CallPassage, { open, known }: { open: OpenCall; known: Known }): AdmissionCall {
    const { session, api, target, request, aborter } = passage;
    const { gated, atLimit, keyHeader, now } = this.#options;
    const { facts, body, memory } = known;
    const { signal } = aborter;
    return {
      callId: open.call.options.callId,
      sessionId: session.id,
      request: facts,
      memory,
      atLimit: () => atLimit(session.id),
      count: () => countPrompt({ api, target, body, headers: request.headers, keyHeader, signal }),
      signal,
      deadlineMs: now() + session.maxWaitMs,
      onWait: () => gated.report("waited", open.call),
      onHold: () => {
        if (open.state !== "held") gated.report("held", open.call);
        open.state = "held";
      },
    };
  }

  /** The call is covered: it goes out, and whatever happens then settles it. */
  async #send(
    passage: CallPassage,
    { known, open, admission }: { known: Known; open: OpenCall; admission: Granted },
  ): Promise<Response> {
    const { gated, inFlight, keyHeader, now, log } = this.#options;
    const { call } = open;
    const { facts, memory } = known;
    const { prompt } = admission;
    const settle = (end: AnswerEnd): void =>
      gated.settle(call, { end, prompt, memory, coveredTokens: open.cover?.coveredTokens ?? 0 });
    const release = (): void => gated.release(call);
    try {
      const cover = gated.open(call, admission);
      open.cover = cover;
      open.state = "sent";
      passage.aborter.signal.throwIfAborted();
      call.markSent(now());
      const response = await send(passage, { keyHeader, ...payloadOf(passage, { known, admission }) });
      // An answer in one piece has all of its limit covered.
      const relayed = { open, inFlight, now, log, settle, release };
      return relayAnswer(response, facts.isStream ? { ...relayed, cover } : relayed);
    } catch (cause) {
      // An abort may have come when the request was already read at the other end.
      if (call.wasSent && !wasNeverSent(cause)) {
        settle(passage.aborter.signal.aborted ? "client_left" : "cut");
      } else release();
      inFlight.leave(open);
      throw cause;
    }
  }
}

/** The request as it came, unless an answer in one piece needs a lower limit than it asks for. */
function payloadOf(
  { request, api }: CallPassage,
  { known, admission }: { known: Known; admission: Granted },
): { body: Uint8Array<ArrayBuffer>; headers: Headers } {
  const { bytes, body, facts } = known;
  const { outputTokens } = admission;
  if (facts.isStream || outputTokens === facts.maxOutputTokens) {
    return { body: bytes, headers: request.headers };
  }
  const headers = new Headers(request.headers);
  headers.delete("content-encoding");
  return { body: withOutputLimit(body, { api, maxTokens: outputTokens }), headers };
}
