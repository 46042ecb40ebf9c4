import assert from "node:assert/strict";
import { createPriceBook } from "../testing/loaded_prices.ts";
import { type ClaudeEvent, ClaudeTranscript, type ClaudeTranscriptOptions } from "./claude_transcript.ts";
import type { ModelCall } from "./model_call.ts";
import {
  AFTER_RECORDING_MS,
  callsOf,
  eventsOf,
  readFixture,
  readFixtureJson,
  sumOf,
} from "./testdata/fixture_sessions.ts";

interface ExpectedSession {
  files: string[];
  transcript_once_per_message_id: ReturnType<typeof sumOf>;
  last_cost_state?: { totalCostUSD: number };
  requests: Array<{
    request_id: string;
    lane: string;
    complete: boolean;
    usage?: { input: number; cache_read: number; cache_write: number; output: number };
  }>;
}

const EXPECTED = readFixtureJson("claude/expected.json") as Record<string, ExpectedSession>;
const RESUMED = "claude/tui-subagent-error-interrupt-resume/7655f4c0-dab5-43a7-9c8d-aa8e525946fa.jsonl";
const SUBAGENT = RESUMED.replace(".jsonl", "/subagents/agent-a841fe6cc5d4e301f.jsonl");

function read(
  path: string,
  options: ClaudeTranscriptOptions = {},
): { events: ClaudeEvent[]; parser: ClaudeTranscript } {
  const parser = new ClaudeTranscript(options);
  return { events: eventsOf(path, (line, context) => parser.feed(line, context)), parser };
}

function readCalls(files: readonly string[]): ModelCall[] {
  return callsOf(files.flatMap((file) => read(`claude/${file}`).events));
}

for (const [name, session] of Object.entries(EXPECTED)) {
  Deno.test(`ClaudeTranscript counts ${name} exactly, every class and every request`, () => {
    const calls = readCalls(session.files);
    assert.deepEqual(sumOf(calls), session.transcript_once_per_message_id);
    for (const request of session.requests) {
      const call = calls.find((candidate) => candidate.requestId === request.request_id);
      if (call === undefined || request.usage === undefined) continue;
      const { input, cache_read, cache_write, output } = request.usage;
      const expected = { input, cache_read, cache_write, output: request.complete ? output : 1 };
      assert.deepEqual(sumOf([call]), expected, request.request_id);
      assert.equal(call.incomplete, request.complete ? undefined : "interrupted");
      assert.equal(call.confidence, request.complete ? "exact" : "reported");
    }
  });
}

Deno.test("ClaudeTranscript rejects nothing of what the real CLI writes", () => {
  for (const session of Object.values(EXPECTED)) {
    for (const file of session.files) assert.deepEqual(read(`claude/${file}`).parser.rejected, {}, file);
  }
});

Deno.test("the price book agrees with the CLI's own total to the nano-dollar", () => {
  const book = createPriceBook();
  let compared = 0;
  for (const session of Object.values(EXPECTED)) {
    const total = session.last_cost_state?.totalCostUSD;
    if (total === undefined || session.requests.some((request) => !request.complete && request.usage)) {
      continue;
    }
    const cost = readCalls(session.files).reduce((sum, call) => sum + book.cost(call).nanoUsd, 0);
    assert.equal(cost, Math.round(total * 1e9));
    compared += 1;
  }
  assert.equal(compared, 3);
});

/** Calls of a recorded session whose lines said something else. */
function readChanged(path: string, change: (line: string) => string): ModelCall[] {
  const parser = new ClaudeTranscript();
  return callsOf(eventsOf(path, (line, context) => parser.feed(change(line), context)));
}

Deno.test("ClaudeTranscript reads where the model ran, and the same session costs a tenth more in the United States", () => {
  const book = createPriceBook();
  const path = "claude/tui-tools-and-large-usage.jsonl";
  const inUs = (line: string): string => line.replaceAll('"inference_geo":""', '"inference_geo":"us"');
  const [anywhere, us] = [readChanged(path, (line) => line), readChanged(path, inUs)];
  assert.deepEqual(new Set(anywhere.map((call) => call.inferenceGeo)), new Set([undefined]));
  assert.deepEqual(new Set(us.map((call) => call.inferenceGeo)), new Set(["us"]));
  const sum = (calls: ModelCall[]): number =>
    calls.reduce((total, call) => total + book.cost(call).nanoUsd, 0);
  assert.deepEqual([sum(anywhere), sum(us)], [1_156_272_600, 1_271_899_860]);
});

