// How each agent is sent through the gateway: its base URL for this run, our key beside its own sign-in.
import type { LaunchAddition } from "../protocol.ts";
import { upstreamFor } from "./chosen_upstream.ts";
import type { OwnUpstream } from "./own_upstream.ts";
import type { Receiver } from "./profile.ts";

/** What a profile is asked about the gateway. */
export interface GatewayWish {
  on: boolean;
  /** A held call should be able to wait for the user. */
  holds: boolean;
  own: OwnUpstream;
  /** A proxy that was chosen for this session: it comes before the user's own base URL. */
  chosen?: string;
}

/** Where a session's calls go behind the gateway, and how long they may wait there. Stored with the session. */
export interface GatewayTargets {
  anthropic: string;
  openai: string;
  maxWaitMs: number;
  /** As it was chosen at the launch; a resume keeps it. */
  chosen?: string;
}

export interface GatewayRoutePlan {
  /** Before the user's words. */
  flags: string[];
  /** Variables of the agent. */
  env: Record<string, string>;
  targets?: GatewayTargets;
  addition: LaunchAddition;
}

const ANTHROPIC_URL = "https://api.anthropic.com";
const OPENAI_URL = "https://api.openai.com/v1";
/** Claude Code's own limit of a request, and the one it gets where calls may be held. */
const CLAUDE_TIMEOUT_MS = 600_000;
const CLAUDE_HOLD_TIMEOUT_MS = 3_600_000;
/** Codex waits for the beginning of an answer as long as it takes. */
const CODEX_WAIT_MS = 1_800_000;
/** What other programs can be expected to wait. */
const SHELL_WAIT_MS = 240_000;
/** The part of a client's patience that is used. */
const PATIENCE_SHARE = 0.95;
/** Codex reads the key from here: its configuration is on the command line, which everybody can see. */
const KEY_VARIABLE = "AGENTS_FLEET_KEY";
const CODEX_PROVIDER = "agents-fleet";
/** What Claude Code leaves out when its base URL is not Anthropic's own, by its changelog and its users. */
const CLAUDE_CHANGES = [
  "Remote Control is refused (Claude Code 2.1.196 and later)",
  "Tools of MCP servers are all loaded at the start instead of searched for, unless ENABLE_TOOL_SEARCH is set",
  "A subscription's five-hour and weekly meters stay empty in its status line",
  "Some versions reckon with a window of 200 K tokens where the model has 1 M, and compact earlier",
];
const CODEX_CHANGES = [
  "The conversation is listed under a provider of ours, so that plain `codex resume` does not offer it",
];
const SHELL_CHANGES = [
  "Only programs that read ANTHROPIC_BASE_URL or OPENAI_BASE_URL come here: others are not seen",
];

export function planClaudeRoute(
  receiver: Receiver,
  { on, holds, own, chosen }: GatewayWish,
): GatewayRoutePlan {
  const timeoutMs = own.timeoutMs ?? (holds ? CLAUDE_HOLD_TIMEOUT_MS : CLAUDE_TIMEOUT_MS);
  const headers = [own.customHeaders, `${receiver.header}: ${receiver.key}`];
  const env = {
    ANTHROPIC_BASE_URL: `${receiver.url}/anthropic`,
    ANTHROPIC_CUSTOM_HEADERS: headers.filter((each) => each !== undefined).join("\n"),
    ...(holds && own.timeoutMs === undefined ? { API_TIMEOUT_MS: String(timeoutMs) } : {}),
  };
  const upstream = upstreamOf(receiver, {
    api: "anthropic",
    chosen,
    address: own.baseUrl,
    fallback: ANTHROPIC_URL,
  });
  const changes = own.baseUrl === undefined ? CLAUDE_CHANGES : [];
  const addition = describe({ on, own, environment: Object.keys(env), upstream, changes });
  const targets = {
    anthropic: upstream,
    openai: OPENAI_URL,
    maxWaitMs: timeoutMs * PATIENCE_SHARE,
    ...kept(chosen),
  };
  return addition.on ? { flags: [], env, targets, addition } : { flags: [], env: {}, addition };
}

