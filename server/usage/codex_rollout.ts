// Codex's rollout lines to model calls: one per usage record, or per step of the running total in older versions.

import * as z from "zod";
import { type ModelCall, type TokenCounts, UNKNOWN_MODEL } from "./model_call.ts";
import type { LineContext } from "./claude_transcript.ts";
import {
  MAX_TOKENS_PER_CALL,
  maybe,
  optional,
  parseJsonObject,
  parseTimeMs,
  Rejections,
  rejectReason,
  shortText,
  tokenTotal,
} from "./usage_fields.ts";

export type CodexEvent =
  /** A call, or a better version of one: replaces what has the same key. */
  | { kind: "call"; call: ModelCall }
  | { kind: "prompt"; atMs: number; turnId?: string }
  /**
   * After `interrupted` an answer may have been paid for that no rollout records. `error` is why the conversation's turn
   * failed, in the provider's words: untrusted.
   */
  | { kind: "turn_end"; atMs: number; outcome: "complete" | "interrupted"; turnId?: string; error?: string }
  | { kind: "context"; atMs: number; usedTokens: number; sizeTokens?: number };

/** Everything a parser needs to go on with a file that it has read before; plain JSON. */
export interface CodexRolloutState {
  model: string;
  serviceTier?: string;
  /** The running total that has been turned into calls. */
  accounted: CodexUsage;
  /** The key of the last call, if it came from a running total and its record may still follow. */
  unconfirmedKey?: string;
}

export interface CodexRolloutOptions {
  /** Lines that start before this offset were written by an earlier run: they are read and not reported. */
  baselineOffset?: number;
  /** From an earlier parser of the same file that stopped where this one starts. */
  state?: CodexRolloutState;
}

/** Usage in Codex's own terms: `input_tokens` includes both cache parts. */
export type CodexUsage = z.output<typeof usageSchema>;

const INTERESTING =
  /"type"\s*:\s*"(?:token_usage_record|turn_context|token_count|task_started|task_complete|turn_aborted|thread_settings_applied|user_message)"/;
const NO_USAGE: CodexUsage = {
  input_tokens: 0,
  cached_input_tokens: 0,
  cache_write_input_tokens: 0,
  output_tokens: 0,
  reasoning_output_tokens: 0,
};
const USAGE_FIELDS = Object.keys(NO_USAGE) as Array<keyof CodexUsage>;

const count = tokenTotal.nullish().transform((value) => value ?? 0);
const usageSchema = z.object({
  input_tokens: tokenTotal,
  cached_input_tokens: count,
  cache_write_input_tokens: count,
  output_tokens: tokenTotal,
  reasoning_output_tokens: count,
});

const recordSchema = z.object({
  response_id: shortText,
  usage: usageSchema,
  thread_token_usage: maybe(usageSchema),
});

const tokenCountSchema = z.object({
  info: maybe(z.object({
    total_token_usage: usageSchema,
    last_token_usage: maybe(usageSchema),
    model_context_window: maybe(tokenTotal),
  })),
});

/** Of a turn of the conversation itself: what a sub-agent fails at its parent is told of. */
const failureSchema = z.object({
  turn_id: z.string(),
  root_turn_id: z.string().optional(),
  error: z.object({ message: z.string() }),
}).refine(({ turn_id, root_turn_id = turn_id }) => turn_id === root_turn_id);

const errorAnswerSchema = z.object({ error: z.object({ message: z.string() }) });

const settingsSchema = z.object({
  thread_settings: z.object({ model: maybe(shortText), service_tier: maybe(z.string().max(64)) }),
});

/** Reads one rollout file, line by line; never throws, whatever the line. */
export class CodexRollout {
  readonly #options: CodexRolloutOptions;
  readonly #rejections = new Rejections();
  #state: CodexRolloutState;

  constructor(options: CodexRolloutOptions = {}) {
    this.#options = options;
    this.#state = structuredClone(options.state ?? { model: UNKNOWN_MODEL, accounted: NO_USAGE });
  }

