import assert from "node:assert/strict";
import { type CodexEvent, CodexRollout, type CodexRolloutOptions } from "./codex_rollout.ts";
import type { ModelCall } from "./model_call.ts";
import {
  AFTER_RECORDING_MS,
  callsOf,
  eventsOf,
  readFixture,
  readFixtureJson,
  sumOf,
} from "./testdata/fixture_sessions.ts";

interface ExpectedRollout {
  token_usage_records: number;
  api_reported: { complete: ReturnType<typeof sumOf> };
  requests: Array<
    { request_id: string; complete: boolean; usage: ReturnType<typeof sumOf> & { reasoning: number } }
  >;
}

const EXPECTED = readFixtureJson("codex/expected.json") as Record<string, ExpectedRollout>;
const NAMES = Object.keys(EXPECTED);
const [RESUMED = ""] = NAMES.filter((name) => name.includes("tui-resumed"));
const [LARGE = ""] = NAMES.filter((name) => name.includes("large-usage"));
const [INTERRUPTED = ""] = NAMES.filter((name) => name.includes("tui-interrupted"));

function read(
  name: string,
  options: CodexRolloutOptions = {},
): { events: CodexEvent[]; parser: CodexRollout } {
  const parser = new CodexRollout(options);
  return { events: eventsOf(`codex/${name}`, (line, context) => parser.feed(line, context)), parser };
}

function linesOf(name: string): string[] {
  return new TextDecoder().decode(readFixture(`codex/${name}`)).split("\n").filter((line) => line !== "");
}

function feed(
  lines: readonly string[],
  parser = new CodexRollout(),
): { calls: ModelCall[]; parser: CodexRollout } {
  const events = lines.flatMap((line) => parser.feed(line, { nowMs: AFTER_RECORDING_MS }));
  return { calls: callsOf(events), parser };
}

for (const [name, session] of Object.entries(EXPECTED)) {
  const label = name.slice(name.indexOf(".") + 1);
  Deno.test(`CodexRollout counts ${label} exactly, every class and every request`, () => {
    const { events, parser } = read(name);
    const calls = callsOf(events);
    assert.deepEqual(sumOf(calls), session.api_reported.complete);
    assert.equal(calls.length, session.token_usage_records);
    assert.deepEqual(parser.rejected, {});
    const complete = session.requests.filter((request) => request.complete);
    assert.deepEqual(
      calls.map((call) => call.messageId),
      complete.map(({ request_id }) => request_id.replace("req", "resp")),
    );
    complete.forEach(({ usage }, index) => {
      const { reasoning, ...counts } = usage;
      const call = calls[index];
      assert.ok(call);
      assert.deepEqual({ ...sumOf([call]), reasoning: call.reasoning }, { ...counts, reasoning });
      assert.equal(call.confidence, "exact");
    });
  });

  Deno.test(`CodexRollout counts ${label} the same from running totals, as older versions write`, () => {
    const { calls } = feed(linesOf(name).filter((line) => !line.includes('"token_usage_record"')));
    assert.deepEqual(sumOf(calls), session.api_reported.complete);
    assert.equal(calls.length, session.token_usage_records);
    assert.ok(calls.every((call) => call.confidence === "reported"));
  });

  Deno.test(`CodexRollout counts ${label} once even if every total comes before its record`, () => {
    const lines = linesOf(name);
    const records = lines.filter((line) => line.includes('"token_usage_record"'));
    const swapped = lines.filter((line) => !records.includes(line))
      .flatMap((line) => line.includes('"total_token_usage"') ? [line, records.shift() ?? ""] : [line]);
    const { calls } = feed(swapped);
    assert.deepEqual(sumOf(calls), session.api_reported.complete);
    assert.equal(calls.length, session.token_usage_records);
    assert.ok(calls.every((call) => call.confidence === "exact"));
  });
}

Deno.test("CodexRollout knows the model and the service tier of each call", () => {
  const calls = callsOf(read(LARGE).events);
  assert.ok(calls.every((call) => call.model === "gpt-6-sol" && call.serviceTier === "priority"));
  const [exec = ""] = NAMES.filter((name) => name.includes("exec"));
  assert.ok(
    callsOf(read(exec).events).every((call) => call.model === "gpt-5.5" && call.serviceTier === undefined),
  );
});

Deno.test("CodexRollout reports an interrupted turn, which left no usage", () => {
  const { events } = read(INTERRUPTED);
  assert.deepEqual(events.map((event) => event.kind), ["prompt", "turn_end"]);
  const last = events.at(-1);
  assert.equal(last?.kind === "turn_end" && last.outcome, "interrupted");
});

Deno.test("CodexRollout reports how full the context is", () => {
  const last = read(LARGE).events.filter((event) => event.kind === "context").at(-1);
  assert.deepEqual([last?.usedTokens, last?.sizeTokens], [141_000, 258_400]);
});

for (const withRecords of [true, false]) {
  Deno.test(`CodexRollout counts only what a resumed run adds, ${withRecords ? "with" : "without"} records`, () => {
    const lines = linesOf(RESUMED).filter((line) => withRecords || !line.includes('"token_usage_record"'));
    const ends = lines.flatMap((line, index) => line.includes('"task_complete"') ? [index] : []);
    const baselineOffset = 1 + (ends[0] ?? 0);
    const parser = new CodexRollout({ baselineOffset });
    const events = lines.flatMap((line, offset) => parser.feed(line, { nowMs: AFTER_RECORDING_MS, offset }));
    const added = { input: 82, cache_read: 19198, cache_write: 0, output: 7 };
    assert.deepEqual(sumOf(callsOf(events)), added);

    const before = feed(lines.slice(0, baselineOffset)).parser;
    const state = JSON.parse(JSON.stringify(before.state));
    const after = feed(lines.slice(baselineOffset), new CodexRollout({ state }));
    assert.deepEqual(sumOf(after.calls), added);
    assert.equal(after.calls[0]?.model, "gpt-6-sol");
  });
}

