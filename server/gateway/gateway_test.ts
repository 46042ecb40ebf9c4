import assert from "node:assert/strict";
import { createPriceBook } from "../pricing/price_book.ts";
import { parseOverrides } from "../pricing/overrides.ts";
import { FakeProvider } from "../testing/fake_provider/fake_provider.ts";
import { billedUsage } from "../testing/fake_provider/request_log.ts";
import type { Usage } from "../testing/fake_provider/usage.ts";
import { type RecordedCall, TestGateway, type TestGatewayOptions } from "../testing/test_gateway.ts";
import { NANO_PER_USD } from "../usage/nano_usd.ts";

const USD = NANO_PER_USD;
/** Five bytes a token, as the fake provider writes. */
const KNOWN = Object.fromEntries(
  ["claude-opus-5-5", "gpt-6-sol", "gpt-5.5"].map((model) => [model, { outputTokensPerByte: 0.2 }]),
);

interface Setting {
  provider: FakeProvider;
  gate: TestGateway;
}

function test(
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

async function until(condition: () => boolean): Promise<void> {
  const endsAtMs = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < endsAtMs, `never came true: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

interface Asked {
  session?: string;
  stream?: boolean;
  maxTokens?: number;
  model?: string;
  signal?: AbortSignal;
  extra?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** Prompts are padded: the bound is made of bytes, and the fake charges what its script says. */
function ask(gate: TestGateway, prompt: string, asked: Asked = {}): Promise<Response> {
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

const SMALL = "[[input:100]] [[cache:write=0,read=0]]";

function askResponses(gate: TestGateway, prompt: string, stream = true): Promise<Response> {
  return fetch(`${gate.url}/openai/responses`, {
    method: "POST",
    headers: { "x-test-session": "s1", "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-6-sol", stream, input: `${prompt} ${SMALL}` }),
  });
}

function askChat(gate: TestGateway, prompt: string, stream = true): Promise<Response> {
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

function usageOf(row: RecordedCall | undefined): Usage | undefined {
  if (row === undefined) return undefined;
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning } = row;
  return { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning };
}

async function messageOf(response: Response): Promise<string> {
  const body = await response.json();
  return `${body.type ?? ""} ${body.error.type}: ${body.error.message}`;
}

for (const mode of ["observe", "gate"] as const) {
  for (const stream of [true, false]) {
    const kind = `${mode}, ${stream ? "streamed" : "in one piece"}`;
    test(`the ledger has what the provider charged (${kind})`, { mode }, async ({ provider, gate }) => {
      const prompt = "[[output:300]] [[thinking:50]]";
      await (await ask(gate, prompt, { stream })).text();
      await (await askResponses(gate, prompt, stream)).text();
      await (await askChat(gate, prompt, stream)).text();
      await until(() => gate.ledger.length === 3);
      assert.deepEqual(gate.ledger.map(usageOf), provider.log.calls.map(billedUsage));
      assert.deepEqual(
        gate.ledger.map(({ requestId }) => requestId),
        provider.log.calls.map((c) => c.requestId),
      );
      assert.ok(gate.ledger.every(({ confidence, incomplete }) => confidence === "exact" && !incomplete));
    });
  }

  test(`bodies go through as they are, both ways (${mode})`, { mode }, async ({ gate }) => {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    const seen: { body: string; headers: Headers }[] = [];
    const frames = [
      'event: ping\r\ndata: {"type": "ping"}\r\n\r\n',
      ": ä\n\n",
      "data:   odd\n\n",
      "rest without end",
    ];
    const bytes = new TextEncoder().encode(frames.join("").repeat(50));
    for (let at = 0; at < bytes.length; at += 7) chunks.push(bytes.slice(at, at + 7));
    const upstream = serve(async (request) => {
      seen.push({ body: await request.text(), headers: request.headers });
      return new Response(ReadableStream.from(chunks), {
        headers: { "content-type": "text/event-stream; charset=utf-8", "x-odd": "1", connection: "x-odd" },
      });
    });
    gate.session.upstreams.anthropic = new URL(`${upstream.url}/base/`);
    const response = await ask(gate, "hello", {
      headers: { "x-agents-fleet-key": "secret", authorization: "Bearer k", "anthropic-beta": "a,b" },
    });
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
    const [{ body, headers } = { body: "", headers: new Headers() }] = seen;
    assert.ok(body.includes('"content":"hello '));
    assert.deepEqual(
      ["authorization", "anthropic-beta", "accept-encoding", "x-agents-fleet-key"].map((name) =>
        headers.get(name)
      ),
      ["Bearer k", "a,b", "identity", null],
    );
    assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
    await upstream.close();
  });
}

function serve(handler: (request: Request) => Response | Promise<Response>): {
  url: string;
  close: () => Promise<void>;
} {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  return { url: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
}

test("what costs nothing goes through", {}, async ({ provider, gate }) => {
  const models = await (await fetch(`${gate.url}/anthropic/v1/models`)).json();
  assert.equal(models.object, "list");
  const probe = await fetch(`${gate.url}/anthropic/`, { method: "HEAD" });
  assert.deepEqual([probe.status, await probe.text()], [200, ""]);
  const counted = await fetch(`${gate.url}/anthropic/v1/messages/count_tokens`, {
    method: "POST",
    body: JSON.stringify({
      model: "claude-opus-5-5",
      messages: [{ role: "user", content: "[[input:42]] [[cache:read=1]]" }],
    }),
  });
  assert.deepEqual(await counted.json(), { input_tokens: 43 });
  assert.equal(provider.log.requests.length, 3);
  assert.deepEqual([gate.ledger.length, gate.count("unmetered")], [0, 0]);
  await (await fetch(`${gate.url}/openai/embeddings`, { method: "POST", body: "{}" })).text();
  assert.equal(gate.count("unmetered"), 1);
});

test("a call that spent money rules out is refused before it is forwarded", {
  limits: { day: { nanoUsd: 0.02 * USD } },
}, async ({ provider, gate }) => {
  gate.addUngated("day", 0.0199 * USD);
  const refused = await ask(gate, "hello");
  assert.deepEqual([refused.status, refused.headers.get("x-should-retry")], [402, "false"]);
  const text = await messageOf(refused);
  assert.match(
    text,
    /^error billing_error: Agents Fleet: the budget of day .*\$0\.0199 of \$0\.0200 is spent/,
  );
  assert.match(text, /4517\/s\/s1/);
  const codex = await askResponses(gate, "hello");
  assert.deepEqual([codex.status, (await codex.json()).error.code], [400, "budget_exceeded"]);
  assert.equal(provider.log.calls.length, 0);
  assert.equal(gate.ledger.length, 0);
});

test("before it refuses, the gate asks the provider how long the prompt is", {
  limits: { day: { nanoUsd: 0.02 * USD } },
}, async ({ provider, gate }) => {
  const long = { system: "s".repeat(100_000) };
  assert.equal((await ask(gate, "[[output:20]]", { extra: long })).status, 200);
  assert.deepEqual(provider.log.requests.map(({ api }) => api), ["count_tokens", "messages"]);
});

test("a call waits for money that others hold, and is not refused", {
  limits: { day: { nanoUsd: 0.12 * USD } },
}, async ({ gate }) => {
  const first = ask(gate, "[[output:100]] [[slow:300ms]]");
  await until(() => gate.count("reserved") === 1);
  const second = await ask(gate, "[[output:100]]", { session: "s2" });
  assert.equal(second.status, 200);
  await second.text();
  assert.equal((await first).status, 200);
  await (await first).text();
  assert.deepEqual([gate.count("waited"), gate.count("refused")], [1, 0]);
});

test(
  "a waiting call whose client leaves is forgotten",
  { limits: { day: { nanoUsd: 0.12 * USD } } },
  async ({ gate }) => {
    const first = await ask(gate, "[[hang]]", { signal: AbortSignal.timeout(400) });
    const leaving = new AbortController();
    const second = ask(gate, "x", { session: "s2", signal: leaving.signal });
    await until(() => gate.count("waited") === 1);
    leaving.abort();
    await assert.rejects(second);
    await until(() => gate.gateway.listInFlight().length === 1);
    await assert.rejects(first.text());
  },
);

for (const api of ["messages", "responses", "chat"] as const) {
  test(`an answer that cannot be covered further ends as its own limit would end it (${api})`, {
    limits: { day: { nanoUsd: 0.15 * USD } },
  }, async ({ provider, gate }) => {
    const prompt = "[[output:60000]] [[slow:4s]]";
    const asked = { messages: ask, responses: askResponses, chat: askChat }[api];
    const text = await (await asked(gate, prompt)).text();
    const tail = text.slice(-500);
    if (api === "messages") {
      assert.match(tail, /"stop_reason":"max_tokens".*\n\nevent: message_stop\ndata: .*\n\n$/s);
    }
    if (api === "responses") {
      assert.match(text, /event: response\.incomplete\n/);
      assert.match(tail, /"incomplete_details":\{"reason":"max_output_tokens"\}/);
    }
    if (api === "chat") assert.match(tail, /"finish_reason":"length".*data: \[DONE\]\n\n$/s);
    await provider.log.settled();
    assert.equal(gate.count("ended_early"), 1);
    const [row] = gate.ledger;
    assert.deepEqual([row?.incomplete, row?.confidence], ["interrupted", "estimated"]);
    const billed = provider.log.billed();
    assert.ok(Math.abs(billed.output - (row?.output ?? 0)) < 600, `${billed.output} ${row?.output}`);
    // An agent goes on where it was stopped, until nothing useful is left.
    for (let status = 200; status === 200;) {
      const next = await asked(gate, prompt);
      status = next.status;
      await next.text();
    }
    assert.ok(gate.spent("day").nanoUsd <= 0.15 * USD);
    assert.ok(gate.spent("day").nanoUsd >= 0.9 * 0.15 * USD, String(gate.spent("day").nanoUsd / USD));
    await provider.log.settled();
  });
}

test("an answer in one piece gets the limit that the budget covers", {
  limits: { day: { nanoUsd: 0.2 * USD } },
}, async ({ provider, gate }) => {
  const response = await ask(gate, "[[output:19000]]", { stream: false, maxTokens: 20_000 });
  assert.equal((await response.json()).stop_reason, "max_tokens");
  assert.equal(gate.count("overrun"), 0);
  assert.ok(gate.spent("day").nanoUsd >= 0.9 * 0.2 * USD && gate.spent("day").nanoUsd <= 0.2 * USD);
  const thinking = { thinking: { type: "enabled", budget_tokens: 8000 } };
  assert.equal((await ask(gate, "x", { stream: false, maxTokens: 20_000, extra: thinking })).status, 402);
  assert.equal(provider.log.calls.length, 1);
});

test("a held call goes on when the limit is raised, and its client notices nothing", {
  atLimit: "hold",
  limits: { s1: { nanoUsd: 0.001 * USD } },
}, async ({ gate }) => {
  const asked = ask(gate, "[[output:50]]");
  await until(() => gate.holds.length === 1);
  assert.equal(gate.gateway.listInFlight("s1")[0]?.state, "held");
  gate.setLimit("s1", { nanoUsd: 0.002 * USD });
  gate.setLimit("s1", { nanoUsd: 1 * USD });
  const response = await asked;
  assert.equal(response.status, 200);
  await response.text();
  assert.deepEqual(gate.holds.map(({ hold }) => hold?.obstacle.kind), ["budget", undefined]);
});

test("a held client is told to ask again in time, and its next try is the same hold", {
  atLimit: "hold",
  maxWaitMs: 150,
  limits: { s1: { nanoUsd: 0.001 * USD } },
}, async ({ gate }) => {
  for (let round = 0; round < 3; round++) {
    const response = await ask(gate, "hello");
    assert.deepEqual([response.status, response.headers.get("x-should-retry")], [503, "true"]);
    await response.body?.cancel();
  }
  const last = ask(gate, "hello");
  await until(() => gate.gateway.listInFlight().some(({ state }) => state === "held"));
  gate.setLimit("s1", { nanoUsd: 1 * USD });
  assert.equal((await last).status, 200);
  await (await last).text();
  assert.equal(gate.holds.length, 2);
});

test("a model without a price is refused under a limit in dollars, not under one in tokens", {
  limits: { day: { tokens: 100_000 } },
}, async ({ gate }) => {
  assert.equal((await ask(gate, "hello", { model: "new-model" })).status, 200);
  gate.setLimit("day", { nanoUsd: USD });
  const refused = await ask(gate, "hello", { model: "new-model" });
  assert.equal(refused.status, 402);
  assert.match(await messageOf(refused), /does not know what the model "new-model" costs/);
});

test("a model with a price of the user's own passes", {
  limits: { day: { nanoUsd: USD } },
  prices: createPriceBook({
    overrides: [parseOverrides({ models: { "new-model": { inputPer1M: 1, outputPer1M: 2 } } })],
  }),
}, async ({ gate }) => {
  const response = await ask(gate, "[[output:100]]", { model: "new-model" });
  await response.text();
  assert.equal(gate.ledger[0]?.costNanoUsd, 100 * 1000 + 100 * 2000);
});

for (const status of [400, 401, 429, 500, 529]) {
  test(`an upstream's ${status} goes through as it is and costs nothing`, {
    limits: { day: { nanoUsd: USD } },
  }, async ({ provider, gate }) => {
    const response = await ask(gate, `[[error:${status}]]`);
    assert.equal(response.status, status);
    assert.match(await messageOf(response), /Fake/);
    assert.equal(response.headers.get("request-id"), provider.log.calls[0]?.requestId);
    assert.deepEqual([gate.ledger.length, gate.gateway.listInFlight().length], [0, 0]);
    const second = await ask(gate, `[[error:${status}]]`);
    assert.equal(second.status, 200);
    await second.text();
    assert.equal(gate.ledger.length, 1);
  });
}

