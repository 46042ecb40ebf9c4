// What a hook of Claude Code says of its state. Its text is whatever the agent is working on: untrusted.
import * as z from "zod";
import type { Activity } from "../protocol.ts";

export interface HookNews {
  activity?: Activity;
  question?: string;
  /** Changes when the user clears the conversation or resumes another. */
  agentSessionId?: string;
}

const MAX_QUESTION_CHARACTERS = 300;

const SCHEMA = z.object({
  hook_event_name: z.string().max(64),
  session_id: z.uuid().optional().catch(undefined),
  tool_name: z.string().optional().catch(undefined),
  tool_input: z.record(z.string(), z.unknown()).optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  notification_type: z.string().optional().catch(undefined),
  last_assistant_message: z.string().optional().catch(undefined),
});
type HookBody = z.output<typeof SCHEMA>;

/** Nothing for a body that is no hook's. */
export function readHook(body: unknown): HookNews {
  const parsed = SCHEMA.safeParse(body);
  if (!parsed.success) return {};
  const { session_id } = parsed.data;
  return { ...newsOf(parsed.data), ...(session_id === undefined ? {} : { agentSessionId: session_id }) };
}

/** What an agent does whose turn ended with an error: it needs its user, but for a limit of ours, which the gate tells of. */
export function readFailure(error: string): { activity: Activity; question?: string } {
  return error.includes("Agents Fleet")
    ? { activity: "idle" }
    : { activity: "needs_you", question: clean(error) };
}

function newsOf(body: HookBody): HookNews {
  switch (body.hook_event_name) {
    case "UserPromptSubmit":
    case "PreToolUse":
      return body.tool_name === "AskUserQuestion"
        ? { activity: "needs_you", question: questionOf(body) }
        : { activity: "working" };
    case "PermissionRequest":
      return { activity: "needs_you", question: permissionOf(body) };
    case "Notification":
      return body.notification_type === "permission_prompt" ? { activity: "needs_you" } : {};
    case "StopFailure":
      return readFailure(body.last_assistant_message ?? "Its turn ended with an error");
    case "Stop":
    case "SessionEnd":
      return { activity: "idle" };
    default:
      return {};
  }
}

function permissionOf({ tool_name = "a tool", tool_input = {} }: HookBody): string {
  const subject = tool_input.command ?? tool_input.file_path ?? tool_input.url ?? tool_input.description;
  return clean(typeof subject === "string" ? `Approve ${tool_name}: ${subject}` : `Approve ${tool_name}`);
}

function questionOf({ tool_input = {} }: HookBody): string {
  const [first]: unknown[] = Array.isArray(tool_input.questions) ? tool_input.questions : [];
  const asked = typeof first === "object" && first !== null && "question" in first
    ? first.question
    : undefined;
  return clean(typeof asked === "string" ? asked : "A question");
}

/** One line without characters that could disguise it. */
function clean(text: string): string {
  const plain = text.slice(0, MAX_QUESTION_CHARACTERS * 2).replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]+/gu, " ")
    .trim();
  return plain.length > MAX_QUESTION_CHARACTERS ? `${plain.slice(0, MAX_QUESTION_CHARACTERS - 1)}…` : plain;
}
