// Claude Code's transcript lines to model calls: one per message id, however many lines an answer takes.

import * as z from "zod";
import { claudeUsageFields, readPasses, toCounts } from "./claude_passes.ts";
import { type ModelCall, sumPasses } from "./model_call.ts";
import {
  maybe,
  optional,
  parseJsonObject,
  parseTimeMs,
  Rejections,
  rejectReason,
  reportedCost,
  shortText,
  tokenCount,
  tokenTotal,
} from "./usage_fields.ts";

/** What the CLI says a session has cost over all its runs, sub-agents and interrupted answers included. */
export interface SessionTotal {
  costNanoUsd: number;
  models: Array<{
    model: string;
    input: number;
    output: number;
    cacheRead: number;
    cacheWrite: number;
    costNanoUsd: number;
  }>;
}

export type ClaudeEvent =
  /** A call, or a better version of one: replaces what has the same key. */
  | { kind: "call"; call: ModelCall }
  | { kind: "session_total"; total: SessionTotal }
  /** The user asked something: a turn begins. */
  | { kind: "prompt"; atMs: number; promptId?: string }
  | { kind: "turn_end"; atMs: number; outcome: "complete" | "interrupted" };

export interface ClaudeTranscriptOptions {
  /** Lines that start before this offset were written by an earlier run: they are read and not reported. */
  baselineOffset?: number;
  /** For a sub-agent's own file: the name its calls are marked with where a line has none. */
  subagent?: string;
}

/** Where a line stands and what time it is, for the checks that need it. */
export interface LineContext {
  nowMs: number;
  /** Bytes from the start of the file; needed only with a `baselineOffset`. */
  offset?: number;
}

/** Ids whose last version is remembered, so that an interruption can mark one; answers come in a row. */
const MAX_REMEMBERED_CALLS = 256;
/** The model name of lines that the CLI wrote itself, such as API errors. */
const SYNTHETIC_MODEL = "<synthetic>";
/** Cheap test that spares most lines (attachments, request blobs) the JSON parser. */
const INTERESTING = /"type"\s*:\s*"(?:assistant|user|system|cost-state)"/;

const usageSchema = z.object({
  ...claudeUsageFields,
  output_tokens_details: maybe(z.object({ thinking_tokens: maybe(tokenCount) })),
  server_tool_use: maybe(z.object({
    web_search_requests: maybe(tokenCount),
    web_fetch_requests: maybe(tokenCount),
  })),
  service_tier: maybe(z.string().max(64)),
  speed: maybe(z.string().max(64)),
  inference_geo: maybe(z.string().max(64)),
  iterations: z.unknown().optional(),
});

const assistantSchema = z.object({
  timestamp: z.string(),
  isSidechain: maybe(z.boolean()),
  agentId: maybe(shortText),
  requestId: maybe(shortText),
  isApiErrorMessage: maybe(z.boolean()),
  message: z.object({
    id: shortText,
    model: shortText,
    stop_reason: maybe(z.string().max(64)),
    usage: usageSchema,
  }),
});

const userSchema = z.object({
  timestamp: z.string(),
  isMeta: maybe(z.boolean()),
  isSidechain: maybe(z.boolean()),
  isCompactSummary: maybe(z.boolean()),
  promptId: maybe(shortText),
  promptSource: maybe(z.string()),
  interruptedMessageId: maybe(shortText),
  message: z.object({ content: z.unknown() }),
});

const costStateSchema = z.object({
  totalCostUSD: reportedCost,
  modelUsage: maybe(z.record(
    shortText,
    z.object({
      inputTokens: tokenTotal,
      outputTokens: tokenTotal,
      cacheReadInputTokens: tokenTotal,
      cacheCreationInputTokens: tokenTotal,
      costUSD: reportedCost,
    }),
  )),
});

/** Reads one transcript file, line by line; never throws, whatever the line. */
export class ClaudeTranscript {
  readonly #options: ClaudeTranscriptOptions;
  readonly #rejections = new Rejections();
  readonly #recent = new Map<string, ModelCall>();
  #baselineTotal: SessionTotal | undefined;

