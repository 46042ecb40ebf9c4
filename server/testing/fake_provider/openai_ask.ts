// Reads requests of OpenAI's Responses API, as Codex sends them, and of Chat Completions.
import * as z from "zod";
import { type Ask, type Lane, readTurns, type Turn } from "./ask.ts";

const textPart = z.looseObject({ text: z.string().optional(), encrypted_content: z.string().optional() });
const content = z.union([z.string(), z.array(textPart)]).nullish();
const tool = z.looseObject({
  type: z.string().optional(),
  name: z.string().optional(),
  function: z.looseObject({ name: z.string() }).optional(),
  get tools() {
    return z.array(tool).optional();
  },
});
type Tool = z.output<typeof tool>;

const item = z.looseObject({
  type: z.string().default("message"),
  role: z.string().optional(),
  content,
  tools: z.array(tool).optional(),
});
type Item = z.output<typeof item>;

const responsesSchema = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  max_output_tokens: z.number().int().positive().nullish(),
  input: z.union([z.string().transform((text): Item[] => [userItem(text)]), z.array(item)]),
  tools: z.array(tool).default([]),
});
const chatSchema = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  messages: z.array(item),
  tools: z.array(tool).default([]),
});

/** What Codex puts into user messages by itself. */
const ADDED_BY_CLIENT = /^\s*<(environment_context|user_instructions|turn_aborted|recommended_plugins|skill)/;
const ANSWER_ITEMS = ["reasoning", "function_call", "custom_tool_call", "local_shell_call"];

/** Throws a ZodError for what is no request of this API. */
export function readResponsesAsk(body: unknown, headers: Headers): Ask {
  const request = responsesSchema.parse(body);
  const extra = request.input.flatMap((entry) => entry.type === "additional_tools" ? entry.tools ?? [] : []);
  return {
    api: "responses",
    model: request.model,
    lane: laneOf(request.input, headers),
    stream: request.stream,
    tools: new Set([...request.tools, ...extra].flatMap((entry) => toolNames(entry))),
    maxOutputTokens: request.max_output_tokens ?? undefined,
    sessionId: headers.get("session-id") ?? headers.get("session_id") ?? undefined,
    ...readTurns(request.input.map(readItem).filter((turn) => turn !== undefined)),
  };
}

/** Throws a ZodError for what is no request of this API. */
export function readChatAsk(body: unknown): Ask {
  const request = chatSchema.parse(body);
  return {
    api: "chat",
    model: request.model,
    lane: "main",
    stream: request.stream,
    tools: new Set(request.tools.flatMap((entry) => toolNames(entry))),
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
    sessionId: undefined,
    ...readTurns(request.messages.map(readItem).filter((turn) => turn !== undefined)),
  };
}

function userItem(text: string): Item {
  return { type: "message", role: "user", content: text };
}

function readItem(entry: Item): Turn | undefined {
  if (ANSWER_ITEMS.includes(entry.type)) return { role: "assistant", text: "" };
  if (entry.type.endsWith("_call_output")) return { role: "other", text: "" };
  // How agents of one team talk: a task is the prompt of its sub-agent, results are not.
  if (entry.type === "agent_message") {
    const text = textOf(entry);
    return text.includes("Message Type: NEW_TASK") ? { role: "user", text } : { role: "other", text: "" };
  }
  if (entry.type !== "message") return undefined;
  if (entry.role === "assistant") return { role: "assistant", text: "" };
  return entry.role === "user" ? { role: "user", text: promptIn(entry) } : { role: "other", text: "" };
}

function promptIn(entry: Item): string {
  const text = textOf(entry);
  return ADDED_BY_CLIENT.test(text) ? "" : text;
}

function textOf({ content }: Item): string {
  return typeof content === "string"
    ? content
    : (content ?? []).map((part) => part.text ?? part.encrypted_content ?? "").join("\n");
}

function toolNames(entry: Tool, prefix = ""): string[] {
  if (entry.type === "namespace") {
    return (entry.tools ?? []).flatMap((inner) => toolNames(inner, `${entry.name}.`));
  }
  const name = entry.function?.name ?? entry.name ?? entry.type ?? "";
  return [prefix + name];
}

function laneOf(input: readonly Item[], headers: Headers): Lane {
  const metadata = headers.get("x-codex-turn-metadata") ?? "";
  const instructions = input.map(textOf).join("\n");
  if (/"request_kind":"[^"]*title/.test(metadata) || TITLE_TASK.test(instructions)) return "title";
  return /"thread_source":"subagent"/.test(metadata) ? "subagent" : "main";
}

const TITLE_TASK = /generate a (?:concise|short)[^.]{0,80}title/i;
