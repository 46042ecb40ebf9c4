// The model calls in what Claude Code and Codex post to a `/v1/logs` receiver as OTLP http/json.

import * as z from "zod";
import { normaliseCodexUsage } from "./codex_rollout.ts";
import type { ModelCall } from "./model_call.ts";
import {
  type Attributes,
  listNested,
  MAX_RECORDS,
  type OtlpRecord,
  readRecord,
  toNumber,
} from "./otlp_attributes.ts";
import {
  optional,
  plausibleTimeMs,
  Rejections,
  rejectReason,
  reportedCost,
  shortText,
  tokenCount,
} from "./usage_fields.ts";

export type OtlpEvent =
  | { kind: "call"; call: ModelCall; sessionId?: string }
  /** Codex names a conversation when it begins one, long before its first call has ended. */
  | { kind: "conversation"; sessionId: string }
  /** A refused request: it cost nothing, but shows why an agent stands still. */
  | {
    kind: "api_error";
    atMs: number;
    sessionId?: string;
    model?: string;
    status?: number;
    message?: string;
  };

export interface OtlpLogs {
  events: OtlpEvent[];
  /** Records that looked like usage and were refused, by reason. */
  rejected: Rejections["counts"];
  /** Records beyond the limit of one body. */
  leftOut: number;
}

/** A figure that may come as a string. */
const numeric = z.union([z.string(), z.number()]);
const requiredFigure = numeric.transform(toNumber).pipe(tokenCount);
const figure = numeric.optional().transform((value) => value === undefined ? 0 : toNumber(value)).pipe(
  tokenCount,
);
const text = z.coerce.string().pipe(shortText).optional();

const claudeSchema = z.object({
  model: shortText,
  input_tokens: requiredFigure,
  output_tokens: requiredFigure,
  cache_read_tokens: figure,
  cache_creation_tokens: figure,
  cache_creation_5m_tokens: figure,
  cache_creation_1h_tokens: figure,
  cost_usd: numeric.transform(toNumber).pipe(reportedCost).optional(),
  cost_usd_micros: numeric.transform((value) => toNumber(value) / 1e6).pipe(reportedCost).optional(),
  request_id: text,
  query_source: text,
  agent_id: text,
  "agent.name": text,
  speed: text,
  service_tier: text,
});

const codexSchema = z.object({
  model: shortText,
  input_token_count: requiredFigure,
  output_token_count: requiredFigure,
  cached_token_count: figure,
  cache_write_token_count: figure,
  reasoning_token_count: figure,
});

/** Every call and refusal in the body of a `/v1/logs` request; never throws, whatever the body. */
export function parseOtlpLogs(body: unknown, context: { nowMs: number }): OtlpLogs {
  const rejections = new Rejections();
  const events: OtlpEvent[] = [];
  let seen = 0;
  for (const fields of listNested(body, ["resourceLogs", "scopeLogs", "logRecords"])) {
    if (++seen > MAX_RECORDS) continue;
    const record = readRecord(fields);
    if (record === undefined) rejections.add("wrong_shape");
    else readEvent(record, { nowMs: context.nowMs, rejections, events });
  }
  return { events, rejected: rejections.counts, leftOut: Math.max(0, seen - MAX_RECORDS) };
}

interface Sink {
  nowMs: number;
  rejections: Rejections;
  events: OtlpEvent[];
}

function readEvent(record: OtlpRecord, sink: Sink): void {
  if (record.event === "conversation_starts") {
    const sessionId = sessionOf(record.attributes);
    if (sessionId !== undefined) sink.events.push({ kind: "conversation", sessionId });
    return;
  }
  const isCall = (record.event === "api_request" && !isCodexRequest(record)) || isCodexAnswer(record);
  if (!isCall && record.event !== "api_error") return;
  const atMs = plausibleTimeMs(record.atMs ?? NaN, sink.nowMs);
  if (atMs === undefined) return sink.rejections.add("bad_time");
  if (record.event === "api_error") {
    sink.events.push(readError(record.attributes, atMs));
    return;
  }
  const read = record.event === "api_request" ? readClaudeCall : readCodexCall;
  const call = read(record.attributes, { ...sink, atMs });
  if (call === undefined) return;
  sink.events.push({ kind: "call", call, ...optional("sessionId", sessionOf(record.attributes)) });
}

