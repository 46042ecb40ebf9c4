// Claude Code: a session id of our choice, telemetry and state hooks for this run only, and its resume command.
import type { LaunchAddition } from "../protocol.ts";
import { type FlagSpec, hasFlag, readArguments, valueOf, withoutFlags, wordsOf } from "./flags.ts";
import { type GatewayTargets, planClaudeRoute } from "./gateway_route.ts";
import { exporterVariables, type Profile, type ProfileRequest } from "./profile.ts";

/** `claude --help` of 2.1.330. */
export const CLAUDE_FLAGS: FlagSpec = {
  one: new Set(
    "--agent --agents --append-system-prompt --append-system-prompt-file --autocompact --debug-file --effort --environment --fallback-model --input-format --json-schema --max-budget-usd --max-turns --model -n --name --output-format --permission-mode --permission-prompts --permission-prompt-tool --plugin-dir --plugin-url --remote-control-session-name-prefix --session-id --setting-sources --settings --system-prompt --system-prompt-file --system-prompt-snapshot"
      .split(" "),
  ),
  maybe: new Set(
    "--cloud -d --debug --from-pr --prompt-suggestions --remote-control -r --resume --teleport -w --worktree"
      .split(
        " ",
      ),
  ),
  many: new Set(
    "--add-dir --allowedTools --allowed-tools --betas --disallowedTools --disallowed-tools --file --mcp-config --tools"
      .split(" "),
  ),
};
/** First words that start no conversation. */
const SUBCOMMANDS = new Set(
  "agents attach auth auto-mode doctor gateway import install logs mcp plugin plugins purge respawn rm setup-token stop kill ultrareview update upgrade config"
    .split(" "),
);
const RESUMES = ["-r", "--resume", "-c", "--continue", "--from-pr", "--teleport"];
/** What belongs to one run, not to the conversation. */
const ONE_RUN = new Set([
  ...RESUMES,
  ..."-- -p --print --session-id --fork-session --output-format --input-format --include-hook-events --include-partial-messages --replay-user-messages --json-schema --max-budget-usd --max-turns --no-session-persistence --verbose --prompt-suggestions --forward-subagent-text"
    .split(" "),
]);
/** `SessionStart` comes to command hooks only. */
const HOOK_EVENTS = [
  "UserPromptSubmit",
  "PreToolUse",
  "PermissionRequest",
  "Notification",
  "Stop",
  "StopFailure",
  "SessionEnd",
];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function planClaude(request: ProfileRequest): Profile {
  const found = readArguments(request.args, CLAUDE_FLAGS);
  const first = found.find(({ kind }) => kind === "free")?.words[0] ?? "";
  if (SUBCOMMANDS.has(first) || hasFlag(found, "-h", "--help", "-v", "--version")) {
    return { args: [...request.args], env: {}, additions: [] };
  }
  const id = planSessionId(request, found);
  const settings = planSettings(request, found);
  const rest = settings.replacesOwn ? withoutFlags(found, new Set(["--settings"])) : found;
  return {
    args: [...id.flags, ...settings.flags, ...wordsOf(rest)],
    env: settings.env,
    ...(settings.file ? { settings: settings.file } : {}),
    ...(id.agentSessionId ? { agentSessionId: id.agentSessionId } : {}),
    ...(settings.gateway ? { gateway: settings.gateway } : {}),
    additions: [...(id.addition ? [id.addition] : []), ...settings.additions],
  };
}

/** The command's words that go on with a conversation: the flags of the first run, without its prompt. */
export function resumeClaude(args: readonly string[], agentSessionId: string): string[] {
  const kept = withoutFlags(readArguments(args, CLAUDE_FLAGS), ONE_RUN).filter(({ kind }) => kind === "flag");
  return ["--resume", agentSessionId, ...wordsOf(kept)];
}

type Arguments = ReturnType<typeof readArguments>;

function planSessionId(
  { sessionId, wants }: ProfileRequest,
  found: Arguments,
): { flags: string[]; agentSessionId?: string; addition?: LaunchAddition } {
  const own = valueOf(found, "--session-id") ?? valueOf(found, "-r", "--resume");
  if (hasFlag(found, "--session-id", ...RESUMES)) {
    const isKnown = own !== undefined && UUID.test(own) && !hasFlag(found, "--fork-session");
    return { flags: [], ...(isKnown ? { agentSessionId: own } : {}) };
  }
  const on = wants("session_id");
  const flags = ["--session-id", sessionId];
  const addition: LaunchAddition = {
    id: "session_id",
    title: "A conversation id of our choice",
    flags,
    environment: [],
    why: "So that its transcript is found and it can be resumed, even after a crash",
    without: "The conversation is known only once the agent reports it",
    on,
  };
  return on ? { flags, agentSessionId: sessionId, addition } : { flags: [], addition };
}