  constructor(options: ClaudeTranscriptOptions = {}) {
    this.#options = options;
  }

  /** Lines that looked like usage and were refused, by reason. */
  get rejected(): Rejections["counts"] {
    return this.#rejections.counts;
  }

  /** The last session total below the baseline: later totals of a resumed session go on from it. */
  get baselineTotal(): SessionTotal | undefined {
    return this.#baselineTotal;
  }

  /** What a complete line says; nothing for types that carry no usage. */
  feed(line: string, context: LineContext): ClaudeEvent[] {
    if (!INTERESTING.test(line)) return [];
    const fields = parseJsonObject(line);
    if (fields === undefined) {
      this.#rejections.add("not_json");
      return [];
    }
    const events = this.#read(fields, context.nowMs);
    const isHistory = (context.offset ?? Infinity) < (this.#options.baselineOffset ?? 0);
    if (!isHistory) return events;
    for (const event of events) if (event.kind === "session_total") this.#baselineTotal = event.total;
    return [];
  }

  #read(fields: Record<string, unknown>, nowMs: number): ClaudeEvent[] {
    switch (fields.type) {
      case "assistant":
        return this.#readAssistant(fields, nowMs);
      case "user":
        return this.#readUser(fields, nowMs);
      case "system":
        return readTurnEnd(fields, nowMs);
      case "cost-state":
        return this.#readCostState(fields);
      default:
        return [];
    }
  }

  #readAssistant(fields: Record<string, unknown>, nowMs: number): ClaudeEvent[] {
    if (isSynthetic(fields)) return [];
    const line = this.#check(assistantSchema, fields);
    if (line === undefined || line.isApiErrorMessage === true) return [];
    const atMs = parseTimeMs(line.timestamp, nowMs);
    if (atMs === undefined) {
      this.#rejections.add("bad_time");
      return [];
    }
    return this.#emit(toCall(line, { atMs, subagent: this.#options.subagent }));
  }

  #readUser(fields: Record<string, unknown>, nowMs: number): ClaudeEvent[] {
    const parsed = userSchema.safeParse(fields);
    if (!parsed.success) return [];
    const line = parsed.data;
    const atMs = parseTimeMs(line.timestamp, nowMs);
    if (atMs === undefined) return [];
    if (isInterruption(line)) {
      return [...this.#interrupt(line.interruptedMessageId), {
        kind: "turn_end",
        atMs,
        outcome: "interrupted",
      }];
    }
    return isPrompt(line) ? [{ kind: "prompt", atMs, ...optional("promptId", line.promptId) }] : [];
  }

  #readCostState(fields: Record<string, unknown>): ClaudeEvent[] {
    const state = this.#check(costStateSchema, fields);
    if (state === undefined) return [];
    const models = Object.entries(state.modelUsage ?? {}).map(([model, usage]) => ({
      model,
      input: usage.inputTokens,
      output: usage.outputTokens,
      cacheRead: usage.cacheReadInputTokens,
      cacheWrite: usage.cacheCreationInputTokens,
      costNanoUsd: usage.costUSD,
    }));
    return [{ kind: "session_total", total: { costNanoUsd: state.totalCostUSD, models } }];
  }

  /** The unfinished call, now marked; an answer that had finished (a tool was refused) stays as it is. */
  #interrupt(messageId: string | null | undefined): ClaudeEvent[] {
    const call = this.#recent.get(messageId ?? "");
    return call?.incomplete === "unfinished" ? this.#emit({ ...call, incomplete: "interrupted" }) : [];
  }

  #emit(call: ModelCall): ClaudeEvent[] {
    const before = this.#recent.get(call.key);
    const isInterrupted = before?.incomplete === "interrupted" && call.incomplete === "unfinished";
    const next: ModelCall = { ...call, atMs: before?.atMs ?? call.atMs };
    if (isInterrupted) next.incomplete = "interrupted";
    this.#recent.delete(call.key);
    this.#recent.set(call.key, next);
    const oldest = this.#recent.keys().next();
    if (this.#recent.size > MAX_REMEMBERED_CALLS && !oldest.done) this.#recent.delete(oldest.value);
    return before !== undefined && sameUsage(before, next) ? [] : [{ kind: "call", call: next }];
  }

  #check<Schema extends z.ZodType>(
    schema: Schema,
    fields: Record<string, unknown>,
  ): z.output<Schema> | undefined {
    const parsed = schema.safeParse(fields);
    if (parsed.success) return parsed.data;
    this.#rejections.add(rejectReason(parsed.error));
    return undefined;
  }
}

