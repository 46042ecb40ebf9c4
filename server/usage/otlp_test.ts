import assert from "node:assert/strict";
import { otlpAttributes } from "../testing/otlp_attributes.ts";
import { parseOtlpLogs } from "./otlp.ts";
import { MAX_RECORDS } from "./otlp_attributes.ts";

const AT_MS = Date.UTC(2026, 10, 22, 7);
const CONTEXT = { nowMs: AT_MS + 60_000 };

function logRecord(
  fields: Record<string, unknown>,
  change: Record<string, unknown> = {},
): Record<string, unknown> {
  return { timeUnixNano: `${AT_MS}000000`, attributes: otlpAttributes(fields), ...change };
}

function logs(...logRecords: unknown[]): unknown {
  return { resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ scope: {}, logRecords }] }] };
}

const CLAUDE = {
  "event.name": "api_request",
  "session.id": "session-1",
  "event.sequence": 4,
  model: "claude-opus-5-5",
  input_tokens: "4",
  output_tokens: "33",
  cache_read_tokens: "14548",
  cache_creation_tokens: "98",
  cost_usd: "0.0769916",
  request_id: "req_1",
  query_source: "repl_main_thread",
};

const CODEX = {
  "event.name": "codex.sse_event",
  "event.kind": "response.completed",
  "conversation.id": "thread-1",
  model: "gpt-6-sol",
  input_token_count: "207187",
  cached_token_count: "186467",
  cache_write_token_count: "0",
  output_token_count: "50309",
  reasoning_token_count: "9",
};

Deno.test("parseOtlpLogs reads a Claude call, with figures as strings or as numbers", () => {
  const asNumbers = {
    ...CLAUDE,
    input_tokens: 4,
    output_tokens: 33,
    cache_read_tokens: 14548,
    cost_usd: 0.0769916,
  };
  for (const fields of [CLAUDE, asNumbers]) {
    const { events, rejected } = parseOtlpLogs(logs(logRecord(fields)), CONTEXT);
    assert.deepEqual(rejected, {});
    assert.deepEqual(events, [{
      kind: "call",
      sessionId: "session-1",
      call: {
        source: "otlp",
        key: "req_1",
        requestId: "req_1",
        model: "claude-opus-5-5",
        atMs: AT_MS,
        input: 4,
        cacheRead: 14548,
        cacheWrite5m: 98,
        cacheWrite1h: 0,
        output: 33,
        reasoning: 0,
        purpose: "repl_main_thread",
        reportedCostNanoUsd: 76_991_600,
        confidence: "exact",
      },
    }]);
  }
});

Deno.test("parseOtlpLogs finds the event's name wherever a version puts it", () => {
  const { "event.name": _name, ...rest } = CLAUDE;
  const named = [
    logRecord(rest, { body: { stringValue: "claude_code.api_request" } }),
    logRecord(rest, { eventName: "claude_code.api_request" }),
  ];
  for (const record of named) assert.equal(parseOtlpLogs(logs(record), CONTEXT).events.length, 1);
});

Deno.test("parseOtlpLogs splits cache writes by lifetime, however the split is spelled", () => {
  for (
    const [five, hour] of [["cache_creation_5m_tokens", "cache_creation_1h_tokens"], [
      "cache_creation_tokens_5m",
      "cache_creation_tokens_1h",
    ], ["cache_creation_5m", "cache_creation_1h"]]
  ) {
    const fields = { ...CLAUDE, cache_creation_tokens: 50, [five ?? ""]: "20", [hour ?? ""]: 30 };
    const [event] = parseOtlpLogs(logs(logRecord(fields)), CONTEXT).events;
    assert.ok(event?.kind === "call");
    assert.deepEqual([event.call.cacheWrite5m, event.call.cacheWrite1h], [20, 30]);
  }
});

Deno.test("parseOtlpLogs names sub-agents and the purpose of title calls", () => {
  const agent = {
    ...CLAUDE,
    query_source: "agent:builtin:general-purpose",
    agent_id: "a84",
    "agent.name": "general-purpose",
  };
  const title = { ...CLAUDE, request_id: "req_2", query_source: "generate_session_title" };
  const calls = parseOtlpLogs(logs(logRecord(agent), logRecord(title)), CONTEXT).events
    .flatMap((event) => event.kind === "call" ? [event.call] : []);
  assert.deepEqual(calls.map(({ subagent, purpose }) => [subagent, purpose]), [
    ["general-purpose", "agent:builtin:general-purpose"],
    [undefined, "generate_session_title"],
  ]);
});

