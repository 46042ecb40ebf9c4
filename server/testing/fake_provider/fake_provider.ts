// A scripted provider on loopback: Anthropic Messages, OpenAI Responses and Chat Completions, with exact books.
import { anthropicError, anthropicFrames, anthropicMessage } from "./anthropic_answer.ts";
import { readAnthropicAsk } from "./anthropic_ask.ts";
import { type Answer, planAnswer } from "./answer.ts";
import type { Ask } from "./ask.ts";
import { chatCompletion, chatFrames } from "./chat_answer.ts";
import type { Frame } from "./frame.ts";
import { readChatAsk, readResponsesAsk } from "./openai_ask.ts";
import { type Pace, pacedStream } from "./paced_stream.ts";
import { type Api, RequestLog, type ServedRequest } from "./request_log.ts";
import { openaiError, responsesFrames, responsesObject } from "./responses_answer.ts";
import { parseScript, type Script } from "./script.ts";
import { promptUsage } from "./usage.ts";

export interface FakeProviderOptions {
  /** Any free one, when missing. */
  port?: number;
  now?: () => number;
}

/** How often an answer was asked for, by what identifies it over retries. */
type Attempts = Map<string, number>;

const APIS: Record<string, Api> = {
  "POST /v1/messages": "messages",
  "POST /v1/messages/count_tokens": "count_tokens",
  "POST /v1/responses": "responses",
  "POST /v1/chat/completions": "chat",
  "GET /v1/models": "models",
};
const MODELS = ["claude-opus-5-5", "claude-sonnet-5", "claude-haiku-5", "gpt-5.5", "gpt-6-sol"];
const MAX_PROMPT_CHARACTERS = 200;

export class FakeProvider {
  readonly log = new RequestLog();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #now: () => number;
  readonly #attempts: Attempts = new Map();
  readonly #closing = new AbortController();
  #count = 0;