for (const lie of ["missing", "negative", "absurd"]) {
  for (const stream of [true, false]) {
    test(`a usage that is ${lie} is not believed (${stream ? "streamed" : "whole"})`, {
      limits: { day: { nanoUsd: USD } },
    }, async ({ gate }) => {
      await (await ask(gate, `[[output:1000]] [[lie:${lie}]]`, { stream, maxTokens: 4000 })).text();
      const [row] = gate.ledger;
      assert.equal(row?.confidence, "estimated");
      const output = row?.output ?? 0;
      assert.ok(output >= 1000 && output <= 4000, String(output));
      assert.ok(gate.spent("day").nanoUsd < 0.2 * USD);
    });
  }
}

for (const mode of ["gate", "observe"] as const) {
  test(
    `an answer that is cut off is a row of its own, marked (${mode})`,
    { mode },
    async ({ provider, gate }) => {
      await assert.rejects((await ask(gate, "[[output:2000]] [[cut]]")).text());
      await (await ask(gate, "[[output:2000]] [[cut]]")).text();
      await until(() => gate.ledger.length === 2);
      assert.deepEqual(gate.ledger.map(({ incomplete }) => incomplete), ["unfinished", undefined]);
      const billed = billedUsage(provider.log.calls[0] ?? assert.fail()).output;
      assert.ok(
        Math.abs((gate.ledger[0]?.output ?? 0) - billed) < 400,
        `${gate.ledger[0]?.output} ${billed}`,
      );
    },
  );

  test(
    `a client that leaves ends the upstream's answer and settles the call (${mode})`,
    { mode },
    async ({ provider, gate }) => {
      const response = await ask(gate, "[[output:20000]] [[slow:10s]]");
      const reader = response.body?.getReader();
      for (let read = 0; read < 20; read++) await reader?.read();
      await reader?.cancel();
      await provider.log.settled();
      await until(() => gate.ledger.length === 1);
      const [request] = provider.log.calls;
      assert.equal(request?.outcome, "aborted");
      assert.equal(gate.ledger[0]?.incomplete, "interrupted");
      const off = Math.abs((gate.ledger[0]?.output ?? 0) - (request?.outputTokensSent ?? 0));
      assert.ok(off < 600, String(off));
    },
  );

  test(
    `a provider that hangs is let go when its client leaves (${mode})`,
    { mode },
    async ({ provider, gate }) => {
      const leaving = new AbortController();
      const response = await ask(gate, "[[hang]]", { signal: leaving.signal });
      await provider.log.waitFor((log) => log.calls.length === 1);
      leaving.abort();
      await assert.rejects(response.text());
      await provider.log.settled();
      await until(() => gate.ledger.length === 1);
      assert.equal(gate.ledger[0]?.input, 100);
    },
  );
}