interface SettingsPlan {
  flags: string[];
  env: Record<string, string>;
  file?: Record<string, unknown>;
  /** The user's own `--settings` is merged into ours. */
  replacesOwn: boolean;
  gateway?: GatewayTargets;
  additions: LaunchAddition[];
}

function planSettings(request: ProfileRequest, found: Arguments): SettingsPlan {
  const hasOwn = hasFlag(found, "--settings");
  const isUnreadable = hasOwn && request.ownSettings === undefined;
  const telemetry = request.wants("telemetry") && request.ownTelemetry === undefined;
  const hooks = request.wants("hooks") && !isUnreadable;
  const variables = telemetry ? telemetryVariables(request) : {};
  const route = planRoute(request, isUnreadable);
  const needsFile = (telemetry || hooks || route?.targets !== undefined) && !isUnreadable;
  const flags = needsFile ? ["--settings", request.settingsFile] : [];
  const file = needsFile
    ? mergeSettings(request.ownSettings ?? {}, {
      variables,
      hooks: hooks ? stateHooks(request) : {},
      route: route?.env ?? {},
    })
    : undefined;
  const own = hasOwn ? "Your own --settings is merged into the file and wins" : undefined;
  return {
    flags,
    env: needsFile ? {} : variables,
    ...(file ? { file } : {}),
    replacesOwn: needsFile && hasOwn,
    ...(route?.targets ? { gateway: route.targets } : {}),
    additions: [
      ...(route ? [{ ...route.addition, flags: route.addition.on ? flags : [] }] : []),
      telemetryAddition({ request, on: telemetry, flags, note: request.ownTelemetry ?? own }),
      hooksAddition({
        on: hooks,
        flags,
        note: isUnreadable ? "Your own --settings cannot be read, so it is left as it is" : own,
      }),
    ],
  };
}

/** By the run's settings file alone: a base URL in the environment would lose against the user's own settings. */
function planRoute(
  { receiver, gateway }: ProfileRequest,
  isUnreadable: boolean,
): ReturnType<typeof planClaudeRoute> | undefined {
  if (gateway === undefined) return undefined;
  const problem = "Your own --settings cannot be read, so no base URL can be set";
  return planClaudeRoute(receiver, isUnreadable ? { ...gateway, own: { problem } } : gateway);
}

function telemetryVariables({ receiver }: Pick<ProfileRequest, "receiver">): Record<string, string> {
  return {
    CLAUDE_CODE_ENABLE_TELEMETRY: "1",
    OTEL_LOGS_EXPORTER: "otlp",
    ...exporterVariables(receiver),
  };
}

function stateHooks({ receiver }: ProfileRequest): Record<string, unknown[]> {
  const hook = {
    type: "http",
    url: `${receiver.url}/hook`,
    headers: { [receiver.header]: receiver.key },
    timeout: 5,
  };
  return Object.fromEntries(HOOK_EVENTS.map((event) => [event, [{ hooks: [hook] }]]));
}

/** The user's values win, but for the way to us, behind which the user's own base URL is; hooks of both run. */
function mergeSettings(
  own: Record<string, unknown>,
  ours: {
    variables: Record<string, string>;
    hooks: Record<string, unknown[]>;
    route: Record<string, string>;
  },
): Record<string, unknown> {
  const ownHooks = isRecord(own.hooks) ? own.hooks : {};
  const hooks: Record<string, unknown> = { ...ownHooks };
  for (const [event, added] of Object.entries(ours.hooks)) {
    const before = ownHooks[event];
    hooks[event] = [...(Array.isArray(before) ? before : []), ...added];
  }
  const env = { ...ours.variables, ...(isRecord(own.env) ? own.env : {}), ...ours.route };
  return { ...own, env, hooks };
}

export function telemetryAddition(
  { request, on, flags, note }: {
    request: Pick<ProfileRequest, "receiver">;
    on: boolean;
    flags: string[];
    note: string | undefined;
  },
): LaunchAddition {
  return {
    id: "telemetry",
    title: "Telemetry to Agents Fleet on this machine",
    flags: on ? flags : [],
    environment: Object.keys(telemetryVariables(request)),
    why: "Every finished model call is counted exactly, sub-agents and title calls included",
    without: "Usage is read from the transcript: later, and without title calls",
    on,
    ...(note === undefined ? {} : { note }),
  };
}

function hooksAddition(
  { on, flags, note }: { on: boolean; flags: string[]; note: string | undefined },
): LaunchAddition {
  return {
    id: "hooks",
    title: "Hooks that report what the agent is doing",
    flags: on ? flags : [],
    environment: [],
    file: `hooks: ${HOOK_EVENTS.join(", ")} post to Agents Fleet on this machine`,
    why: "Shows that it works, waits for an answer and with which question, or is done",
    without: "The state comes from the terminal alone, without the question",
    on,
    ...(note === undefined ? {} : { note }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
