// Reads requests of the Anthropic Messages API as Claude Code sends them.
import * as z from "zod";
import { type Ask, type Lane, readTurns, type Turn } from "./ask.ts";

const block = z.looseObject({ type: z.string(), text: z.string().optional() });
const bodySchema = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  max_tokens: z.number().int().positive().optional(),
  system: z.union([z.string(), z.array(block)]).optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) })),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
});
type Body = z.output<typeof bodySchema>;
type Content = Body["messages"][number]["content"];

/** What Claude Code puts into user messages by itself. */
const ADDED_BY_CLIENT = /^\s*<(system-reminder|command-name|local-command|task-notification)/;
const SUBAGENT_HEADER = "x-claude-code-agent-id";

/** Throws a ZodError for what is no request of this API. */
export function readAnthropicAsk(body: unknown, headers: Headers): Ask {
  const request = bodySchema.parse(body);
  return {
    api: "messages",
    model: request.model,
    lane: laneOf(request, headers),
    stream: request.stream,
    tools: new Set(request.tools.map((tool) => tool.name)),
    maxOutputTokens: request.max_tokens,
    sessionId: headers.get("x-claude-code-session-id") ?? undefined,
    ...readTurns(request.messages.map(readTurn)),
  };
}

function readTurn({ role, content }: Body["messages"][number]): Turn {
  if (role === "assistant") return { role, text: "" };
  return role === "user" ? { role, text: promptIn(content) } : { role: "other", text: "" };
}

/** Tool results may come with reminders beside them: only text of a message without results is a prompt. */
function promptIn(content: Content): string {
  if (typeof content === "string") return ADDED_BY_CLIENT.test(content) ? "" : content;
  if (content.some((part) => part.type === "tool_result")) return "";
  return content.map((part) => part.text ?? "").filter((text) => text !== "" && !ADDED_BY_CLIENT.test(text))
    .join("\n");
}

function laneOf(request: Body, headers: Headers): Lane {
  const { system = "" } = request;
  const text = typeof system === "string" ? system : system.map((part) => part.text ?? "").join("\n");
  if (/\bnaming a coding session\b|\bconcise\b[^.]*\btitle\b/i.test(text)) return "title";
  return headers.has(SUBAGENT_HEADER) ? "subagent" : "main";
}