export function planCodexRoute(receiver: Receiver, { on, own, chosen }: GatewayWish): GatewayRoutePlan {
  const { providerId = "openai" } = own;
  const upstream = upstreamOf(receiver, {
    api: "openai",
    chosen,
    address: own.baseUrl,
    fallback: OPENAI_URL,
  });
  const isBuiltIn = providerId === "openai";
  const flags = (isBuiltIn ? builtInOverrides(receiver) : ownOverrides(receiver, providerId))
    .flatMap((override) => ["-c", override]);
  const changes = isBuiltIn ? CODEX_CHANGES : [];
  const addition = describe({ on, own, environment: [KEY_VARIABLE], flags, upstream, changes });
  const targets = {
    anthropic: ANTHROPIC_URL,
    openai: upstream,
    maxWaitMs: CODEX_WAIT_MS,
    ...kept(chosen),
  };
  return addition.on
    ? { flags, env: { [KEY_VARIABLE]: receiver.key }, targets, addition }
    : { flags: [], env: {}, addition };
}

/** Any command, by choice: programs that know these variables send their calls here, with the key in the path. */
export function planShellRoute(
  receiver: Receiver,
  { on, chosen, env: ownEnv }: Pick<GatewayWish, "on" | "chosen"> & {
    env: Readonly<Record<string, string>>;
  },
): GatewayRoutePlan {
  const base = `${receiver.url}/s/${receiver.key}`;
  const env = { ANTHROPIC_BASE_URL: `${base}/anthropic`, OPENAI_BASE_URL: `${base}/openai` };
  const find = (api: "anthropic" | "openai", variable: string, fallback: string): string =>
    upstreamOf(receiver, { api, chosen, address: ownEnv[variable], fallback });
  const targets = {
    anthropic: find("anthropic", "ANTHROPIC_BASE_URL", ANTHROPIC_URL),
    openai: find("openai", "OPENAI_BASE_URL", OPENAI_URL),
    maxWaitMs: SHELL_WAIT_MS,
    ...kept(chosen),
  };
  const upstream = `${targets.anthropic} or ${targets.openai}`;
  const addition = describe({ on, own: {}, environment: Object.keys(env), upstream, changes: SHELL_CHANGES });
  return addition.on ? { flags: [], env, targets, addition } : { flags: [], env: {}, addition };
}

/** The user's sign-in and model stay; only the address is ours. */
function builtInOverrides({ url, header }: Receiver): string[] {
  return [
    `model_providers.${CODEX_PROVIDER}={name="OpenAI",base_url="${url}/openai",wire_api="responses",` +
    `requires_openai_auth=true,env_http_headers={"${header}"="${KEY_VARIABLE}"}}`,
    `model_provider="${CODEX_PROVIDER}"`,
  ];
}

function ownOverrides({ url, header }: Receiver, providerId: string): string[] {
  const provider = `model_providers.${providerId}`;
  return [`${provider}.base_url="${url}/openai"`, `${provider}.env_http_headers.${header}="${KEY_VARIABLE}"`];
}

function kept(chosen: string | undefined): Pick<GatewayTargets, "chosen"> {
  return chosen === undefined ? {} : { chosen };
}

/** An address of ours would be a circle: it was inherited from a session that started this program. */
function upstreamOf(
  { url }: Receiver,
  { api, chosen, address, fallback }: {
    api: "anthropic" | "openai";
    chosen: string | undefined;
    address: string | undefined;
    fallback: string;
  },
): string {
  if (chosen !== undefined) return upstreamFor(api, chosen);
  return address === undefined || address.startsWith(url) ? fallback : address.replace(/\/+$/, "");
}

function describe(
  { on, own, environment, flags = [], upstream, changes }: {
    on: boolean;
    own: OwnUpstream;
    environment: string[];
    flags?: string[];
    upstream: string;
    changes: string[];
  },
): LaunchAddition {
  const problem = own.problem ??
    (URL.canParse(upstream.split(" ")[0] ?? "") ? undefined : "Its base URL is no address");
  const isOn = on && problem === undefined;
  return {
    id: "gateway",
    title: "Model calls through Agents Fleet",
    flags: isOn ? flags : [],
    environment,
    why:
      `Every call is counted while it is answered, and refused before it is paid for if no budget covers it. ` +
      `They go on to ${upstream}`,
    without: "A limit is noticed after the answer that overran it",
    on: isOn,
    ...(changes.length === 0 ? {} : { changes }),
    ...(problem === undefined ? {} : { note: problem }),
  };
}