Deno.test("ClaudeTranscript counts an advisor that the totals leave out, at its own price", () => {
  const book = createPriceBook();
  const path = "claude/headless-thinking-and-tool.jsonl";
  const advice = {
    type: "advisor_message",
    model: "claude-fable-5-1",
    input_tokens: 1000,
    output_tokens: 100,
  };
  const advised = (line: string): string =>
    line.replaceAll('"iterations":[]', `"iterations":[${JSON.stringify(advice)}]`);
  const [alone, helped] = [readChanged(path, (line) => line), readChanged(path, advised)];
  assert.equal(helped.length, alone.length);
  for (const [index, call] of helped.entries()) {
    const before = alone[index];
    assert.ok(before);
    assert.deepEqual([call.input, call.output], [before.input + 1000, before.output + 100]);
    assert.deepEqual(call.passes?.map(({ model }) => model), [undefined, "claude-fable-5-1"]);
    assert.equal(book.cost(call).nanoUsd, book.cost(before).nanoUsd + 15_000_000);
  }
});

Deno.test("ClaudeTranscript surfaces the session total as the CLI reports it", () => {
  const totals = read("claude/tui-tools-and-large-usage.jsonl").events.filter((event) =>
    event.kind === "session_total"
  );
  assert.deepEqual(totals.at(-1)?.total, {
    costNanoUsd: 1_156_272_600,
    models: [{
      model: "claude-opus-5-5",
      input: 1024,
      output: 50487,
      cacheRead: 172008,
      cacheWrite: 21607,
      costNanoUsd: 1_156_272_600,
    }],
  });
});

Deno.test("ClaudeTranscript marks a sub-agent's calls and not the main agent's", () => {
  assert.deepEqual(callsOf(read(SUBAGENT).events).map((call) => call.subagent), [
    "a841fe6cc5d4e301f",
    "a841fe6cc5d4e301f",
  ]);
  assert.ok(callsOf(read(RESUMED).events).every((call) => call.subagent === undefined));
});

Deno.test("ClaudeTranscript reports prompts and turn ends once each", () => {
  const { events } = read(RESUMED);
  assert.equal(events.filter((event) => event.kind === "prompt").length, 5);
  const ends = events.filter((event) => event.kind === "turn_end").map((event) => event.outcome);
  assert.deepEqual(ends, ["complete", "complete", "interrupted", "complete"]);
  assert.equal(
    read("claude/tui-2.1.197-two-turns.jsonl").events.filter((event) => event.kind === "prompt").length,
    2,
  );
});

Deno.test("ClaudeTranscript counts only what a resumed run adds after its baseline", () => {
  const bytes = readFixture(RESUMED);
  const text = new TextDecoder().decode(bytes);
  const resumedAt =
    new TextEncoder().encode(text.slice(0, text.indexOf('"after resume [[tools:1]]"'))).length;
  const { events, parser } = read(RESUMED, { baselineOffset: resumedAt - 2000 });
  assert.deepEqual(sumOf(callsOf(events)), { input: 8, cache_read: 17978, cache_write: 18058, output: 39 });
  assert.equal(parser.baselineTotal?.costNanoUsd, 169_050_400);
});

const USAGE = { input_tokens: 3, output_tokens: 5 };

function assistant(change: Record<string, unknown> = {}, message: Record<string, unknown> = {}): string {
  return JSON.stringify({
    type: "assistant",
    timestamp: "2026-11-22T07:00:00.000Z",
    message: { id: "msg_1", model: "claude-opus-5-5", stop_reason: "end_turn", usage: USAGE, ...message },
    ...change,
  });
}

function feed(...lines: string[]): { calls: ModelCall[]; rejected: Record<string, number> } {
  const parser = new ClaudeTranscript();
  const events = lines.flatMap((line) => parser.feed(line, { nowMs: AFTER_RECORDING_MS }));
  return { calls: callsOf(events), rejected: parser.rejected };
}

