// A request on its way through, and the answer on its way back.
import type { Log } from "../log.ts";
import { AnswerRelay, type Cover } from "./answer_relay.ts";
import type { CallsInFlight, OpenCall } from "./calls_in_flight.ts";
import type { GatewaySession } from "./gateway_session.ts";
import { type AnswerEnd, MeteredCall, type MeteredCallOptions } from "./metered_call.ts";
import type { Dialect, ModelApi } from "./model_api.ts";
import { forward, responseHeaders } from "./upstream.ts";

export interface Passage {
  request: Request;
  session: GatewaySession;
  dialect: Dialect;
  /** Undefined for what costs nothing, or cannot be metered. */
  api: ModelApi | undefined;
  target: URL;
  /** Ends the upstream's side. */
  aborter: AbortController;
}

/** The passage of a call that costs something. */
export type CallPassage = Passage & { api: ModelApi };

/** What passages of every kind need. */
export interface PassageTools {
  inFlight: CallsInFlight;
  /** Header that carries our own key; it goes no further. */
  keyHeader: string;
  now: () => number;
  newId: () => string;
  log: Log;
}

type Body = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null;

const MAX_NAME_CHARS = 200;

/** Sends a passage's request on, with another body or other headers where need be. */
export function send(
  { request, target, aborter }: Passage,
  { keyHeader, body, headers = request.headers }: { keyHeader: string; body: Body; headers?: Headers },
): Promise<Response> {
  const { method } = request;
  const hasBody = method !== "GET" && method !== "HEAD";
  return forward(target, {
    method,
    headers,
    keyHeader,
    body: hasBody ? body : null,
    signal: aborter.signal,
  });
}

/** A call as it begins. */
export function openCall(
  { request, session, api, aborter }: CallPassage,
  known: Pick<MeteredCallOptions, "callId" | "rates" | "startedAtMs" | "request" | "likelyPrompt" | "hash">,
): OpenCall {
  const subagent = request.headers.get("x-claude-code-agent-id")?.slice(0, MAX_NAME_CHARS);
  const call = new MeteredCall({
    sessionId: session.id,
    api,
    ...known,
    ...(subagent === undefined ? {} : { subagent }),
  });
  return { call, state: "waiting", aborter };
}

export interface RelayedCall {
  open: OpenCall;
  inFlight: CallsInFlight;
  now: () => number;
  log: Log;
  /** Undefined where nothing is limited. */
  cover?: Cover;
  /** The call has cost something. */
  settle: (end: AnswerEnd) => void;
  /** The call has cost nothing. */
  release: () => void;
}

/** Hands an upstream's answer on, and ends the call with it. */
export function relayAnswer(response: Response, relayed: RelayedCall): Response {
  const { open, inFlight, now, log, cover, settle, release } = relayed;
  if (!response.ok) {
    release();
    inFlight.leave(open);
    return passOn(response, response.body);
  }
  open.call.markAnswered(response.headers);
  open.relay = new AnswerRelay({
    call: open.call,
    response,
    ...(cover === undefined ? {} : { cover }),
    now,
    onEnd: (end) => {
      try {
        settle(end);
      } catch (cause) {
        // The answer goes on; what it cost stays reserved on the disk and is taken in at the next start.
        log.error("A call could not be settled", { callId: open.call.options.callId, cause });
      }
      inFlight.leave(open);
      if (end !== "complete") open.aborter.abort();
    },
  });
  open.state = "streaming";
  return passOn(response, open.relay.stream());
}

/** An upstream's answer as ours. */
export function passOn(response: Response, body: ReadableStream<Uint8Array> | null): Response {
  const { status, statusText, headers } = response;
  // A status without a body may not be given one.
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  return new Response(hasBody ? body : null, { status, statusText, headers: responseHeaders(headers) });
}
