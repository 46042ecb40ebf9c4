import assert from "node:assert/strict";
import { AnthropicAnswer } from "./anthropic_answer.ts";
import type { AnswerReader } from "./answer_reader.ts";
import { ChatAnswer } from "./chat_answer.ts";
import { ResponsesAnswer } from "./responses_answer.ts";
import { SseFramer } from "./sse_framer.ts";

function feed<Reader extends AnswerReader>(reader: Reader, events: readonly unknown[]): number {
  return events.reduce(
    (sum: number, event) => sum + reader.feed(typeof event === "string" ? event : JSON.stringify(event)),
    0,
  );
}

/** What a client would read of an ending. */
function eventsIn(text: string | undefined): Record<string, unknown>[] {
  return new SseFramer().push(new TextEncoder().encode(text ?? "")).map(({ data }) =>
    data === "[DONE]" ? { done: true } : JSON.parse(data ?? "null")
  );
}

const START = {
  type: "message_start",
  message: {
    id: "msg_1",
    model: "claude-opus-5-5",
    usage: {
      input_tokens: 3,
      cache_creation_input_tokens: 100,
      cache_read_input_tokens: 5000,
      cache_creation: { ephemeral_1h_input_tokens: 40 },
      output_tokens: 1,
      service_tier: "standard",
    },
  },
};
const OPEN_TEXT = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };
const TEXT = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "häßlich" } };

Deno.test("Anthropic: the prompt is known with the first event, the output with the last", () => {
  const reader = new AnthropicAnswer();
  assert.equal(feed(reader, [START, { type: "ping" }, OPEN_TEXT, TEXT]), 9);
  assert.deepEqual(reader.facts.prompt, { input: 3, cacheRead: 5000, cacheWrite5m: 60, cacheWrite1h: 40 });
  assert.equal(reader.facts.output, undefined);
  feed(reader, [
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 77 } },
    { type: "message_stop" },
  ]);
  assert.deepEqual([reader.facts.output, reader.facts.hasEnded, reader.facts.messageId], [77, true, "msg_1"]);
});

Deno.test("Anthropic: thinking is told apart, signatures are no output, tool input is", () => {
  const reader = new AnthropicAnswer();
  feed(reader, [START, { type: "content_block_start", index: 0, content_block: { type: "thinking" } }]);
  assert.equal(reader.facts.isThinking, true);
  assert.equal(
    feed(reader, [{ type: "content_block_delta", delta: { type: "thinking_delta", thinking: "abc" } }]),
    3,
  );
  assert.equal(
    feed(reader, [{ type: "content_block_delta", delta: { type: "signature_delta", signature: "x" } }]),
    0,
  );
  feed(reader, [{ type: "content_block_stop", index: 0 }]);
  const tool = { type: "content_block_start", index: 1, content_block: { type: "tool_use", name: "Bash" } };
  assert.equal(feed(reader, [tool]), 4);
  assert.equal(
    feed(reader, [{ type: "content_block_delta", delta: { type: "input_json_delta", partial_json: '{"a' } }]),
    3,
  );
  assert.deepEqual([reader.facts.isThinking, reader.facts.parts], [false, 2]);
});

Deno.test("Anthropic: an answer is ended as its own limit would end it", () => {
  const reader = new AnthropicAnswer();
  assert.equal(reader.ending({ promptTokens: 1, outputTokens: 1 }), undefined);
  feed(reader, [START, OPEN_TEXT, TEXT]);
  const events = eventsIn(reader.ending({ promptTokens: 1, outputTokens: 12 }));
  assert.deepEqual(events.map(({ type }) => type), ["content_block_stop", "message_delta", "message_stop"]);
  assert.deepEqual(events[1]?.["delta"], { stop_reason: "max_tokens", stop_sequence: null });
  assert.deepEqual(events[1]?.["usage"], { output_tokens: 12 });
});

