// Transcripts and what OTLP reports of the same sessions, together: the provider's own log is the oracle.

import assert from "node:assert/strict";
import { ClaudeTranscript } from "./claude_transcript.ts";
import { CodexRollout } from "./codex_rollout.ts";
import { CallMatcher } from "./match.ts";
import type { ModelCall } from "./model_call.ts";
import { parseOtlpLogs } from "./otlp.ts";
import {
  AFTER_RECORDING_MS,
  callsOf,
  eventsOf,
  readFixtureJson,
  sumOf,
} from "./testdata/fixture_sessions.ts";
import { seededRandom, shuffled } from "./testdata/seeded_random.ts";

type Sum = ReturnType<typeof sumOf>;

interface Session {
  files?: string[];
  api_reported: { complete: Sum };
  requests: Array<
    { request_id: string; model: string; complete: boolean; usage?: Sum & { reasoning: number } }
  >;
}

const CLAUDE = readFixtureJson("claude/expected.json") as Record<string, Session>;
const CODEX = readFixtureJson("codex/expected.json") as Record<string, Session>;
const AT_MS = Date.UTC(2026, 10, 22, 7, 30);

/** The provider's log as the CLI would post it: one record for each answer that ended. */
function otlpCalls(session: Session, cli: "claude" | "codex"): ModelCall[] {
  const logRecords = session.requests.flatMap(({ request_id, model, complete, usage }, index) => {
    if (!complete || usage === undefined) return [];
    const fields = cli === "claude"
      ? {
        "event.name": "api_request",
        request_id,
        input_tokens: usage.input,
        output_tokens: usage.output,
        cache_read_tokens: usage.cache_read,
        cache_creation_tokens: usage.cache_write,
      }
      : {
        "event.name": "codex.sse_event",
        "event.kind": "response.completed",
        input_token_count: usage.input + usage.cache_read + usage.cache_write,
        cached_token_count: usage.cache_read,
        cache_write_token_count: usage.cache_write,
        output_token_count: usage.output,
      };
    const attributes = Object.entries({ ...fields, model }).map(([key, value]) => ({
      key,
      value: { stringValue: String(value) },
    }));
    return [{ timeUnixNano: `${AT_MS + index * 1000}000000`, attributes }];
  });
  const body = { resourceLogs: [{ scopeLogs: [{ logRecords }] }] };
  const { events } = parseOtlpLogs(body, { nowMs: AFTER_RECORDING_MS });
  return events.flatMap((event) => event.kind === "call" ? [event.call] : []);
}

function mergedOf(rows: readonly ModelCall[], seed: number): ModelCall[] {
  const matcher = new CallMatcher();
  for (const row of shuffled(seededRandom(seed), rows)) matcher.upsert(row);
  return matcher.merged.map((row) => row.call);
}

for (const [name, session] of Object.entries(CLAUDE)) {
  Deno.test(`transcript and OTLP of ${name} together are what the API reported`, () => {
    const transcript = callsOf((session.files ?? []).flatMap((file) => {
      const parser = new ClaudeTranscript();
      return eventsOf(`claude/${file}`, (line, context) => parser.feed(line, context));
    }));
    for (let seed = 0; seed < 10; seed++) {
      const merged = mergedOf([...transcript, ...otlpCalls(session, "claude")], seed);
      const complete = merged.filter((call) => call.incomplete === undefined);
      assert.deepEqual(sumOf(complete), session.api_reported.complete);
      const cutOff = session.requests.filter((request) => !request.complete && request.usage).length;
      assert.equal(merged.length - complete.length, cutOff);
    }
  });
}

for (const [name, session] of Object.entries(CODEX)) {
  const label = name.slice(name.indexOf(".") + 1);
  Deno.test(`rollout and OTLP of ${label} together are what the API reported, without a common id`, () => {
    const parser = new CodexRollout();
    const rollout = callsOf(eventsOf(`codex/${name}`, (line, context) => parser.feed(line, context)));
    for (let seed = 0; seed < 10; seed++) {
      const merged = mergedOf([...rollout, ...otlpCalls(session, "codex")], seed);
      assert.deepEqual(sumOf(merged), session.api_reported.complete);
      assert.equal(merged.length, rollout.length);
    }
  });
}