Deno.test("ClaudeTranscript lets the last line of a message id win and repeats nothing", () => {
  const parser = new ClaudeTranscript();
  const first = assistant({}, { usage: { input_tokens: 3, output_tokens: 1 }, stop_reason: null });
  const context = { nowMs: AFTER_RECORDING_MS };
  assert.equal(parser.feed(first, context).length, 1);
  assert.equal(parser.feed(first, context).length, 0);
  const [corrected] = parser.feed(assistant(), context);
  assert.equal(corrected?.kind === "call" && corrected.call.output, 5);
  assert.equal(corrected?.kind === "call" && corrected.call.incomplete, undefined);
});

Deno.test("ClaudeTranscript splits cache writes by lifetime and never below their total", () => {
  const split = (creation: unknown, total: number): number[] => {
    const usage = { ...USAGE, cache_creation_input_tokens: total, cache_creation: creation };
    const [call] = feed(assistant({}, { usage })).calls;
    return [call?.cacheWrite5m ?? -1, call?.cacheWrite1h ?? -1];
  };
  assert.deepEqual(split({ ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 }, 30), [10, 20]);
  assert.deepEqual(split(undefined, 30), [30, 0]);
  assert.deepEqual(split(null, 30), [30, 0]);
  assert.deepEqual(split({ ephemeral_1h_input_tokens: 20 }, 30), [10, 20]);
  assert.deepEqual(split({ ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 }, 0), [10, 20]);
});

Deno.test("ClaudeTranscript does not take a refused tool for a cut-off answer", () => {
  const refused = JSON.stringify({
    type: "user",
    timestamp: "2026-11-22T07:00:01.000Z",
    interruptedMessageId: "msg_1",
    message: { content: [{ type: "text", text: "[Request interrupted by user for tool use]" }] },
  });
  const { calls } = feed(assistant({}, { stop_reason: "tool_use" }), refused);
  assert.equal(calls[0]?.incomplete, undefined);
});

Deno.test("ClaudeTranscript passes over lines that the CLI made up", () => {
  assert.deepEqual(feed(assistant({}, { model: "<synthetic>" }), assistant({ isApiErrorMessage: true })), {
    calls: [],
    rejected: {},
  });
});

const HOSTILE: Array<[name: string, line: string, reason: string]> = [
  ["a negative count", assistant({}, { usage: { input_tokens: -1, output_tokens: 5 } }), "bad_count"],
  ["a fraction", assistant({}, { usage: { input_tokens: 0.5, output_tokens: 5 } }), "bad_count"],
  ["a count as text", assistant({}, { usage: { input_tokens: "3", output_tokens: 5 } }), "bad_count"],
  ["no counts", assistant({}, { usage: {} }), "bad_count"],
  ["an endless number", assistant().replace(":5}", ":1e999}"), "bad_count"],
  ["an absurd number", assistant().replace(":5}", ":9007199254740991}"), "bad_count"],
  ["NaN in the text", assistant().replace(":5}", ":NaN}"), "not_json"],
  ["half a line", assistant().slice(0, -10), "not_json"],
  ["a time in the future", assistant({ timestamp: "2031-01-01T00:00:00Z" }), "bad_time"],
  ["a time before the CLI", assistant({ timestamp: "1970-01-01T00:00:00Z" }), "bad_time"],
  ["no time", assistant({ timestamp: "soon" }), "bad_time"],
  ["a time of another type", assistant({ timestamp: 1795332102056 }), "wrong_shape"],
  ["no message", assistant({ message: null }), "wrong_shape"],
  ["a long id", assistant({}, { id: "m".repeat(100_000) }), "wrong_shape"],
];

for (const [name, line, reason] of HOSTILE) {
  Deno.test(`ClaudeTranscript rejects ${name} with a counted reason`, () => {
    assert.deepEqual(feed(line), { calls: [], rejected: { [reason]: 1 } });
  });
}

Deno.test("ClaudeTranscript survives any line, also a huge one, and goes on after it", () => {
  const odd = ["", "null", "[]", "7", '"type":"assistant"', '{"type":"assistant"}', '{"type":"cost-state"}'];
  const huge = assistant({ padding: "x".repeat(10 * 1024 * 1024) }, { id: "msg_huge" });
  const deep = `{"type":"user","message":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  const { calls } = feed(...odd, deep, huge, assistant());
  assert.deepEqual(calls.map((call) => call.key), ["msg_huge", "msg_1"]);
});
