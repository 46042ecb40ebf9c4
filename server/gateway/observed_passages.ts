// Calls of sessions that are only watched: forwarded as they come, counted as they answer.
import type { CallSink } from "./gateway_session.ts";
import type { AnswerEnd } from "./metered_call.ts";
import { type CallPassage, openCall, type PassageTools, relayAnswer, send } from "./passage.ts";
import type { TokenRates } from "./token_rates.ts";
import { wasNeverSent } from "./upstream.ts";

/** A request that is not looked into is taken for text of this density. */
export const LIKELY_TOKENS_PER_BYTE = 0.3;
/** Smaller bodies go out with their length, as they came; larger ones piece by piece. */
const MAX_KEPT_BODY_BYTES = 8 * 1024 * 1024;

export interface ObservedPassagesOptions extends PassageTools {
  calls: CallSink;
  rates: TokenRates;
}

export class ObservedPassages {
  readonly #options: ObservedPassagesOptions;

  constructor(options: ObservedPassagesOptions) {
    this.#options = options;
  }

  async pass(passage: CallPassage): Promise<Response> {
    const { calls, rates, inFlight, keyHeader, now, newId, log } = this.#options;
    const bytes = Number(passage.request.headers.get("content-length") ?? 0);
    const likelyPrompt = { cached: 0, fresh: Math.ceil(bytes * LIKELY_TOKENS_PER_BYTE) };
    const open = openCall(passage, { callId: newId(), rates, startedAtMs: now(), likelyPrompt });
    const settle = (end: AnswerEnd): void => {
      open.call.learn();
      calls.record(passage.session.id, open.call.toModelCall(end, now()));
    };
    open.state = "sent";
    inFlight.enter(open);
    try {
      open.call.markSent(now());
      const response = await send(passage, { keyHeader, body: await sendable(passage.request) });
      return relayAnswer(response, { open, inFlight, now, log, settle, release: () => {} });
    } catch (cause) {
      if (!wasNeverSent(cause)) settle(passage.aborter.signal.aborted ? "client_left" : "cut");
      inFlight.leave(open);
      throw cause;
    }
  }
}

async function sendable(
  request: Request,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null> {
  const length = request.headers.get("content-length");
  if (length === null || Number(length) > MAX_KEPT_BODY_BYTES) return request.body;
  return new Uint8Array(await request.arrayBuffer());
}