function toCall(
  line: z.output<typeof assistantSchema>,
  where: { atMs: number; subagent: string | undefined },
): ModelCall {
  const { message } = line;
  const { usage } = message;
  const finished = typeof message.stop_reason === "string";
  const webSearches = usage.server_tool_use?.web_search_requests ?? 0;
  const totals = toCounts(usage);
  const passes = readPasses(usage.iterations, { model: message.model, ...totals });
  const counts = passes === undefined ? totals : sumPasses(passes);
  const subagent = line.agentId ?? where.subagent ?? (line.isSidechain === true ? "sidechain" : undefined);
  return {
    source: "transcript",
    key: message.id,
    messageId: message.id,
    ...optional("requestId", line.requestId),
    model: message.model,
    atMs: where.atMs,
    ...counts,
    ...optional("passes", passes),
    reasoning: Math.min(usage.output_tokens_details?.thinking_tokens ?? 0, counts.output),
    serverToolUses: webSearches + (usage.server_tool_use?.web_fetch_requests ?? 0),
    webSearches,
    ...optional("serviceTier", usage.service_tier),
    ...optional("speed", usage.speed),
    ...optional("inferenceGeo", usage.inference_geo || undefined),
    ...optional("subagent", subagent),
    confidence: finished ? "exact" : "reported",
    ...(finished ? {} : { incomplete: "unfinished" as const }),
  };
}

function isSynthetic(fields: Record<string, unknown>): boolean {
  const message = fields.message;
  return typeof message === "object" && message !== null && "model" in message &&
    message.model === SYNTHETIC_MODEL;
}

function isInterruption(line: z.output<typeof userSchema>): boolean {
  return typeof line.interruptedMessageId === "string" ||
    textOf(line.message.content).startsWith("[Request interrupted by user");
}

/** Typed or sent by the user, as opposed to tool results and what the CLI writes under the user's name. */
function isPrompt(line: z.output<typeof userSchema>): boolean {
  if (line.isMeta === true || line.isSidechain === true || line.isCompactSummary === true) return false;
  if (typeof line.promptSource === "string") return true;
  const text = textOf(line.message.content);
  return text !== "" && !/^<(?:local-)?command-/.test(text);
}

/** The text of a message without tool results, "" when it is something else. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  const first: unknown = content[0];
  const isText = typeof first === "object" && first !== null && "text" in first;
  return isText && typeof first.text === "string" ? first.text : "";
}

function readTurnEnd(fields: Record<string, unknown>, nowMs: number): ClaudeEvent[] {
  if (fields.subtype !== "turn_duration" || typeof fields.timestamp !== "string") return [];
  const atMs = parseTimeMs(fields.timestamp, nowMs);
  return atMs === undefined ? [] : [{ kind: "turn_end", atMs, outcome: "complete" }];
}

function sameUsage(left: ModelCall, right: ModelCall): boolean {
  return left.input === right.input && left.output === right.output && left.cacheRead === right.cacheRead &&
    left.cacheWrite5m === right.cacheWrite5m && left.cacheWrite1h === right.cacheWrite1h &&
    left.incomplete === right.incomplete && left.model === right.model &&
    left.serverToolUses === right.serverToolUses && left.reasoning === right.reasoning;
}
