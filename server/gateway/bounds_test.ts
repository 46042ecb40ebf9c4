import assert from "node:assert/strict";
import { createPriceBook } from "../testing/loaded_prices.ts";
import { NO_TOKENS } from "../usage/model_call.ts";
import { randomInt, seededRandom } from "../usage/testdata/seeded_random.ts";
import type { AnswerFacts } from "./answer_reader.ts";
import { boundCall } from "./call_bounds.ts";
import { MeteredCall } from "./metered_call.ts";
import { PromptMemory } from "./prompt_memory.ts";
import { readRequestFacts, type RequestFacts } from "./request_facts.ts";
import { RunningOutput } from "./running_output.ts";
import { TokenRates } from "./token_rates.ts";

const AT_MS = Date.UTC(2026, 10, 22);
const MODEL = "claude-opus-5-5";

function factsOf(body: Record<string, unknown>, api: "messages" | "responses" = "messages"): RequestFacts {
  const facts = readRequestFacts(api, {
    model: MODEL,
    max_tokens: 1000,
    stream: true,
    messages: [],
    ...body,
  });
  assert.ok(facts);
  return facts;
}

const user = (text: string): unknown => ({ role: "user", content: [{ type: "text", text }] });
const cached = (text: string, ttl?: string): unknown => ({
  role: "user",
  content: [{ type: "text", text, cache_control: { type: "ephemeral", ...(ttl ? { ttl } : {}) } }],
});

Deno.test("what bounds a request is read from it", () => {
  const facts = factsOf({
    messages: [cached("hello", "1h")],
    thinking: { type: "enabled", budget_tokens: 5000 },
  });
  assert.deepEqual([facts.isStream, facts.maxOutputTokens, facts.cache, facts.minOutputTokens], [
    true,
    1000,
    "1h",
    1280,
  ]);
  assert.equal(factsOf({ stream: false, thinking: { budget_tokens: 5000 } }).minOutputTokens, 5256);
  assert.equal(readRequestFacts("messages", { messages: [] }), undefined);
  assert.equal(readRequestFacts("messages", "text"), undefined);
});

Deno.test("every byte of the prompt is in its bound, pictures are counted apart", () => {
  const text = "ä".repeat(500);
  const facts = factsOf({ system: text, messages: [user(text)], tools: [{ name: "x", description: text }] });
  assert.ok(facts.promptBytes >= 3000);
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "A".repeat(1e6) } };
  const withImage = factsOf({ messages: [{ role: "user", content: [image] }] });
  assert.deepEqual([withImage.images, withImage.promptBytes < 200], [1, true]);
});

Deno.test("what has no bound is named", () => {
  const tools = [{ type: "web_search_20250305", name: "web_search", max_uses: 3 }, {
    type: "custom",
    name: "x",
  }];
  const facts = factsOf({ tools });
  assert.deepEqual([facts.maxSearches, facts.unbounded], [3, [
    "the provider's own tool web_search_20250305",
  ]]);
  assert.equal(factsOf({ input: "x", previous_response_id: "resp_1" }, "responses").unbounded.length, 1);
  const advisor = { type: "advisor_20260301", name: "advisor", model: "claude-opus-5" };
  assert.deepEqual(factsOf({ tools: [advisor] }).unbounded, ["the provider's own tool advisor_20260301"]);
  const editedBy = (type: string): string[] =>
    factsOf({ context_management: { edits: [{ type }] } }).unbounded;
  assert.deepEqual([editedBy("compact_20260112").length, editedBy("clear_tool_uses_20250919").length], [
    1,
    0,
  ]);
  assert.deepEqual(factsOf({}).unbounded, []);
});

Deno.test("a prompt that goes on from a counted one is bounded by that count and the new bytes", () => {
  const memory = new PromptMemory();
  const first = factsOf({ system: "s".repeat(20_000), messages: [cached("one")] });
  assert.ok(memory.bound(first, { nowMs: AT_MS }).fresh > 20_000);
  const prompt = { input: 3, cacheRead: 0, cacheWrite5m: 5000, cacheWrite1h: 0 };
  memory.remember(first, { prompt, expectedCached: 0, nowMs: AT_MS });
  const second = factsOf({ system: "s".repeat(20_000), messages: [user("one"), cached("two, with more")] });
  const bound = memory.bound(second, { nowMs: AT_MS + 1000 });
  assert.equal(bound.cached, 5000);
  assert.ok(bound.fresh >= 3 + "two, with more".length && bound.fresh < 200, String(bound.fresh));
  const late = memory.bound(second, { nowMs: AT_MS + 5 * 60_000 });
  assert.deepEqual([late.cached, late.fresh], [0, bound.fresh + 5000]);
  const other = factsOf({ system: "s".repeat(20_000), messages: [cached("x".repeat(3000))] });
  assert.equal(memory.bound({ ...other, model: "claude-haiku-5-5" }, { nowMs: AT_MS }).cached, 0);
});