  /** Lines that looked like usage and were refused, by reason. */
  get rejected(): Rejections["counts"] {
    return this.#rejections.counts;
  }

  /** A copy, to be kept beside the offset up to which the file has been read. */
  get state(): CodexRolloutState {
    return structuredClone(this.#state);
  }

  /** What a complete line says; nothing for types that carry no usage. */
  feed(line: string, context: LineContext): CodexEvent[] {
    if (!INTERESTING.test(line)) return [];
    const fields = parseJsonObject(line);
    if (fields === undefined) {
      this.#rejections.add("not_json");
      return [];
    }
    const events = this.#read(fields, context.nowMs);
    return (context.offset ?? Infinity) < (this.#options.baselineOffset ?? 0) ? [] : events;
  }

  #read(fields: Record<string, unknown>, nowMs: number): CodexEvent[] {
    const payload = fields.payload;
    if (typeof payload !== "object" || payload === null) return [];
    const atMs = typeof fields.timestamp === "string" ? parseTimeMs(fields.timestamp, nowMs) : undefined;
    if (fields.type === "turn_context") return this.#readModel(payload);
    if (fields.type === "token_usage_record") return this.#readRecord(payload, atMs);
    return fields.type === "event_msg" ? this.#readMessage(payload as Record<string, unknown>, atMs) : [];
  }

  #readMessage(payload: Record<string, unknown>, atMs: number | undefined): CodexEvent[] {
    const turnId = optional("turnId", typeof payload.turn_id === "string" ? payload.turn_id : undefined);
    switch (payload.type) {
      case "token_count":
        return this.#readTotal(payload, atMs);
      case "thread_settings_applied":
        return this.#readSettings(payload);
      case "task_started":
        return atMs === undefined ? [] : [{ kind: "prompt", atMs, ...turnId }];
      case "task_complete":
        return atMs === undefined ? [] : [{
          kind: "turn_end",
          atMs,
          outcome: "complete",
          ...turnId,
          ...optional("error", errorOf(payload)),
        }];
      case "turn_aborted":
        return atMs === undefined ? [] : [{ kind: "turn_end", atMs, outcome: "interrupted", ...turnId }];
      default:
        return [];
    }
  }