/** `response.completed` comes twice an answer: only the second has counts. */
function isCodexAnswer(record: OtlpRecord): boolean {
  return record.event === "sse_event" && record.attributes.get("event.kind") === "response.completed" &&
    record.attributes.has("input_token_count");
}

/** Codex has an event of this name for every request, with a status and without counts. */
function isCodexRequest(record: OtlpRecord): boolean {
  return record.isCodex || record.attributes.has("http.response.status_code") ||
    record.attributes.has("conversation.id");
}

interface CallContext {
  atMs: number;
  rejections: Rejections;
}

function readClaudeCall(attributes: Attributes, context: CallContext): ModelCall | undefined {
  const parsed = claudeSchema.safeParse(withAliases(attributes));
  if (!parsed.success) {
    context.rejections.add(rejectReason(parsed.error));
    return undefined;
  }
  const fields = parsed.data;
  const oneHour = fields.cache_creation_1h_tokens;
  const written = Math.max(fields.cache_creation_tokens, fields.cache_creation_5m_tokens + oneHour);
  const isAgent = fields.query_source?.startsWith("agent:") === true;
  const subagent = fields["agent.name"] ?? fields.agent_id ?? (isAgent ? fields.query_source : undefined);
  return {
    source: "otlp",
    key: fields.request_id ?? fallbackKey(attributes, context.atMs),
    ...optional("requestId", fields.request_id),
    model: fields.model,
    atMs: context.atMs,
    input: fields.input_tokens,
    cacheRead: fields.cache_read_tokens,
    cacheWrite5m: written - oneHour,
    cacheWrite1h: oneHour,
    output: fields.output_tokens,
    reasoning: 0,
    ...optional("speed", fields.speed),
    ...optional("serviceTier", fields.service_tier),
    ...optional("subagent", subagent),
    ...optional("purpose", fields.query_source),
    ...optional("reportedCostNanoUsd", fields.cost_usd ?? fields.cost_usd_micros),
    confidence: "exact",
  };
}

function readCodexCall(attributes: Attributes, context: CallContext): ModelCall | undefined {
  const parsed = codexSchema.safeParse(Object.fromEntries(attributes));
  if (!parsed.success) {
    context.rejections.add(rejectReason(parsed.error));
    return undefined;
  }
  const counts = normaliseCodexUsage({
    input_tokens: parsed.data.input_token_count,
    cached_input_tokens: parsed.data.cached_token_count,
    cache_write_input_tokens: parsed.data.cache_write_token_count,
    output_tokens: parsed.data.output_token_count,
    reasoning_output_tokens: parsed.data.reasoning_token_count,
  });
  if (counts === undefined) {
    context.rejections.add("bad_count");
    return undefined;
  }
  return {
    source: "otlp",
    key: fallbackKey(attributes, context.atMs),
    model: parsed.data.model,
    atMs: context.atMs,
    ...counts,
    confidence: "exact",
  };
}

/** The split by lifetime has been spelled both ways round. */
function withAliases(attributes: Attributes): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.fromEntries(attributes);
  for (const span of ["5m", "1h"]) {
    fields[`cache_creation_${span}_tokens`] ??= fields[`cache_creation_tokens_${span}`] ??
      fields[`cache_creation_${span}`];
  }
  return fields;
}

/** The same for every copy of a record that an exporter sends again. */
function fallbackKey(attributes: Attributes, atMs: number): string {
  const names = ["event.sequence", "event.timestamp", "input_tokens", "output_tokens", "input_token_count"];
  const rest = [...names, "cached_token_count", "output_token_count"].map((name) =>
    attributes.get(name) ?? ""
  );
  return [sessionOf(attributes) ?? "", atMs, ...rest].join(":").slice(0, 400);
}

function sessionOf(attributes: Attributes): string | undefined {
  const id = attributes.get("session.id") ?? attributes.get("conversation.id");
  return shortText.safeParse(id).data;
}

function readError(attributes: Attributes, atMs: number): OtlpEvent {
  const status = toNumber(attributes.get("status_code"));
  const message = attributes.get("error");
  return {
    kind: "api_error",
    atMs,
    ...optional("sessionId", sessionOf(attributes)),
    ...optional("model", shortText.safeParse(attributes.get("model")).data),
    ...optional("status", Number.isInteger(status) ? status : undefined),
    ...optional("message", typeof message === "string" ? message.slice(0, 500) : undefined),
  };
}
