// Writes answers in the form of OpenAI's Responses API.
import type { Answer, Part } from "./answer.ts";
import { type Frame, sliceText } from "./frame.ts";
import type { Lie } from "./script.ts";
import type { Usage } from "./usage.ts";

export interface ResponsesAnswer {
  responseId: string;
  model: string;
  answer: Answer;
  lie: Lie | undefined;
}

/** An error as OpenAI's APIs word it. */
export function openaiError(status: number): Record<string, unknown> {
  const type = status === 429
    ? "rate_limit_exceeded"
    : status < 500
    ? "invalid_request_error"
    : "server_error";
  return { error: { message: `Fake ${type} (${status})`, type, code: type, param: null } };
}

/** The answer in one piece. */
export function responsesObject(options: ResponsesAnswer): Record<string, unknown> {
  const { responseId, model, answer, lie } = options;
  const isWhole = answer.stop !== "max_tokens";
  return {
    id: responseId,
    object: "response",
    model,
    status: isWhole ? "completed" : "incomplete",
    incomplete_details: isWhole ? null : { reason: "max_output_tokens" },
    output: answer.parts.map((part, index) => fullItem(part, itemId(options, index))),
    usage: usageFields(answer.usage, lie),
  };
}

/** The answer as a stream of events. */
export function* responsesFrames(options: ResponsesAnswer): Generator<Frame> {
  const { responseId, model, answer } = options;
  const numbered = eventNumberer();
  const response = {
    id: responseId,
    object: "response",
    model,
    status: "in_progress",
    output: [],
    usage: null,
  };
  yield numbered({ type: "response.created", response });
  yield numbered({ type: "response.in_progress", response });
  for (const [index, part] of answer.parts.entries()) yield* itemFrames(options, { part, index, numbered });
  const type = answer.stop === "max_tokens" ? "response.incomplete" : "response.completed";
  const last = numbered({ type, response: responsesObject(options) });
  yield { ...last, tellsPrompt: true, tellsUsage: true };
}

type Numberer = (body: { type: string; [field: string]: unknown }, tokens?: number) => Frame;

function eventNumberer(): Numberer {
  let number = 0;
  return (body, tokens = 0) => ({
    data: `event: ${body.type}\ndata: ${JSON.stringify({ ...body, sequence_number: number++ })}\n\n`,
    tokens,
  });
}

interface Place {
  part: Part;
  index: number;
  numbered: Numberer;
}

function* itemFrames(options: ResponsesAnswer, { part, index, numbered }: Place): Generator<Frame> {
  const id = itemId(options, index);
  const item = fullItem(part, id);
  const at = { output_index: index, item_id: id };
  yield numbered({ type: "response.output_item.added", output_index: index, item: emptyItem(part, item) });
  if (part.kind === "text") {
    const empty = { type: "output_text", text: "", annotations: [] };
    yield numbered({ type: "response.content_part.added", ...at, content_index: 0, part: empty });
    for (const { text, tokens } of sliceText(part.text, part.tokens)) {
      yield numbered({ type: "response.output_text.delta", ...at, content_index: 0, delta: text }, tokens);
    }
    yield numbered({ type: "response.output_text.done", ...at, content_index: 0, text: part.text });
    yield numbered({
      type: "response.content_part.done",
      ...at,
      content_index: 0,
      part: { ...empty, text: part.text },
    });
  } else if (part.kind === "tool") yield* argumentFrames(part, { at, numbered });
  // Reasoning stays hidden: its tokens pass without a byte that shows them.
  else yield { data: ": thinking\n\n", tokens: part.tokens };
  yield numbered({ type: "response.output_item.done", output_index: index, item });
}

function* argumentFrames(
  part: Part & { kind: "tool" },
  { at, numbered }: { at: Record<string, unknown>; numbered: Numberer },
): Generator<Frame> {
  const isCode = typeof part.input === "string";
  const type = isCode ? "response.custom_tool_call_input" : "response.function_call_arguments";
  const text = argumentText(part);
  for (const slice of sliceText(text, part.tokens)) {
    yield numbered({ type: `${type}.delta`, ...at, delta: slice.text }, slice.tokens);
  }
  yield numbered({ type: `${type}.done`, ...at, ...(isCode ? { input: text } : { arguments: text }) });
}

function argumentText(part: Part & { kind: "tool" }): string {
  return typeof part.input === "string" ? part.input : JSON.stringify(part.input);
}

function fullItem(part: Part, id: string): Record<string, unknown> {
  if (part.kind === "thinking") return { type: "reasoning", id, summary: [], encrypted_content: "ZmFrZQ==" };
  if (part.kind === "text") {
    const content = [{ type: "output_text", text: part.text, annotations: [] }];
    return { type: "message", id, role: "assistant", status: "completed", content };
  }
  const call = { id, call_id: `call_${id}`, name: part.name, status: "completed", ...namespaceOf(part) };
  return typeof part.input === "string"
    ? { type: "custom_tool_call", ...call, input: part.input }
    : { type: "function_call", ...call, arguments: argumentText(part) };
}

function namespaceOf({ namespace }: { namespace?: string }): { namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}

function emptyItem(part: Part, item: Record<string, unknown>): Record<string, unknown> {
  if (part.kind === "text") return { ...item, status: "in_progress", content: [] };
  if (part.kind === "thinking") return item;
  return {
    ...item,
    status: "in_progress",
    ...(typeof part.input === "string" ? { input: "" } : { arguments: "" }),
  };
}

function itemId({ responseId }: ResponsesAnswer, index: number): string {
  return `item_${responseId.slice("resp_".length)}_${index}`;
}

/** `input_tokens` has everything of the prompt in it, as the API counts. */
function usageFields(usage: Usage, lie: Lie | undefined): Record<string, unknown> | null {
  if (lie === "missing") return null;
  const input = usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;
  const output = lie === "negative" ? -usage.output : lie === "absurd" ? 1e15 : usage.output;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + output,
  };
}