test("a silent answer is ended when its silence cannot be covered any more", {
  limits: { day: { nanoUsd: 0.03 * USD } },
}, async ({ gate, provider }) => {
  const text = await (await ask(gate, "[[thinking:200]] [[quiet:60s]]")).text();
  assert.match(text, /"stop_reason":"max_tokens"/);
  assert.equal(gate.count("ended_early"), 1);
  await provider.log.settled();
});

test("a redirect is not followed, and nothing of the request goes with it", {}, async ({ gate }) => {
  const stolen: string[] = [];
  const thief = serve((request) => {
    stolen.push(request.url);
    return new Response();
  });
  const upstream = serve(() =>
    new Response(null, { status: 307, headers: { location: `${thief.url}/v1/messages` } })
  );
  gate.session.upstreams.anthropic = new URL(upstream.url);
  const response = await ask(gate, "hello", { headers: { "x-api-key": "secret" } });
  assert.deepEqual([response.status, response.headers.get("location"), stolen], [502, null, []]);
  await response.text();
  assert.equal(gate.ledger.length, 0);
  await Promise.all([thief.close(), upstream.close()]);
});

test("no path leads to another host than the session's upstream", {}, async ({ provider, gate }) => {
  for (
    const path of [
      "//evil.example/x",
      "/@evil.example/",

      "/%2f%2fevil.example",
      "/http://evil.example/",
    ]
  ) {
    const response = await fetch(`${gate.url}/anthropic${path}`);
    await response.text();
  }
  assert.equal(provider.log.requests.length, 4);
});

