// A LiteLLM proxy and a Claude API on loopback that answer what a test puts in, and keep what they were sent.

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** As it came over the wire. */
  body: string;
}

/** What the next question is answered with. */
export type Reply =
  | { text: string; input?: number; output?: number; cached?: number; costUsd?: number; withoutUsage?: true }
  | { status: number; body?: string; headers?: Record<string, string> }
  /** Nothing, until the client leaves. */
  | { hang: true };

const MODELS = ["gpt-4.1-nano", "gpt-fake"];

export class FakeModels {
  readonly received: ReceivedRequest[] = [];
  /** Answered one after the other; then the last one again. */
  replies: Reply[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closing = new AbortController();
  #hung: (() => void)[] = [];

  private constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#serve(request),
    );
  }

  static start(...replies: Reply[]): FakeModels {
    const fake = new FakeModels();
    fake.replies = replies;
    return fake;
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** Bodies of the questions, without requests for lists. */
  get questions(): ReceivedRequest[] {
    return this.received.filter(({ method }) => method === "POST");
  }

  /** Resolves when a request is left without an answer. */
  hangs(): Promise<void> {
    return new Promise((resolve) => this.#hung.push(resolve));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#server.shutdown();
  }

  async #serve(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const headers = Object.fromEntries(request.headers);
    this.received.push({ method: request.method, path: pathname, headers, body: await request.text() });
    if (pathname === "/v1/models") {
      const data = MODELS.map((id) => ({ id, object: "model", type: "model", created: 1677610602 }));
      return Response.json({ object: "list", data, has_more: false });
    }
    const [reply] = this.replies.length > 1 ? this.replies.splice(0, 1) : this.replies;
    if (reply === undefined) return new Response("no reply", { status: 500 });
    if ("status" in reply) {
      return new Response(reply.body ?? null, { status: reply.status, headers: reply.headers ?? {} });
    }
    if ("hang" in reply) return await this.#hang(request);
    return pathname === "/v1/messages" ? claudeAnswer(reply) : chatAnswer(reply);
  }

  async #hang(request: Request): Promise<Response> {
    for (const tell of this.#hung.splice(0)) tell();
    await new Promise((resolve) => {
      AbortSignal.any([request.signal, this.#closing.signal]).addEventListener("abort", resolve);
    });
    return new Response(null, { status: 499 });
  }
}

type TextReply = Extract<Reply, { text: string }>;

function chatAnswer(
  { text, input = 1000, output = 50, cached = 0, costUsd, withoutUsage }: TextReply,
): Response {
  const usage = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
  };
  return Response.json({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "gpt-4.1-nano",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text } }],
    ...(withoutUsage ? {} : { usage }),
  }, {
    headers: {
      "x-request-id": "req_litellm_1",
      ...(costUsd === undefined ? {} : { "x-litellm-response-cost": String(costUsd) }),
    },
  });
}

function claudeAnswer({ text, input = 1000, output = 50, cached = 0 }: TextReply): Response {
  return Response.json({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-haiku-4-5",
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: {
      input_tokens: input,
      output_tokens: output,
      cache_read_input_tokens: cached,
      cache_creation_input_tokens: 0,
    },
  }, { headers: { "request-id": "req_claude_1" } });
}