const COUNTS = { input_tokens: 10, cached_input_tokens: 4, output_tokens: 3 };

function record(usage: Record<string, unknown> = COUNTS, change: Record<string, unknown> = {}): string {
  const payload = { response_id: "resp_1", usage };
  return JSON.stringify({
    timestamp: "2026-11-22T07:00:00Z",
    type: "token_usage_record",
    payload,
    ...change,
  });
}

function total(usage: Record<string, unknown>, last: unknown = null): string {
  const payload = { type: "token_count", info: { total_token_usage: usage, last_token_usage: last } };
  return JSON.stringify({ timestamp: "2026-11-22T07:00:00Z", type: "event_msg", payload });
}

Deno.test("CodexRollout takes cached and written tokens out of the input", () => {
  const usage = { ...COUNTS, cache_write_input_tokens: 5, reasoning_output_tokens: 99 };
  const [call] = feed([record(usage)]).calls;
  assert.deepEqual([call?.input, call?.cacheRead, call?.cacheWrite5m, call?.output, call?.reasoning], [
    1,
    4,
    5,
    3,
    3,
  ]);
});

Deno.test("CodexRollout does not count a repeated total, nor a step back as a new sum", () => {
  const lines = [total(COUNTS), total(COUNTS), total({ ...COUNTS, input_tokens: 2, cached_input_tokens: 0 })];
  assert.deepEqual(sumOf(feed(lines).calls), { input: 6, cache_read: 4, cache_write: 0, output: 3 });
});

Deno.test("CodexRollout accounts from totals for answers whose records an older version left out", () => {
  const lines = [
    record(),
    total(COUNTS),
    total({ input_tokens: 25, cached_input_tokens: 9, output_tokens: 5 }),
  ];
  const { calls } = feed(lines);
  assert.deepEqual(sumOf(calls), { input: 16, cache_read: 9, cache_write: 0, output: 5 });
  assert.deepEqual(calls.map((call) => call.confidence), ["exact", "reported"]);
});

const HOSTILE: Array<[name: string, line: string, reason: string]> = [
  ["a negative count", record({ ...COUNTS, input_tokens: -10 }), "bad_count"],
  ["a count as text", record({ ...COUNTS, output_tokens: "3" }), "bad_count"],
  ["more cached than sent", record({ ...COUNTS, cached_input_tokens: 11 }), "bad_count"],
  ["an absurd count", record({ ...COUNTS, output_tokens: 1e10 }), "bad_count"],
  ["an endless total", total({ ...COUNTS, input_tokens: 77 }).replace("77", "1e999"), "bad_count"],
  ["NaN", record({ ...COUNTS, input_tokens: 77 }).replace("77", "NaN"), "not_json"],
  ["a time in the future", record(COUNTS, { timestamp: "2030-01-01T00:00:00Z" }), "bad_time"],
  ["no time", record(COUNTS, { timestamp: undefined }), "bad_time"],
  ["no response id", record().replace("resp_1", ""), "wrong_shape"],
];

for (const [name, line, reason] of HOSTILE) {
  Deno.test(`CodexRollout rejects ${name} with a counted reason`, () => {
    const { calls, parser } = feed([line]);
    assert.deepEqual({ calls, rejected: parser.rejected }, { calls: [], rejected: { [reason]: 1 } });
  });
}

Deno.test("CodexRollout survives any line, also a huge one", () => {
  const huge = record(COUNTS, { padding: "x".repeat(10 * 1024 * 1024) });
  const odd = [
    "",
    "null",
    '{"type":"token_usage_record"}',
    '{"type":"event_msg","payload":7}',
    '{"type":"turn_context","payload":{"model":7}}',
  ];
  assert.equal(feed([...odd, huge]).calls.length, 1);
});

Deno.test("CodexRollout tells why a turn failed, a sub-agent's excepted", () => {
  const line = (payload: Record<string, unknown>): string =>
    JSON.stringify({
      timestamp: "2026-11-22T21:33:33.220Z",
      type: "event_msg",
      payload: { type: "task_complete", turn_id: "t1", root_turn_id: "t1", ...payload },
    });
  const errorOf = (payload: Record<string, unknown>): string | undefined => {
    const [event] = new CodexRollout().feed(line(payload), { nowMs: Date.parse("2026-11-22T21:34:00Z") });
    return event?.kind === "turn_end" ? event.error : "no end";
  };
  const answer = JSON.stringify({ error: { message: "Fake invalid_request_error (400)", param: null } });
  assert.equal(errorOf({ error: { message: answer } }), "Fake invalid_request_error (400)");
  assert.equal(errorOf({ error: { message: "stream disconnected" } }), "stream disconnected");
  assert.equal(errorOf({ error: { message: "lost" }, root_turn_id: "t0" }), undefined);
  assert.equal(errorOf({ error: null }), undefined);
  assert.equal(errorOf({}), undefined);
});
