// What the real agents posted, read by our parsers, against the fake provider's own books.
import assert from "node:assert/strict";
import type { ModelCall } from "../usage/model_call.ts";
import { type OtlpEvent, parseOtlpLogs } from "../usage/otlp.ts";
import type { Outcome } from "./fake_provider/request_log.ts";
import type { Usage } from "./fake_provider/usage.ts";
import { parseOtlpMetrics } from "./otlp_metrics.ts";

interface Expected {
  agent: string;
  calls: { requestId: string; lane: string; model: string; status: number; outcome: Outcome; usage: Usage }[];
}

interface Recording {
  rejected: unknown[];
  events: OtlpEvent[];
  calls: ModelCall[];
  metrics: unknown[];
}

const AFTER_RECORDING_MS = Date.UTC(2026, 10, 23);
const FOLDER = new URL("./testdata/otlp/", import.meta.url);
const expected: Record<string, Expected> = JSON.parse(
  Deno.readTextFileSync(new URL("expected.json", FOLDER)),
);

function read(name: string): Recording {
  const lines = Deno.readTextFileSync(new URL(name, FOLDER)).split("\n").filter(Boolean);
  const posts: { path: string; body: unknown }[] = lines.map((line) => JSON.parse(line));
  const logs = posts.filter(({ path }) => path === "/v1/logs");
  const parsed = logs.map(({ body }) => parseOtlpLogs(body, { nowMs: AFTER_RECORDING_MS }));
  assert(parsed.every(({ leftOut }) => leftOut === 0), name);
  const rejected = parsed.map((part) => part.rejected).filter((reasons) => Object.keys(reasons).length > 0);
  const events = parsed.flatMap((part) => part.events);
  const calls = events.flatMap((event) => event.kind === "call" ? [event.call] : []);
  const metrics = posts.filter(({ path }) => path === "/v1/metrics").map(({ body }) => body);
  return { rejected, events, calls, metrics };
}

function completed(name: string): Expected["calls"] {
  return (expected[name]?.calls ?? []).filter(({ outcome }) => outcome === "complete");
}

/** Counts as one line, in no particular order: Codex gives no id that both sides know. */
function counts(calls: readonly { model: string; usage: Usage }[]): string[] {
  return calls.map(({ model, usage }) =>
    [model, usage.input, usage.cacheRead, usage.cacheWrite5m, usage.cacheWrite1h, usage.output].join(" ")
  ).sort();
}

function countsRead(calls: readonly ModelCall[]): string[] {
  return counts(calls.map((call) => ({ model: call.model, usage: call })));
}

for (const name of Object.keys(expected)) {
  Deno.test(`${name}: every completed call is read once, with the provider's counts`, () => {
    const { calls } = read(name);
    assert.deepEqual(countsRead(calls), counts(completed(name)));
    assert.equal(new Set(calls.map(({ key }) => key)).size, calls.length);
  });
}

for (const name of Object.keys(expected).filter((file) => file.startsWith("claude"))) {
  Deno.test(`${name}: calls carry the provider's request ids`, () => {
    const ids = completed(name).map(({ requestId }) => requestId);
    assert.deepEqual(read(name).calls.map(({ requestId }) => requestId).sort(), ids.sort());
  });
}

Deno.test("no record of either agent is counted as refused usage", () => {
  for (const name of Object.keys(expected)) assert.deepEqual(read(name).rejected, [], name);
});

Deno.test("Claude's metrics add up to the completed calls, where none was interrupted", () => {
  for (const name of Object.keys(expected).filter((file) => /^claude-(?!.*interrupt)/.test(file))) {
    assert.deepEqual(metricSums(name), sumsOf(completed(name).map(({ usage }) => usage)), name);
  }
});

Deno.test("Claude's metrics hold an interrupted answer too, its output estimated", () => {
  const name = "claude-title-and-interrupt.jsonl";
  const calls = expected[name]?.calls ?? [];
  const { output, ...prompts } = metricSums(name);
  const { output: _, ...served } = sumsOf(calls.map(({ usage }) => usage));
  assert.deepEqual(prompts, served);
  assert(output > sumsOf(completed(name).map(({ usage }) => usage)).output);
});

interface Sums {
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
}

function sumsOf(usages: readonly Usage[]): Sums {
  return usages.reduce((sum, usage) => ({
    input: sum.input + usage.input,
    cacheRead: sum.cacheRead + usage.cacheRead,
    cacheWrite: sum.cacheWrite + usage.cacheWrite5m + usage.cacheWrite1h,
    output: sum.output + usage.output,
  }), { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 });
}

function metricSums(name: string): Sums {
  const deltas = read(name).metrics.map(parseOtlpMetrics);
  assert(deltas.every(({ refused }) => refused === 0), name);
  return sumsOf(deltas.map(({ cacheWrite, ...delta }) => (
    { ...delta, cacheWrite5m: cacheWrite, cacheWrite1h: 0, reasoning: 0 }
  )));
}

Deno.test("Claude's own price of a call is the list price of its tokens", () => {
  // Opus 5.5 in nano-dollars a token, read off the CLI: 4, 0.20, 5, 8 and 20 dollars a million.
  for (const name of ["claude-text.jsonl", "claude-cache.jsonl", "claude-subagent.jsonl"]) {
    for (const call of read(name).calls) {
      const cost = call.input * 4000 + call.cacheRead * 200 + call.cacheWrite5m * 5000 +
        call.cacheWrite1h * 8000 + call.output * 20_000;
      assert.equal(call.reportedCostNanoUsd, cost);
    }
  }
});

Deno.test("purposes and sub-agents are told apart", () => {
  const purposes = (name: string): unknown[] =>
    read(name).calls.map(({ purpose, subagent }) => subagent ?? purpose);
  assert.deepEqual(
    purposes("claude-title-and-interrupt.jsonl").filter((purpose) => /title/.test(String(purpose))),
    [
      "generate_session_title",
    ],
  );
  assert.equal(
    purposes("claude-subagent.jsonl").filter((purpose) => purpose === "general-purpose").length,
    4,
  );
});

Deno.test("a refused request of Claude is an error with its status", () => {
  const [error] = read("claude-refused.jsonl").events;
  assert(error?.kind === "api_error");
  assert.equal(error.status, 402);
  assert.equal(error.model, "claude-opus-5-5");
});

Deno.test("interrupted and cut answers leave nothing in OTLP", () => {
  for (
    const name of ["claude-title-and-interrupt.jsonl", "codex-title-and-interrupt.jsonl", "codex-cut.jsonl"]
  ) {
    const broken = (expected[name]?.calls ?? []).filter(({ outcome }) =>
      outcome === "aborted" || outcome === "cut"
    );
    assert.equal(broken.length, 1, name);
    assert.equal(read(name).calls.length, completed(name).length, name);
  }
});

Deno.test("Codex names its conversation before the first call of it has ended", () => {
  const { events } = read("codex-title-and-interrupt.jsonl");
  const [first] = events;
  assert.equal(first?.kind, "conversation");
  assert.ok(events.findIndex(({ kind }) => kind === "call") > 0);
});