  #readModel(payload: object): CodexEvent[] {
    const model = "model" in payload ? shortText.safeParse(payload.model) : undefined;
    if (model?.success) this.#state.model = model.data;
    return [];
  }

  #readSettings(payload: Record<string, unknown>): CodexEvent[] {
    const parsed = settingsSchema.safeParse(payload);
    if (!parsed.success) return [];
    const settings = parsed.data.thread_settings;
    if (typeof settings.model === "string") this.#state.model = settings.model;
    if (typeof settings.service_tier === "string") this.#state.serviceTier = settings.service_tier;
    else delete this.#state.serviceTier;
    return [];
  }

  #readRecord(payload: object, atMs: number | undefined): CodexEvent[] {
    const record = this.#check(recordSchema, payload, atMs);
    if (record === undefined || atMs === undefined) return [];
    const counts = this.#normalise(record.usage);
    if (counts === undefined) return [];
    const key = this.#keyOfRecord(record);
    this.#state.accounted = record.thread_token_usage ?? addUsage(this.#state.accounted, record.usage);
    delete this.#state.unconfirmedKey;
    return [{
      kind: "call",
      call: { ...this.#call(key, atMs), ...counts, messageId: record.response_id, confidence: "exact" },
    }];
  }

  /** A total that was read before its record has made a call already: the record then takes its place. */
  #keyOfRecord(record: z.output<typeof recordSchema>): string {
    const unconfirmed = this.#state.unconfirmedKey;
    const total = record.thread_token_usage;
    const isAccounted = unconfirmed !== undefined && total && sameUsage(total, this.#state.accounted);
    return isAccounted ? unconfirmed : record.response_id;
  }

  #readTotal(payload: Record<string, unknown>, atMs: number | undefined): CodexEvent[] {
    const info = this.#check(tokenCountSchema, payload, atMs)?.info;
    if (!info || atMs === undefined) return [];
    const events: CodexEvent[] = [];
    const step = this.#stepTo(info.total_token_usage, info.last_token_usage ?? undefined);
    const counts = step === undefined ? undefined : this.#normalise(step);
    if (counts !== undefined) {
      const key = `total:${USAGE_FIELDS.map((field) => info.total_token_usage[field]).join(":")}`;
      events.push({
        kind: "call",
        call: { ...this.#call(key, atMs), ...counts, confidence: "reported" },
      });
      this.#state.unconfirmedKey = key;
    }
    this.#state.accounted = info.total_token_usage;
    const used = info.last_token_usage;
    if (used) {
      const size = optional("sizeTokens", info.model_context_window);
      events.push({ kind: "context", atMs, usedTokens: used.input_tokens + used.output_tokens, ...size });
    }
    return events;
  }

  /** What a running total adds to the calls so far; undefined when their records have accounted for it. */
  #stepTo(total: CodexUsage, last: CodexUsage | undefined): CodexUsage | undefined {
    const before = this.#state.accounted;
    if (sameUsage(total, before)) return undefined;
    // A total that went down starts anew (another thread, an edited history): only its last answer is new.
    if (USAGE_FIELDS.some((field) => total[field] < before[field])) return last;
    const step = { ...total };
    for (const field of USAGE_FIELDS) step[field] = total[field] - before[field];
    return step;
  }

  #call(key: string, atMs: number): Pick<ModelCall, "source" | "key" | "model" | "atMs" | "serviceTier"> {
    const { model, serviceTier } = this.#state;
    return { source: "transcript", key, model, atMs, ...optional("serviceTier", serviceTier) };
  }

  #normalise(usage: CodexUsage): (TokenCounts & { reasoning: number }) | undefined {
    const counts = normaliseCodexUsage(usage);
    if (counts === undefined) this.#rejections.add("bad_count");
    return counts;
  }

  #check<Schema extends z.ZodType>(
    schema: Schema,
    fields: object,
    atMs: number | undefined,
  ): z.output<Schema> | undefined {
    const parsed = schema.safeParse(fields);
    if (parsed.success && atMs !== undefined) return parsed.data;
    this.#rejections.add(parsed.success ? "bad_time" : rejectReason(parsed.error));
    return undefined;
  }
}

/** OpenAI's counts in exclusive classes; undefined when they contradict each other or are absurd. */
export function normaliseCodexUsage(usage: CodexUsage): (TokenCounts & { reasoning: number }) | undefined {
  if (usage.cached_input_tokens > usage.input_tokens) return undefined;
  if (Math.max(usage.input_tokens, usage.output_tokens) > MAX_TOKENS_PER_CALL) return undefined;
  return {
    input: Math.max(0, usage.input_tokens - usage.cached_input_tokens - usage.cache_write_input_tokens),
    cacheRead: usage.cached_input_tokens,
    cacheWrite5m: usage.cache_write_input_tokens,
    cacheWrite1h: 0,
    output: usage.output_tokens,
    reasoning: Math.min(usage.reasoning_output_tokens, usage.output_tokens),
  };
}

function sameUsage(left: CodexUsage, right: CodexUsage): boolean {
  return USAGE_FIELDS.every((field) => left[field] === right[field]);
}

function addUsage(left: CodexUsage, right: CodexUsage): CodexUsage {
  const sum = { ...left };
  for (const field of USAGE_FIELDS) sum[field] += right[field];
  return sum;
}

/** A provider's answer stands there as it came. */
function errorOf(payload: Record<string, unknown>): string | undefined {
  const failure = failureSchema.safeParse(payload);
  if (!failure.success) return undefined;
  const { message } = failure.data.error;
  const answer = errorAnswerSchema.safeParse(parseJsonObject(message));
  return answer.success ? answer.data.error.message : message;
}
