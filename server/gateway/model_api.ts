// The APIs whose calls are metered, told apart by path, and a reader for the answers of each.
import { AnthropicAnswer } from "./anthropic_answer.ts";
import type { AnswerReader } from "./answer_reader.ts";
import { ChatAnswer } from "./chat_answer.ts";
import { ResponsesAnswer } from "./responses_answer.ts";

/** Whose address an agent was given: its requests go to that provider's upstream. */
export type Dialect = "anthropic" | "openai";
export type ModelApi = "messages" | "responses" | "chat";

/** The API that a request pays for; undefined for what costs nothing, or what nobody here can meter. */
export function modelApiOf(request: { method: string; path: string }): ModelApi | undefined {
  if (request.method !== "POST") return undefined;
  if (/\/messages$/.test(request.path)) return "messages";
  if (/\/responses$/.test(request.path)) return "responses";
  return /\/chat\/completions$/.test(request.path) ? "chat" : undefined;
}

export function createAnswerReader(api: ModelApi): AnswerReader {
  if (api === "messages") return new AnthropicAnswer();
  return api === "responses" ? new ResponsesAnswer() : new ChatAnswer();
}