Deno.test("a prompt is bounded by the conversation that it goes on with, among many of the session", () => {
  const memory = new PromptMemory();
  const turns = (name: string, count: number): RequestFacts =>
    factsOf({
      system: "s".repeat(3000),
      messages: Array.from({ length: count }, (_, turn) => user(`${name} ${turn} ${"x".repeat(400)}`)),
    });
  for (let talk = 0; talk < 10; talk++) {
    const prompt = { input: 1000 + talk, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
    memory.remember(turns(`talk ${talk}`, 10), { prompt, expectedCached: 0, nowMs: AT_MS });
  }
  const { fresh, cached } = memory.bound(turns("talk 4", 11), { nowMs: AT_MS });
  assert.ok(fresh + cached > 1004 + 400 && fresh + cached < 1004 + 600, `${fresh} ${cached}`);
});

Deno.test("a request's prompt is what its first pass has read, not the sum of all", () => {
  const likelyPrompt = { cached: 0, fresh: 0 };
  const call = new MeteredCall({
    callId: "c1",
    sessionId: "s1",
    api: "messages",
    rates: new TokenRates(),
    startedAtMs: AT_MS,
    likelyPrompt,
  });
  const iterations = [1000, 1500].map((input) => ({
    type: "message",
    input_tokens: input,
    output_tokens: 5,
  }));
  const usage = { input_tokens: 2500, output_tokens: 10, iterations };
  call.feedWhole(new TextEncoder().encode(JSON.stringify({ id: "msg_1", model: MODEL, usage })), AT_MS);
  assert.deepEqual([call.countedPrompt?.input, call.toModelCall("complete", AT_MS).input], [1000, 2500]);
});

Deno.test("a cache that was missed is not counted on until it is hit again", () => {
  const memory = new PromptMemory();
  const request = (turns: number): RequestFacts =>
    factsOf({ messages: Array.from({ length: turns }, (_, index) => cached(`turn ${index}`)) });
  const prompt = { input: 0, cacheRead: 0, cacheWrite5m: 9000, cacheWrite1h: 0 };
  memory.remember(request(1), { prompt, expectedCached: 0, nowMs: AT_MS });
  assert.equal(memory.bound(request(2), { nowMs: AT_MS }).cached, 9000);
  memory.remember(request(2), { prompt, expectedCached: 9000, nowMs: AT_MS });
  assert.equal(memory.bound(request(3), { nowMs: AT_MS }).cached, 0);
  const hit = { input: 0, cacheRead: 9000, cacheWrite5m: 10, cacheWrite1h: 0 };
  memory.remember(request(3), { prompt: hit, expectedCached: 0, nowMs: AT_MS });
  assert.equal(memory.bound(request(4), { nowMs: AT_MS }).cached, 9010);
});

Deno.test("the bound of a call is at least what any split of its prompt costs", () => {
  const random = seededRandom(3);
  const book = createPriceBook();
  for (const model of [MODEL, "gpt-6-sol", "claude-haiku-5-5", "gemini-2.5-pro", "gpt-5.5"]) {
    const api = model.startsWith("claude") ? "messages" as const : "responses" as const;
    for (let run = 0; run < 300; run++) {
      const cache = (["none", "5m", "1h"] as const)[randomInt(random, 0, 2)] ?? "none";
      const serviceTier = random() < 0.2 ? "priority" : undefined;
      // Most requests leave it to their workspace, whose default may be the dearer one.
      const answeredGeo = random() < 0.5 ? "us" : "global";
      const inferenceGeo = random() < 0.8 ? undefined : answeredGeo;
      const facts = { ...factsOf({}, api), model, cache, serviceTier, inferenceGeo };
      const defaultGeo = random() < 0.5 ? undefined : answeredGeo;
      const [fresh, read] = [randomInt(random, 0, 300_000), randomInt(random, 0, 300_000)];
      const price = book.priceOf(model, AT_MS);
      const bounds = boundCall(facts, { fresh, cached: read }, { price, countCacheReads: true, defaultGeo });
      const written = cache === "none" && api === "messages" ? 0 : randomInt(random, 0, fresh);
      const output = randomInt(random, 0, 20_000);
      const call = {
        ...NO_TOKENS,
        model,
        atMs: AT_MS,
        input: fresh - written,
        cacheRead: read,
        [cache === "1h" ? "cacheWrite1h" : "cacheWrite5m"]: written,
        output,
        inferenceGeo: answeredGeo,
        ...(serviceTier === undefined ? {} : { serviceTier }),
      };
      const most = bounds.input.nanoUsd + Math.ceil(output * bounds.outputPicoUsd / 1000);
      assert.ok(book.cost(call).nanoUsd <= most, `${model} ${JSON.stringify(call)} above ${most}`);
    }
  }
});

const facts = (change: Partial<AnswerFacts> = {}): AnswerFacts => ({
  reasoning: 0,
  hasStarted: true,
  hasEnded: false,
  isThinking: false,
  parts: 1,
  ...change,
});

Deno.test("output is a token a byte until the model's own ratio is known, then half as much again", () => {
  const rates = new TokenRates();
  const first = new RunningOutput({ rates, model: "m" });
  first.note(10_000, { facts: facts(), nowMs: 0 });
  assert.equal(first.bound(0), 10_064);
  first.learn(facts({ output: 2564, hasEnded: true }));
  const second = new RunningOutput({ rates, model: "m" });
  second.note(10_000, { facts: facts(), nowMs: 0 });
  assert.deepEqual([second.bound(0), second.likely()], [3814, 2564]);
  assert.deepEqual(new TokenRates(rates.takeChanges()).boundPerByte("m"), 0.375);
  assert.equal(rates.takeChanges(), undefined);
});

Deno.test("silence counts by time, from the second on, and hidden thinking at once", () => {
  const running = new RunningOutput({ rates: new TokenRates(), model: "m" });
  assert.equal(running.bound(60_000), 0);
  running.note(0, { facts: facts({ parts: 0 }), nowMs: 0 });
  assert.deepEqual([running.bound(900), running.bound(2000)], [16, 816]);
  running.note(0, { facts: facts({ isThinking: true }), nowMs: 2000 });
  assert.equal(running.bound(2500), 64 + 800 + 200);
  running.note(5000, { facts: facts({ isThinking: true }), nowMs: 3000 });
  assert.equal(running.bound(3000), 64 + 800 + 5000);
});

Deno.test("a request is held at the price of inference in the United States until it is known to run anywhere", () => {
  const price = createPriceBook().priceOf(MODEL, AT_MS);
  const memory = new PromptMemory();
  const outputUsd = (body: Record<string, unknown>): number => {
    const options = { price, countCacheReads: true, defaultGeo: memory.defaultGeo };
    return boundCall(factsOf(body), { fresh: 10, cached: 0 }, options).outputPicoUsd / 1e6;
  };
  const answer = (inferenceGeo: string, body: Record<string, unknown> = {}): void => {
    const prompt = { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
    memory.remember(factsOf(body), { prompt, expectedCached: 0, nowMs: AT_MS, inferenceGeo });
  };
  assert.deepEqual([{ inference_geo: "global" }, { inference_geo: "us" }, {}].map(outputUsd), [20, 22, 22]);
  answer("global", { inference_geo: "global" });
  answer("not_available");
  assert.equal(outputUsd({}), 22);
  answer("global");
  assert.deepEqual([outputUsd({}), outputUsd({ inference_geo: "us" })], [20, 22]);
  answer("us");
  assert.equal(outputUsd({}), 22);
});

Deno.test("what is on its way is what came within a moment, at the answer's own speed", () => {
  const rates = new TokenRates({ m: { outputTokensPerByte: 0.25 } });
  const running = new RunningOutput({ rates, model: "m" });
  running.note(400, { facts: facts(), nowMs: 1000 });
  assert.equal(running.onItsWay(), 100);
  for (let at = 1; at <= 10; at++) running.note(400, { facts: facts(), nowMs: 1000 + at * 100 });
  assert.equal(running.onItsWay(), 275);
  running.note(400_000, { facts: facts(), nowMs: 2001 });
  assert.equal(running.onItsWay(), 384);
});

Deno.test("no growth of an answer is ever above its bound, whatever its density up to a token a byte", () => {
  const random = seededRandom(9);
  for (let run = 0; run < 100; run++) {
    const running = new RunningOutput({ rates: new TokenRates(), model: "m" });
    let tokens = 0;
    for (let step = 0; step < 50; step++) {
      const bytes = randomInt(random, 1, 400);
      tokens += randomInt(random, 0, bytes);
      running.note(bytes, { facts: facts(), nowMs: step * 10 });
      assert.ok(running.bound(step * 10) >= tokens);
    }
  }
});

Deno.test("rates that are no rates are not taken over", () => {
  for (
    const saved of [null, [], "x", { m: { outputTokensPerByte: -1 } }, { m: { outputTokensPerByte: 9 } }]
  ) {
    assert.equal(new TokenRates(saved).boundPerByte("m"), 1);
  }
});
