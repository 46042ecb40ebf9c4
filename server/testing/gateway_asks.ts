// Asks a gateway in front of the fake provider what agents would, and a frame for tests that do.
import assert from "node:assert/strict";
import { NANO_PER_USD } from "../usage/nano_usd.ts";
import { FakeProvider } from "./fake_provider/fake_provider.ts";
import { TestGateway, type TestGatewayOptions } from "./test_gateway.ts";

export const USD = NANO_PER_USD;
/** Five bytes a token, as the fake provider writes. */
const KNOWN = Object.fromEntries(
  ["claude-opus-5-5", "gpt-6-sol", "gpt-5.5"].map((model) => [model, { outputTokensPerByte: 0.2 }]),
);

/** What a test works with. */
export interface Setting {
  provider: FakeProvider;
  gate: TestGateway;
}

/** A test with a gateway of its own; nothing may be under way or reserved when it ends. */
export function testGateway(
  name: string,
  options: Omit<TestGatewayOptions, "upstream">,
  work: (setting: Setting) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const provider = FakeProvider.start();
    const gate = new TestGateway({ rates: KNOWN, ...options, upstream: provider.url });
    try {
      await work({ provider, gate });
      await until(() => gate.gateway.listInFlight().length === 0);
      assert.equal(gate.stored.size, 0, "a reservation is left");
    } finally {
      await gate.close();
      await provider.close();
    }
  });
}

/** Resolves once the condition holds; fails after ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const endsAtMs = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < endsAtMs, `never came true: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** How a request differs from the usual one. */
export interface Asked {
  session?: string;
  stream?: boolean;
  maxTokens?: number;
  model?: string;
  signal?: AbortSignal;
  extra?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** Prompts are padded: the bound is made of bytes, and the fake charges what its script says. */
export function ask(gate: TestGateway, prompt: string, asked: Asked = {}): Promise<Response> {
  const { session = "s1", stream = true, maxTokens = 128_000, model = "claude-opus-5-5", signal } = asked;
  return fetch(`${gate.url}/anthropic/v1/messages?beta=true`, {
    method: "POST",
    headers: { "x-test-session": session, "content-type": "application/json", ...asked.headers },
    body: JSON.stringify({
      model,
      max_tokens: maxTokens,
      stream,
      messages: [{ role: "user", content: `${prompt} ${SMALL}` }],
      ...asked.extra,
    }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What every prompt costs beside its answer. */
export const SMALL = "[[input:100]] [[cache:write=0,read=0]]";

/** The same of the Responses API. */
export function askResponses(gate: TestGateway, prompt: string, stream = true): Promise<Response> {
  return fetch(`${gate.url}/openai/responses`, {
    method: "POST",
    headers: { "x-test-session": "s1", "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-6-sol", stream, input: `${prompt} ${SMALL}` }),
  });
}

/** The same of Chat Completions. */
export function askChat(gate: TestGateway, prompt: string, stream = true): Promise<Response> {
  return fetch(`${gate.url}/openai/chat/completions`, {
    method: "POST",
    headers: { "x-test-session": "s1", "content-type": "application/json" },
    body: JSON.stringify({
      model: "gpt-5.5",
      stream,
      messages: [{ role: "user", content: `${prompt} ${SMALL}` }],
      ...(stream ? { stream_options: { include_usage: true } } : {}),
    }),
  });
}

/** Kind and text of an error in any provider's shape. */
export async function messageOf(response: Response): Promise<string> {
  const body = await response.json();
  return `${body.type ?? ""} ${body.error.type}: ${body.error.message}`;
}

/** Any other server. */
export function serve(handler: (request: Request) => Response | Promise<Response>): {
  url: string;
  close: () => Promise<void>;
} {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  return { url: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
}