test("sockets are turned down in the way that sends clients back to HTTP", {}, async ({ gate, provider }) => {
  const { hostname, port } = new URL(gate.url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const head =
    `GET /openai/responses HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`;
  await connection.write(new TextEncoder().encode(head));
  const answer = new Uint8Array(1000);
  await connection.read(answer);
  connection.close();
  assert.match(new TextDecoder().decode(answer), /^HTTP\/1\.1 426 /);
  assert.equal(provider.log.requests.length, 0);
});

test("an ended session and an unreadable request get no further", {}, async ({ gate, provider }) => {
  assert.equal((await ask(gate, "x", { session: "ended" })).status, 400);
  const odd = await fetch(`${gate.url}/anthropic/v1/messages`, { method: "POST", body: "nonsense" });
  assert.equal(odd.status, 400);
  assert.equal(provider.log.requests.length, 0);
});

test("an upstream that cannot be reached costs nothing", {}, async ({ gate }) => {
  gate.session.upstreams.anthropic = new URL("http://127.0.0.1:1025");
  const response = await ask(gate, "x");
  assert.equal(response.status, 502);
  assert.match(await messageOf(response), /api_error/);
  assert.equal(gate.ledger.length, 0);
});

for (const mode of ["gate", "observe"] as const) {
  test(`a request of 50 MB goes through (${mode})`, { mode }, async ({ provider, gate }) => {
    const image = {
      type: "image",
      source: { type: "base64", media_type: "image/png", data: "A".repeat(50e6) },
    };
    const content = [image, { type: "text", text: `[[output:10]] ${SMALL}` }];
    const response = await ask(gate, "", { extra: { messages: [{ role: "user", content }] } });
    assert.equal(response.status, 200);
    await response.text();
    assert.ok((provider.log.calls[0]?.requestBytes ?? 0) > 50e6);
  });
}

test("a request that is too large for the gate is refused", {}, async ({ gate, provider }) => {
  const response = await ask(gate, "x".repeat(65 * 1024 * 1024));
  assert.equal(response.status, 413);
  await response.text();
  assert.equal(provider.log.calls.length, 0);
});

test("reservations of a run that died become rows, at what they held, marked", {
  limits: { day: { nanoUsd: 0.1 * USD } },
}, async ({ gate, provider }) => {
  const response = await ask(gate, "[[hang]]");
  await until(() => gate.stored.size === 1);
  const left = [...structuredClone([...gate.stored.values()])];
  const next = new TestGateway({
    upstream: provider.url,
    limits: { day: { nanoUsd: 0.1 * USD } },
    reservations: left,
  });
  assert.equal(next.gateway.sweep(), 1);
  assert.deepEqual([next.stored.size, next.ledger[0]?.incomplete, next.ledger[0]?.confidence], [
    0,
    "unfinished",
    "estimated",
  ]);
  assert.ok(next.spent("day").nanoUsd > 0.08 * USD && next.spent("day").nanoUsd <= 0.1 * USD);
  await next.close();
  await response.body?.cancel();
});

test("leaving settles every call under way", { limits: { day: { nanoUsd: USD } } }, async ({ gate }) => {
  const response = await ask(gate, "[[output:9000]] [[slow:20s]]");
  await until(() => gate.gateway.listInFlight()[0]?.state === "streaming");
  await gate.gateway.close();
  assert.deepEqual([gate.ledger.length, gate.gateway.listInFlight().length], [1, 0]);
  await response.body?.cancel().catch(() => {});
});

test("a ledger that cannot be written costs no answer, and leaves no call waiting", {
  limits: { day: { nanoUsd: 0.12 * USD } },
}, async ({ gate }) => {
  gate.failsToRecord = true;
  const first = ask(gate, "[[output:100]] [[slow:200ms]]");
  await until(() => gate.count("reserved") === 1);
  const second = ask(gate, "[[output:100]]", { session: "s2" });
  await until(() => gate.count("waited") === 1);
  assert.match(await (await first).text(), /message_stop/);
  assert.match(await (await second).text(), /message_stop/);
  assert.deepEqual([gate.ledger.length, gate.stored.size], [0, 2]);
  gate.stored.clear();
});