Deno.test("parseOtlpLogs counts a Codex answer once, in exclusive classes", () => {
  const { input_token_count: _none, ...withoutCounts } = CODEX;
  const { events, rejected } = parseOtlpLogs(logs(logRecord(withoutCounts), logRecord(CODEX)), CONTEXT);
  assert.deepEqual(rejected, {});
  assert.equal(events.length, 1);
  const [event] = events;
  assert.ok(event?.kind === "call");
  assert.equal(event.sessionId, "thread-1");
  const { input, cacheRead, output, reasoning, model } = event.call;
  assert.deepEqual({ input, cacheRead, output, reasoning, model }, {
    input: 20720,
    cacheRead: 186467,
    output: 50309,
    reasoning: 9,
    model: "gpt-6-sol",
  });
});

Deno.test("parseOtlpLogs gives a record that is sent twice the same key, and others their own", () => {
  const { request_id: _id, ...noId } = CLAUDE;
  const keyOf = (fields: Record<string, unknown>): string | undefined => {
    const [event] = parseOtlpLogs(logs(logRecord(fields)), CONTEXT).events;
    return event?.kind === "call" ? event.call.key : undefined;
  };
  assert.equal(keyOf(noId), keyOf({ ...noId }));
  assert.notEqual(keyOf(noId), keyOf({ ...noId, "event.sequence": 5 }));
  assert.equal(keyOf(CODEX), keyOf({ ...CODEX }));
  assert.notEqual(keyOf(CODEX), keyOf({ ...CODEX, output_token_count: 1 }));
});

Deno.test("parseOtlpLogs reports refused requests", () => {
  const fields = {
    "event.name": "api_error",
    "session.id": "s",
    model: "claude-opus-5-5",
    status_code: "529",
    error: "Overloaded",
  };
  assert.deepEqual(parseOtlpLogs(logs(logRecord(fields)), CONTEXT).events, [
    {
      kind: "api_error",
      atMs: AT_MS,
      sessionId: "s",
      model: "claude-opus-5-5",
      status: 529,
      message: "Overloaded",
    },
  ]);
});

Deno.test("parseOtlpLogs rejects hostile figures with a counted reason and keeps the rest of the body", () => {
  for (const bad of ["-1", "1e999", "NaN", "", "12abc", "4.5", "99999999999", -1, 0.5]) {
    const { events, rejected } = parseOtlpLogs(
      logs(logRecord({ ...CLAUDE, output_tokens: bad }), logRecord(CODEX)),
      CONTEXT,
    );
    assert.deepEqual([events.length, rejected], [1, { bad_count: 1 }], String(bad));
  }
  const wrong = [
    logRecord({ ...CLAUDE, cost_usd: "-5" }),
    logRecord({ ...CODEX, cached_token_count: "999999" }),
    logRecord(CLAUDE, { timeUnixNano: "4102444800000000000" }),
    logRecord(CLAUDE, { timeUnixNano: "x" }),
    logRecord(CLAUDE, { attributes: "none" }),
  ];
  const { events, rejected } = parseOtlpLogs(logs(...wrong), CONTEXT);
  assert.deepEqual([events, rejected], [[], { bad_count: 2, bad_time: 1, wrong_shape: 2 }]);
});

Deno.test("parseOtlpLogs survives any body and bounds a long one", () => {
  for (
    const body of [null, 7, "x", [], {}, { resourceLogs: 7 }, {
      resourceLogs: [null, { scopeLogs: [{ logRecords: [null, 7] }] }],
    }]
  ) {
    assert.deepEqual(parseOtlpLogs(body, CONTEXT).events, []);
  }
  const many = logs(
    ...Array.from({ length: MAX_RECORDS + 5 }, () => logRecord({ "event.name": "user_prompt" })),
  );
  assert.equal(parseOtlpLogs(many, CONTEXT).leftOut, 5);
});

Deno.test("parseOtlpLogs takes no request of Codex's for a call of Claude's, whatever attributes it has", () => {
  const request = { "event.name": "codex.api_request", model: "gpt-6-sol", status: "200", duration_ms: 900 };
  assert.deepEqual(parseOtlpLogs(logs(logRecord(request)), CONTEXT), {
    events: [],
    rejected: {},
    leftOut: 0,
  });
});
