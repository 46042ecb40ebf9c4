import assert from "node:assert/strict";
import { FakeProvider } from "./fake_provider.ts";
import { NO_USAGE } from "./usage.ts";

type Json = Record<string, unknown>;

async function withProvider(test: (provider: FakeProvider) => Promise<void>): Promise<void> {
  const provider = FakeProvider.start();
  try {
    await test(provider);
  } finally {
    await provider.close();
  }
}

function postMessages(provider: FakeProvider, prompt: string, more: Json = {}): Promise<Response> {
  const messages = [{ role: "user", content: prompt }];
  const tools = [{ name: "Bash" }, { name: "Agent" }];
  return post(`${provider.url}/v1/messages`, {
    model: "claude-opus-5-5",
    stream: true,
    messages,
    tools,
    ...more,
  });
}

function post(url: string, body: Json, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { method: "POST", body: JSON.stringify(body), ...init });
}

async function readEvents(response: Response): Promise<Json[]> {
  const lines = (await response.text()).split("\n").filter((line) => line.startsWith("data: {"));
  return lines.map((line) => JSON.parse(line.slice("data: ".length)));
}

function ofType(events: Json[], type: string): Json {
  const found = events.findLast((event) => event.type === type);
  assert(found !== undefined, `no ${type}`);
  return found;
}

Deno.test("Messages stream tells the usage that the log holds", () =>
  withProvider(async (provider) => {
    const prompt = "[[cache:write=1000,write1h=500,read=9000]] [[output:300]] [[thinking:40]]";
    const events = await readEvents(await postMessages(provider, prompt));
    const usage = ofType(events, "message_delta").usage as Json;
    assert.equal(usage.output_tokens, 300);
    assert.equal(usage.cache_creation_input_tokens, 1500);
    assert.deepEqual(usage.cache_creation, {
      ephemeral_5m_input_tokens: 1000,
      ephemeral_1h_input_tokens: 500,
    });
    const [call] = provider.log.completed;
    assert.deepEqual(call?.usage, {
      input: 12,
      cacheRead: 9000,
      cacheWrite5m: 1000,
      cacheWrite1h: 500,
      output: 300,
      reasoning: 40,
    });
    assert.equal(call.outputTokensSent, 300);
    assert(call.toldPrompt && call.toldUsage);
    assert.deepEqual(provider.log.billed(), call.usage);
  }));

Deno.test("Messages in one piece has the parts and usage of the stream", () =>
  withProvider(async (provider) => {
    const answer = await (await postMessages(provider, "[[tools:1]]", { stream: false })).json();
    assert.equal(answer.stop_reason, "tool_use");
    assert.deepEqual(answer.content.map((block: Json) => block.name), ["Bash"]);
    assert.equal(answer.usage.output_tokens, provider.log.billed().output);
  }));

Deno.test("a script goes on with each answer of a conversation: tools first, then the text", () =>
  withProvider(async (provider) => {
    const messages: Json[] = [{ role: "user", content: "[[tools:2]]" }];
    const stops: unknown[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const answer = await (await postMessages(provider, "", { stream: false, messages })).json();
      stops.push(answer.stop_reason);
      messages.push({ role: "assistant", content: answer.content });
      messages.push({ role: "user", content: [{ type: "tool_result", tool_use_id: "x" }] });
    }
    assert.deepEqual(stops, ["tool_use", "tool_use", "end_turn"]);
    assert.deepEqual(provider.log.calls.map(({ step }) => step), [0, 1, 2]);
    assert.deepEqual(provider.log.calls.map(({ usage }) => usage?.cacheRead), [0, 6000, 6100]);
  }));

Deno.test("max_tokens ends an answer at its limit", () =>
  withProvider(async (provider) => {
    const response = await postMessages(provider, "[[output:500]] [[tools:1]]", { max_tokens: 100 });
    const events = await readEvents(response);
    assert.deepEqual((ofType(events, "message_delta").delta as Json).stop_reason, "max_tokens");
    assert.equal(provider.log.billed().output, 100);
  }));

Deno.test("errors come as often as asked, per answer, and cost nothing", () =>
  withProvider(async (provider) => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const response = await postMessages(provider, "[[error:529x2]]");
      statuses.push(response.status);
      const text = await response.text();
      if (attempt === 0) assert.match(text, /overloaded_error/);
    }
    assert.deepEqual(statuses, [529, 529, 200]);
    assert.equal(provider.log.calls.length, 3);
    assert.deepEqual(provider.log.billed(provider.log.calls.slice(0, 2)), NO_USAGE);
  }));

Deno.test("a cut stream breaks in the middle and is billed for what was sent", () =>
  withProvider(async (provider) => {
    const response = await postMessages(provider, "[[cut]] [[output:200]]");
    await assert.rejects(response.text());
    const [call] = provider.log.calls;
    assert.equal(call?.outcome, "cut");
    assert.equal(provider.log.billed().output, 100);
    const again = await postMessages(provider, "[[cut]] [[output:200]]");
    assert.equal((await readEvents(again)).at(-1)?.type, "message_stop");
  }));

Deno.test("a client that leaves shows as aborted, with the tokens it got", () =>
  withProvider(async (provider) => {
    const abort = new AbortController();
    const body = {
      model: "m",
      stream: true,
      messages: [{ role: "user", content: "[[slow:60s]] [[output:1000]]" }],
    };
    const response = await post(`${provider.url}/v1/messages`, body, { signal: abort.signal });
    await provider.log.waitFor((log) => (log.calls[0]?.outputTokensSent ?? 0) > 4);
    const read = assert.rejects(response.text());
    abort.abort();
    await read;
    await provider.log.settled(10_000);
    const [call] = provider.log.calls;
    assert.equal(call?.outcome, "aborted");
    assert.equal(call.toldPrompt, true);
    assert.equal(call.toldUsage, false);
    assert.equal(provider.log.billed().output, call.outputTokensSent);
  }));

