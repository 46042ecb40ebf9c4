// Writes answers in the form of OpenAI's Chat Completions API.
import type { Answer, Part } from "./answer.ts";
import { type Frame, sliceText } from "./frame.ts";
import type { Lie } from "./script.ts";
import type { Usage } from "./usage.ts";

export interface ChatAnswer {
  completionId: string;
  model: string;
  answer: Answer;
  lie: Lie | undefined;
  /** The client asked for usage at the end of the stream. */
  includeUsage: boolean;
}

const FINISH_REASONS = { end: "stop", tool: "tool_calls", max_tokens: "length" } as const;

/** The answer in one piece. */
export function chatCompletion({ completionId, model, answer, lie }: ChatAnswer): Record<string, unknown> {
  const text = answer.parts.map((part) => part.kind === "text" ? part.text : "").join("");
  const calls = answer.parts.map(toolCall).filter((call) => call !== undefined);
  const message = {
    role: "assistant",
    content: text || null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  return {
    id: completionId,
    object: "chat.completion",
    model,
    choices: [{ index: 0, message, finish_reason: FINISH_REASONS[answer.stop] }],
    usage: usageFields(answer.usage, lie),
  };
}

/** The answer as a stream of chunks. */
export function* chatFrames(options: ChatAnswer): Generator<Frame> {
  const { answer, lie, includeUsage } = options;
  yield chunk(options, { delta: { role: "assistant", content: "" } });
  for (const [index, part] of answer.parts.entries()) yield* partFrames(options, { part, index });
  yield chunk(options, { delta: {}, finish_reason: FINISH_REASONS[answer.stop] });
  if (includeUsage) {
    const body = { ...head(options), choices: [], usage: usageFields(answer.usage, lie) };
    yield { ...line(JSON.stringify(body)), tellsPrompt: true, tellsUsage: true };
  }
  yield line("[DONE]");
}

function* partFrames(options: ChatAnswer, { part, index }: { part: Part; index: number }): Generator<Frame> {
  if (part.kind === "text") {
    for (const { text, tokens } of sliceText(part.text, part.tokens)) {
      yield { ...chunk(options, { delta: { content: text } }), tokens };
    }
  } else if (part.kind === "tool") {
    yield { ...chunk(options, { delta: { tool_calls: [toolCall(part, index)] } }), tokens: part.tokens };
  } // Reasoning stays hidden: its tokens pass without a byte that shows them.
  else yield { data: ": thinking\n\n", tokens: part.tokens };
}

function toolCall(part: Part, index: number): Record<string, unknown> | undefined {
  if (part.kind !== "tool") return undefined;
  const call = { name: part.name, arguments: JSON.stringify(part.input) };
  return { index, id: `call_${index}`, type: "function", function: call };
}

function head({ completionId, model }: ChatAnswer): Record<string, unknown> {
  return { id: completionId, object: "chat.completion.chunk", model };
}

function chunk(options: ChatAnswer, choice: Record<string, unknown>): Frame {
  return line(JSON.stringify({ ...head(options), choices: [{ index: 0, finish_reason: null, ...choice }] }));
}

function line(data: string): Frame {
  return { data: `data: ${data}\n\n`, tokens: 0 };
}

function usageFields(usage: Usage, lie: Lie | undefined): Record<string, unknown> | null {
  if (lie === "missing") return null;
  const input = usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;
  const output = lie === "negative" ? -usage.output : lie === "absurd" ? 1e15 : usage.output;
  return {
    prompt_tokens: input,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
    completion_tokens: output,
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + output,
  };
}
