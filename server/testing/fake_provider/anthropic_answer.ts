// Writes answers in the form of the Anthropic Messages API.
import type { Answer, Part } from "./answer.ts";
import { type Frame, type Slice, sliceText, thinkingText } from "./frame.ts";
import type { Lie } from "./script.ts";
import type { Usage } from "./usage.ts";

export interface AnthropicAnswer {
  messageId: string;
  model: string;
  answer: Answer;
  lie: Lie | undefined;
}

/** `request_id` and the message as the API words it. */
export function anthropicError(status: number, requestId: string): Record<string, unknown> {
  const type = ERROR_TYPES[status] ?? "api_error";
  return { type: "error", error: { type, message: `Fake ${type} (${status})` }, request_id: requestId };
}

const ERROR_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  529: "overloaded_error",
};

const STOP_REASONS = { end: "end_turn", tool: "tool_use", max_tokens: "max_tokens" } as const;

/** The answer in one piece. */
export function anthropicMessage(options: AnthropicAnswer): Record<string, unknown> {
  const { answer, lie } = options;
  return {
    ...messageStart(options),
    content: answer.parts.map((part, index) => fullBlock(part, toolId(options, index))),
    stop_reason: STOP_REASONS[answer.stop],
    usage: usageFields(answer.usage, lie),
  };
}

/** The answer as a stream of events. */
export function* anthropicFrames(options: AnthropicAnswer): Generator<Frame> {
  const { answer, lie } = options;
  const early = { ...answer.usage, output: 1, reasoning: 0 };
  const message = { ...messageStart(options), usage: usageFields(early, lie) };
  yield { ...event({ type: "message_start", message }), tellsPrompt: true };
  yield event({ type: "ping" });
  for (const [index, part] of answer.parts.entries()) yield* blockFrames(options, { part, index });
  yield {
    ...event({
      type: "message_delta",
      delta: { stop_reason: STOP_REASONS[answer.stop], stop_sequence: null },
      usage: usageFields(answer.usage, lie),
    }),
    tellsUsage: true,
  };
  yield event({ type: "message_stop" });
}

function messageStart({ messageId, model }: AnthropicAnswer): Record<string, unknown> {
  const empty = { content: [], stop_reason: null, stop_sequence: null };
  return { id: messageId, type: "message", role: "assistant", model, ...empty };
}

function* blockFrames(
  options: AnthropicAnswer,
  { part, index }: { part: Part; index: number },
): Generator<Frame> {
  const id = toolId(options, index);
  yield event({ type: "content_block_start", index, content_block: emptyBlock(part, id) });
  for (const slice of slicesOf(part)) {
    yield event({ type: "content_block_delta", index, delta: deltaOf(part, slice) }, slice.tokens);
  }
  if (part.kind === "thinking") {
    yield event({
      type: "content_block_delta",
      index,
      delta: { type: "signature_delta", signature: "ZmFrZQ==" },
    });
  }
  yield event({ type: "content_block_stop", index });
}

function slicesOf(part: Part): Slice[] {
  if (part.kind === "thinking") return sliceText(thinkingText(part.tokens), part.tokens);
  if (part.kind === "text") return sliceText(part.text, part.tokens);
  return sliceText(JSON.stringify(part.input), part.tokens);
}

function deltaOf(part: Part, { text }: Slice): Record<string, unknown> {
  if (part.kind === "thinking") return { type: "thinking_delta", thinking: text };
  return part.kind === "text"
    ? { type: "text_delta", text }
    : { type: "input_json_delta", partial_json: text };
}

function emptyBlock(part: Part, id: string): Record<string, unknown> {
  if (part.kind === "thinking") return { type: "thinking", thinking: "", signature: "" };
  return part.kind === "text"
    ? { type: "text", text: "" }
    : { type: "tool_use", id, name: part.name, input: {} };
}

function fullBlock(part: Part, id: string): Record<string, unknown> {
  if (part.kind === "thinking") {
    return { type: "thinking", thinking: thinkingText(part.tokens), signature: "ZmFrZQ==" };
  }
  if (part.kind === "text") return { type: "text", text: part.text };
  return { type: "tool_use", id, name: part.name, input: part.input };
}

function toolId({ messageId }: AnthropicAnswer, index: number): string {
  return `toolu_${messageId.slice("msg_".length)}_${index}`;
}

function usageFields(usage: Usage, lie: Lie | undefined): Record<string, unknown> | undefined {
  if (lie === "missing") return undefined;
  const output = lie === "negative" ? -usage.output : lie === "absurd" ? 1e15 : usage.output;
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWrite5m,
      ephemeral_1h_input_tokens: usage.cacheWrite1h,
    },
    output_tokens: output,
    output_tokens_details: { thinking_tokens: usage.reasoning },
    service_tier: "standard",
    inference_geo: "global",
  };
}

function event(body: { type: string; [field: string]: unknown }, tokens = 0): Frame {
  return { data: `event: ${body.type}\ndata: ${JSON.stringify(body)}\n\n`, tokens };
}