Deno.test("Anthropic: what an answer's end repeats of the cache is not written twice, whatever its lifetime", () => {
  const reader = new AnthropicAnswer();
  const usage = { input_tokens: 3, cache_creation_input_tokens: 100, cache_read_input_tokens: 5000 };
  feed(reader, [START, { type: "message_delta", delta: {}, usage: { ...usage, output_tokens: 7 } }]);
  assert.deepEqual(reader.facts.prompt, { input: 3, cacheRead: 5000, cacheWrite5m: 60, cacheWrite1h: 40 });
});

Deno.test("Anthropic: a finished answer tells its passes, and an advisor's", () => {
  const reader = new AnthropicAnswer();
  const pass = { type: "message", input_tokens: 3, cache_read_input_tokens: 5000, output_tokens: 7 };
  const iterations = [pass, {
    type: "advisor_message",
    model: "claude-opus-5",
    input_tokens: 9,
    output_tokens: 4,
  }];
  const usage = { input_tokens: 3, cache_read_input_tokens: 5000, output_tokens: 7 };
  feed(reader, [{ ...START, message: { ...START.message, usage: { ...usage, iterations: [pass] } } }]);
  assert.equal("passes" in reader.facts, false);
  feed(reader, [{ type: "message_delta", delta: {}, usage: { ...usage, iterations } }]);
  assert.deepEqual(reader.facts.passes?.map(({ model, input, output }) => [model, input, output]), [
    [undefined, 3, 7],
    ["claude-opus-5", 9, 4],
  ]);
  assert.deepEqual([reader.facts.prompt?.input, reader.facts.output], [3, 7], "the call's own stay its own");
});

Deno.test("Anthropic: searches, speed and a whole message are read", () => {
  const reader = new AnthropicAnswer();
  reader.readWhole({
    ...START.message,
    type: "message",
    stop_reason: "end_turn",
    usage: {
      ...START.message.usage,
      output_tokens: 9,
      speed: "fast",
      inference_geo: "us",
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
      output_tokens_details: { thinking_tokens: 4 },
    },
  });
  const { output, reasoning, speed, inferenceGeo, webSearches, serverToolUses } = reader.facts;
  assert.deepEqual([output, reasoning, speed, inferenceGeo, webSearches, serverToolUses], [
    9,
    4,
    "fast",
    "us",
    2,
    3,
  ]);
});

for (const lie of [undefined, -5, 1e15, 1.5, "12", null, {}]) {
  Deno.test(`a usage of ${JSON.stringify(lie)} is not believed`, () => {
    const anthropic = new AnthropicAnswer();
    feed(anthropic, [
      { ...START, message: { ...START.message, usage: { input_tokens: lie } } },
      { type: "message_delta", delta: {}, usage: { output_tokens: lie } },
    ]);
    assert.deepEqual([anthropic.facts.prompt, anthropic.facts.output], [undefined, undefined]);
    const responses = new ResponsesAnswer();
    const usage = { input_tokens: lie, output_tokens: lie };
    feed(responses, [{ type: "response.completed", response: { id: "resp_1", usage } }]);
    assert.deepEqual([responses.facts.prompt, responses.facts.output], [undefined, undefined]);
    const chat = new ChatAnswer();
    feed(chat, [{ id: "c", choices: [], usage: { prompt_tokens: lie, completion_tokens: lie } }]);
    assert.deepEqual([chat.facts.prompt, chat.facts.output], [undefined, undefined]);
  });
}

Deno.test("no reader throws for what is not JSON, not an object, or of another kind", () => {
  for (const reader of [new AnthropicAnswer(), new ResponsesAnswer(), new ChatAnswer()]) {
    feed(reader, ["", "nonsense", "[]", "null", "12", { type: "error" }, { type: 5 }, { choices: [null] }]);
    for (const body of [undefined, null, [], "x", { type: "error" }, { object: "list" }]) {
      reader.readWhole(body);
    }
    assert.equal(reader.facts.output, undefined);
  }
});

const CREATED = {
  type: "response.created",
  sequence_number: 0,
  response: { id: "resp_1", model: "gpt-6-sol" },
};
const MESSAGE = { type: "message", id: "item_1", role: "assistant", content: [] };