Deno.test("a hanging answer ends when the client leaves, or with the provider", () =>
  withProvider(async (provider) => {
    const abort = new AbortController();
    const body = { model: "m", stream: true, messages: [{ role: "user", content: "[[hang]]" }] };
    const left = await post(`${provider.url}/v1/messages`, body, { signal: abort.signal });
    const reading = assert.rejects(left.text());
    abort.abort();
    await reading;
    await provider.log.settled(10_000);
    const other = await post(`${provider.url}/v1/messages`, body);
    const broken = assert.rejects(other.text());
    await provider.close();
    await broken;
    assert.deepEqual(provider.log.calls.map(({ outcome }) => outcome), ["aborted", "cut"]);
    assert.equal(provider.log.billed().output, 0);
  }));

Deno.test("Responses stream counts the cache inside of the input, and hides reasoning", () =>
  withProvider(async (provider) => {
    const prompt = "[[cache:write=1000,read=9000]] [[thinking:500]] [[output:600]]";
    const input = [{ type: "message", role: "user", content: [{ type: "input_text", text: prompt }] }];
    const response = await post(`${provider.url}/v1/responses`, { model: "gpt-5.5", stream: true, input });
    const events = await readEvents(response);
    assert.deepEqual((ofType(events, "response.completed").response as Json).usage, {
      input_tokens: 10_012,
      input_tokens_details: { cached_tokens: 9000, cache_write_tokens: 1000 },
      output_tokens: 600,
      output_tokens_details: { reasoning_tokens: 500 },
      total_tokens: 10_612,
    });
    const deltas = events.filter((event) => event.type === "response.output_text.delta");
    assert.equal(deltas.map((event) => event.delta).join("").length, 500);
    assert.equal(provider.log.billed().cacheRead, 9000);
  }));

Deno.test("Responses calls the shell in the way the client offers", () =>
  withProvider(async (provider) => {
    const input = [{ type: "message", role: "user", content: "[[tools:1]]" }];
    const url = `${provider.url}/v1/responses`;
    const classic =
      await (await post(url, { model: "m", input, tools: [{ type: "function", name: "exec_command" }] }))
        .json();
    assert.equal(classic.output[0].type, "function_call");
    const tools = [{ type: "namespace", name: "functions", tools: [{ type: "custom", name: "exec" }] }];
    const script =
      await (await post(url, { model: "m", input: [{ type: "additional_tools", tools }, ...input] })).json();
    assert.equal(script.output[0].type, "custom_tool_call");
    assert.match(script.output[0].input, /exec_command/);
  }));

Deno.test("Chat Completions streams text, then usage where it is asked for", () =>
  withProvider(async (provider) => {
    const messages = [{ role: "user", content: "[[output:50]]" }];
    const body = { model: "gpt-5.5", stream: true, messages };
    const url = `${provider.url}/v1/chat/completions`;
    const events = await readEvents(await post(url, { ...body, stream_options: { include_usage: true } }));
    assert.equal((events.at(-1)?.usage as Json).completion_tokens, 50);
    const without = await readEvents(await post(url, body));
    assert(without.every((event) => event.usage === undefined));
    assert.equal(provider.log.billed().output, 100);
  }));

Deno.test("wrong usage is told to the client only", () =>
  withProvider(async (provider) => {
    const missing = await readEvents(await postMessages(provider, "[[lie:missing]]"));
    assert.equal(ofType(missing, "message_delta").usage, undefined);
    const negative = await readEvents(await postMessages(provider, "[[lie:negative]]"));
    assert.equal((ofType(negative, "message_delta").usage as Json).output_tokens, -24);
    assert.equal(provider.log.billed().output, 48);
  }));

Deno.test("title calls are told apart, do not follow the script and cost what they always cost", () =>
  withProvider(async (provider) => {
    const system = [{ type: "text", text: "You are naming a coding session so the user can find it." }];
    const answer =
      await (await postMessages(provider, "<session>[[error:500]]</session>", { stream: false, system }))
        .json();
    assert.deepEqual(JSON.parse(answer.content[0].text), { title: "Fake session title" });
    const [call] = provider.log.calls;
    assert.equal(call?.lane, "title");
    assert.deepEqual(call.usage, { ...NO_USAGE, input: 871, output: 12 });
  }));

Deno.test("counting, models, probes and sockets are answered and are no calls", () =>
  withProvider(async (provider) => {
    const messages = [{ role: "user", content: "[[input:5]] [[cache:read=10]]" }];
    const count = await post(`${provider.url}/v1/messages/count_tokens`, { model: "m", messages });
    assert.deepEqual(await count.json(), { input_tokens: 15 });
    const models = await (await fetch(`${provider.url}/v1/models`)).json();
    assert(models.data.length > 0);
    assert.equal((await fetch(`${provider.url}/api/hello`, { method: "HEAD" })).status, 200);
    const unknown = await fetch(`${provider.url}/elsewhere`);
    assert.equal(unknown.status, 404);
    await unknown.body?.cancel();
    assert.deepEqual(provider.log.requests.map(({ api }) => api), [
      "count_tokens",
      "models",
      "probe",
      "other",
    ]);
    assert.deepEqual(provider.log.calls, []);
  }));