  private constructor({ port = 0, now = Date.now }: FakeProviderOptions) {
    this.#now = now;
    this.#server = Deno.serve({
      hostname: "127.0.0.1",
      port,
      onListen: () => {},
      onError: (error) => Response.json({ error: { message: String(error) } }, { status: 500 }),
    }, (request) => this.#serve(request));
  }

  /** Listens on loopback at once. */
  static start(options: FakeProviderOptions = {}): FakeProvider {
    return new FakeProvider(options);
  }

  /** `http://127.0.0.1:PORT`, as `ANTHROPIC_BASE_URL` wants it; OpenAI clients add `/v1`. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Breaks off what is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#server.shutdown();
  }

  async #serve(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    const api = request.method === "HEAD" ? "probe" : APIS[`${request.method} ${pathname}`] ?? "other";
    const number = String(++this.#count).padStart(6, "0");
    const entry = this.#open(request, { api, number, requestBytes: body.length });
    if (api === "probe") return this.#finish(entry, new Response(null));
    if (api === "models") return this.#finish(entry, Response.json(modelList()));
    // The one status that makes Codex go on over HTTP at once.
    if (request.headers.has("upgrade")) return this.#finish(entry, new Response(null, { status: 426 }));
    if (api === "other") return this.#finish(entry, Response.json(openaiError(404), { status: 404 }));
    return this.#answer(api, { entry, number, body, headers: request.headers });
  }

  #open(request: Request, known: { api: Api; number: string; requestBytes: number }): ServedRequest {
    const entry: ServedRequest = {
      requestId: `req_fake_${known.number}`,
      api: known.api,
      method: request.method,
      path: new URL(request.url).pathname,
      headers: Object.fromEntries(request.headers),
      requestBytes: known.requestBytes,
      streamed: false,
      status: 200,
      outcome: "open",
      toldPrompt: false,
      toldUsage: false,
      outputTokensSent: 0,
      bytesSent: 0,
      startedAtMs: this.#now(),
    };
    this.log.add(entry);
    return entry;
  }

  #finish(entry: ServedRequest, response: Response): Response {
    entry.status = response.status;
    this.#end(entry, response.ok ? "complete" : "refused");
    response.headers.set("request-id", entry.requestId);
    response.headers.set("x-request-id", entry.requestId);
    return response;
  }

  #end(entry: ServedRequest, outcome: ServedRequest["outcome"]): void {
    if (entry.outcome !== "open") return;
    entry.outcome = outcome;
    entry.endedAtMs = this.#now();
    this.log.changed();
  }

  #answer(api: AnsweringApi, call: Call): Response {
    const body: unknown = JSON.parse(new TextDecoder().decode(call.body));
    const ask = readAsk(api, body, call.headers);
    const script = parseScript(ask.lane === "title" ? "" : ask.prompt);
    const answer = planAnswer(ask, script);
    if (api === "count_tokens") {
      const { input, cacheRead, cacheWrite5m, cacheWrite1h } = promptUsage(ask, script);
      const total = input + cacheRead + cacheWrite5m + cacheWrite1h;
      return this.#finish(call.entry, Response.json({ input_tokens: total }));
    }
    describe(call.entry, { ask, answer });
    const attempt = this.#attempt(ask);
    if (attempt < script.error.times) return this.#refuse(api, call.entry, script.error.status);
    const form = formOf(api, { ask, answer, script, number: call.number, body });
    if (!ask.stream) return this.#whole(call.entry, form.whole());
    const pace = paceOf(script, { answer, attempt: attempt - script.error.times });
    return this.#stream(call.entry, { frames: [...form.frames()], pace });
  }

  /** How often this very answer was asked for before. */
  #attempt({ sessionId = "", lane, prompt, step }: Ask): number {
    const key = JSON.stringify([sessionId, lane, prompt, step]);
    const before = this.#attempts.get(key) ?? 0;
    this.#attempts.set(key, before + 1);
    return before;
  }

  #refuse(api: AnsweringApi, entry: ServedRequest, status: number): Response {
    const body = api === "messages" ? anthropicError(status, entry.requestId) : openaiError(status);
    return this.#finish(entry, Response.json(body, { status }));
  }

  #whole(entry: ServedRequest, body: Record<string, unknown>): Response {
    const text = JSON.stringify(body);
    entry.bytesSent = new TextEncoder().encode(text).length;
    entry.outputTokensSent = entry.usage?.output ?? 0;
    entry.toldPrompt = entry.toldUsage = true;
    return this.#finish(entry, new Response(text, { headers: { "content-type": "application/json" } }));
  }

  #stream(entry: ServedRequest, { frames, pace }: { frames: Frame[]; pace: Pace }): Response {
    entry.streamed = true;
    const events = {
      onSent: (frame: Frame, bytes: number): void => {
        entry.bytesSent += bytes;
        entry.outputTokensSent += frame.tokens;
        entry.toldPrompt ||= frame.tellsPrompt === true;
        entry.toldUsage ||= frame.tellsUsage === true;
        this.log.changed();
      },
      onEnd: (outcome: ServedRequest["outcome"]): void => this.#end(entry, outcome),
    };
    const headers = {
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
      "request-id": entry.requestId,
      "x-request-id": entry.requestId,
    };
    return new Response(pacedStream(frames, { pace, events, stop: this.#closing.signal }), { headers });
  }
}

type AnsweringApi = "messages" | "count_tokens" | "responses" | "chat";

interface Call {
  entry: ServedRequest;
  number: string;
  body: Uint8Array;
  headers: Headers;
}

function readAsk(api: AnsweringApi, body: unknown, headers: Headers): Ask {
  if (api === "responses") return readResponsesAsk(body, headers);
  return api === "chat" ? readChatAsk(body) : readAnthropicAsk(body, headers);
}

function describe(entry: ServedRequest, { ask, answer }: { ask: Ask; answer: Answer }): void {
  entry.model = ask.model;
  entry.lane = ask.lane;
  entry.prompt = ask.prompt.slice(0, MAX_PROMPT_CHARACTERS);
  entry.step = ask.step;
  entry.usage = answer.usage;
  if (ask.sessionId !== undefined) entry.sessionId = ask.sessionId;
}

interface Form {
  whole(): Record<string, unknown>;
  frames(): Iterable<Frame>;
}

interface Planned {
  ask: Ask;
  answer: Answer;
  script: Script;
  number: string;
  body: unknown;
}

function formOf(api: AnsweringApi, { ask, answer, script, number, body }: Planned): Form {
  const common = { model: ask.model, answer, lie: script.lie };
  if (api === "responses") {
    const options = { ...common, responseId: `resp_fake_${number}` };
    return { whole: () => responsesObject(options), frames: () => responsesFrames(options) };
  }
  if (api === "chat") {
    const includeUsage = JSON.stringify(body).includes('"include_usage":true');
    const options = { ...common, completionId: `chatcmpl_fake_${number}`, includeUsage };
    return { whole: () => chatCompletion(options), frames: () => chatFrames(options) };
  }
  const options = { ...common, messageId: `msg_fake_${number}` };
  return { whole: () => anthropicMessage(options), frames: () => anthropicFrames(options) };
}

function paceOf(script: Script, { answer, attempt }: { answer: Answer; attempt: number }): Pace {
  const { slowMs, quietMs, hang, cuts } = script;
  return {
    slowMs,
    quietMs,
    hang,
    cutAfterTokens: attempt < cuts ? Math.floor(answer.usage.output / 2) : undefined,
  };
}

function modelList(): Record<string, unknown> {
  const data = MODELS.map((id) => ({ id, type: "model", object: "model", display_name: id }));
  return { object: "list", data, has_more: false, first_id: MODELS[0], last_id: MODELS.at(-1) };
}