Deno.test("Responses: usage comes at the end, with cached tokens inside of the input", () => {
  const reader = new ResponsesAnswer();
  const shown = feed(reader, [
    CREATED,
    { type: "response.output_item.added", output_index: 0, item: { type: "reasoning", id: "item_0" } },
    { type: "response.output_item.done", output_index: 0, item: { type: "reasoning", id: "item_0" } },
    { type: "response.output_item.added", output_index: 1, item: MESSAGE },
    { type: "response.output_text.delta", delta: "hello" },
  ]);
  assert.deepEqual([shown, reader.facts.parts, reader.facts.hasEnded], [5, 2, false]);
  feed(reader, [{
    type: "response.completed",
    response: {
      id: "resp_1",
      service_tier: "priority",
      usage: {
        input_tokens: 1000,
        input_tokens_details: { cached_tokens: 600, cache_write_tokens: 100 },
        output_tokens: 50,
        output_tokens_details: { reasoning_tokens: 20 },
      },
    },
  }]);
  assert.deepEqual(reader.facts.prompt, { input: 300, cacheRead: 600, cacheWrite5m: 100, cacheWrite1h: 0 });
  const { output, reasoning, serviceTier, hasEnded } = reader.facts;
  assert.deepEqual([output, reasoning, serviceTier, hasEnded], [50, 20, "priority", true]);
});

Deno.test("Responses: an answer is ended as incomplete, with what was written of it", () => {
  const reader = new ResponsesAnswer();
  feed(reader, [
    CREATED,
    { type: "response.output_item.added", sequence_number: 7, output_index: 0, item: MESSAGE },
    { type: "response.output_text.delta", sequence_number: 8, delta: "half an " },
    { type: "response.output_text.delta", sequence_number: 9, delta: "answer" },
  ]);
  const events = eventsIn(reader.ending({ promptTokens: 10, outputTokens: 5 }));
  assert.deepEqual(events.map(({ type }) => type), [
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.incomplete",
  ]);
  assert.deepEqual(events.map((event) => event["sequence_number"]), [10, 11, 12, 13]);
  const response = events.at(-1)?.["response"] as Record<string, unknown>;
  assert.deepEqual(response["incomplete_details"], { reason: "max_output_tokens" });
  assert.deepEqual([response["id"], response["status"]], ["resp_1", "incomplete"]);
  assert.ok(JSON.stringify(response["output"]).includes("half an answer"));
});

Deno.test("Responses: a call of a tool that is cut off is not handed out as a whole one", () => {
  const reader = new ResponsesAnswer();
  const item = { type: "function_call", id: "item_1", name: "shell", arguments: "" };
  feed(reader, [CREATED, { type: "response.output_item.added", output_index: 0, item }]);
  feed(reader, [{ type: "response.function_call_arguments.delta", delta: '{"cmd": "rm' }]);
  const events = eventsIn(reader.ending({ promptTokens: 10, outputTokens: 5 }));
  assert.deepEqual(events.map(({ type }) => type), ["response.incomplete"]);
});

Deno.test("Chat: text, tool calls and usage are read, and every open choice is ended", () => {
  const reader = new ChatAnswer();
  const chunk = (choice: unknown): unknown => ({
    id: "c1",
    model: "gpt-5.5",
    choices: [choice],
    usage: null,
  });
  assert.equal(feed(reader, [chunk({ index: 0, delta: { content: "four" } })]), 4);
  assert.ok(
    feed(reader, [chunk({ index: 1, delta: { tool_calls: [{ function: { arguments: "{}" } }] } })]) > 2,
  );
  feed(reader, [chunk({ index: 1, delta: {}, finish_reason: "tool_calls" })]);
  const events = eventsIn(reader.ending({ promptTokens: 3, outputTokens: 4 }));
  assert.deepEqual(events[0]?.["choices"], [{ index: 0, delta: {}, finish_reason: "length" }]);
  assert.deepEqual(events[1]?.["usage"], { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 });
  assert.deepEqual(events.at(-1), { done: true });
  feed(reader, [{ choices: [], usage: { prompt_tokens: 30, completion_tokens: 40 } }, "[DONE]"]);
  assert.deepEqual([reader.facts.prompt?.input, reader.facts.output, reader.facts.hasEnded], [30, 40, true]);
});
