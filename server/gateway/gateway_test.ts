import assert from "node:assert/strict";
import { billedUsage } from "../testing/fake_provider/request_log.ts";
import type { Usage } from "../testing/fake_provider/usage.ts";
import {
  ask,
  askChat,
  askResponses,
  messageOf,
  serve,
  SMALL,
  testGateway,
  until,
} from "../testing/gateway_asks.ts";
import type { RecordedCall } from "../testing/test_gateway.ts";

function usageOf(row: RecordedCall | undefined): Usage | undefined {
  if (row === undefined) return undefined;
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning } = row;
  return { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning };
}

for (const mode of ["observe", "gate"] as const) {
  for (const stream of [true, false]) {
    const kind = `${mode}, ${stream ? "streamed" : "in one piece"}`;
    testGateway(
      `the ledger has what the provider charged (${kind})`,
      { mode },
      async ({ provider, gate }) => {
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
        assert.deepEqual(gate.ledger.map(({ inferenceGeo }) => inferenceGeo), [
          "global",
          undefined,
          undefined,
        ]);
        assert.ok(gate.ledger.every(({ confidence, incomplete }) => confidence === "exact" && !incomplete));
      },
    );
  }

  testGateway(`bodies go through as they are, both ways (${mode})`, { mode }, async ({ gate }) => {
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

testGateway("an advisor within an answer is charged, and where it ran", {
  limits: { day: { nanoUsd: 1e9 } },
}, async ({ gate }) => {
  const totals = { input_tokens: 100, output_tokens: 50 };
  const advice = {
    type: "advisor_message",
    model: "claude-opus-5-5",
    input_tokens: 1000,
    output_tokens: 100,
  };
  const message = {
    type: "message",
    id: "msg_advised",
    model: "claude-sonnet-5-5",
    stop_reason: "end_turn",
    usage: { ...totals, inference_geo: "us", iterations: [{ type: "message", ...totals }, advice] },
  };
  const upstream = serve(() => Response.json(message));
  gate.session.upstreams.anthropic = new URL(upstream.url);
  await (await ask(gate, "hello", { stream: false, maxTokens: 1000, model: "claude-sonnet-5-5" })).text();
  await until(() => gate.ledger.length === 1);
  const [row] = gate.ledger;
  assert.deepEqual([row?.input, row?.output, row?.inferenceGeo], [1100, 150, "us"]);
  assert.deepEqual([row?.costNanoUsd, gate.spent("day").nanoUsd], [7_370_000, 7_370_000]);
  await upstream.close();
});

testGateway("what costs nothing goes through", {}, async ({ provider, gate }) => {
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

testGateway("a redirect is not followed, and nothing of the request goes with it", {}, async ({ gate }) => {
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

testGateway("no path leads to another host than the session's upstream", {}, async ({ provider, gate }) => {
  for (
    const path of [
      "//evil.example/x",
      "/@evil.example/",
      "/\\\\evil.example/x",
      "/%2f%2fevil.example",
      "/http://evil.example/",
    ]
  ) {
    const response = await fetch(`${gate.url}/anthropic${path}`);
    await response.text();
  }
  assert.equal(provider.log.requests.length, 5);
});

testGateway(
  "sockets are turned down in the way that sends clients back to HTTP",
  {},
  async ({ gate, provider }) => {
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
  },
);

testGateway("an ended session and an unreadable request get no further", {}, async ({ gate, provider }) => {
  assert.equal((await ask(gate, "x", { session: "ended" })).status, 400);
  const odd = await fetch(`${gate.url}/anthropic/v1/messages`, { method: "POST", body: "nonsense" });
  assert.equal(odd.status, 400);
  assert.equal(provider.log.requests.length, 0);
});

testGateway("an upstream that cannot be reached costs nothing", {}, async ({ gate }) => {
  gate.session.upstreams.anthropic = new URL("http://127.0.0.1:1025");
  const response = await ask(gate, "x");
  assert.equal(response.status, 502);
  assert.match(await messageOf(response), /api_error/);
  assert.equal(gate.ledger.length, 0);
});

for (const mode of ["gate", "observe"] as const) {
  testGateway(`a request of 50 MB goes through (${mode})`, { mode }, async ({ provider, gate }) => {
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

testGateway("a request that is too large for the gate is refused", {}, async ({ gate, provider }) => {
  const response = await ask(gate, "x".repeat(65 * 1024 * 1024));
  assert.equal(response.status, 413);
  await response.text();
  assert.equal(provider.log.calls.length, 0);
});
