// Where an agent would send its model calls without us: the user's own base URL and provider, or why we cannot tell.
import { join } from "node:path";
import { CODEX_FLAGS } from "./codex.ts";
import { hasFlag, readArguments } from "./flags.ts";
import { agentHome, readJson, readText } from "./user_files.ts";

type Environment = Readonly<Record<string, string>>;

/** What the gateway must know of a user's own set-up. */
export interface OwnUpstream {
  /** The user's own base URL; undefined for the provider's. */
  baseUrl?: string;
  /** Headers that the user's own calls carry, in the agent's own notation. */
  customHeaders?: string;
  /** The client's own limit of a request, where the user has set one. */
  timeoutMs?: number;
  /** Codex: the provider it is configured for. */
  providerId?: string;
  /** Why model calls cannot go through us. */
  problem?: string;
}

const CLOUDS = ["CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"];

/** Settings files win over the environment, the nearer over the farther, as in Claude Code. */
export function findClaudeUpstream(
  { env, cwd, ownSettings }: { env: Environment; cwd: string; ownSettings?: Record<string, unknown> },
): OwnUpstream {
  const files = [
    join(agentHome("claude", env), "settings.json"),
    join(cwd, ".claude", "settings.json"),
    join(cwd, ".claude", "settings.local.json"),
  ];
  const places = [env, ...files.map((file) => readJson(file)?.["env"]), ownSettings?.["env"]];
  const valueOf = (name: string): string | undefined =>
    places.map((place) => textIn(place, name)).findLast((value) => value !== undefined);
  const cloud = CLOUDS.find((name) => valueOf(name));
  if (cloud !== undefined) {
    return { problem: `${cloud} is set: its calls go to a cloud provider and cannot pass here` };
  }
  const baseUrl = valueOf("ANTHROPIC_BASE_URL");
  const customHeaders = valueOf("ANTHROPIC_CUSTOM_HEADERS");
  const timeoutMs = Number(valueOf("API_TIMEOUT_MS"));
  return {
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(customHeaders === undefined ? {} : { customHeaders }),
    ...(timeoutMs > 0 ? { timeoutMs } : {}),
  };
}

const DEFAULT_PROVIDER = "openai";
const API_URL = "https://api.openai.com/v1";
const CHATGPT_URL = "https://chatgpt.com/backend-api/codex";
/** Flags that choose a provider in ways we do not follow. */
const CHOOSES_PROVIDER =
  /^(model_provider|model_providers\.|openai_base_url|profile\b|chatgpt_base_url|experimental_)/;

/** From `config.toml` and the command line; a set-up that we cannot follow is a problem, never a guess. */
export function findCodexUpstream(
  { env, args }: { env: Environment; args: readonly string[] },
): OwnUpstream {
  const found = readArguments(args, CODEX_FLAGS);
  const overrides = found.flatMap((argument) =>
    argument.kind === "flag" && /^(-c|--config)$/.test(argument.name) ? argument.values : []
  );
  if (
    hasFlag(found, "-p", "--profile", "--oss", "--local-provider", "--remote") ||
    overrides.some((each) => CHOOSES_PROVIDER.test(each))
  ) {
    return { problem: "The command line chooses a provider itself" };
  }
  const home = agentHome("codex", env);
  const config = readConfig(readText(join(home, "config.toml")) ?? "");
  if (config.problem !== undefined) return { problem: config.problem };
  const providerId = config.provider ?? DEFAULT_PROVIDER;
  const own = config.baseUrls.get(providerId);
  if (providerId !== DEFAULT_PROVIDER) {
    return own === undefined
      ? { problem: `The address of the provider "${providerId}" is not in config.toml` }
      : { providerId, baseUrl: own };
  }
  const isPlan = typeof readJson(join(home, "auth.json"))?.["tokens"] === "object";
  return {
    providerId,
    baseUrl: config.openaiBaseUrl ?? env["OPENAI_BASE_URL"] ?? (isPlan ? CHATGPT_URL : API_URL),
  };
}

interface CodexConfig {
  provider?: string;
  openaiBaseUrl?: string;
  baseUrls: Map<string, string>;
  problem?: string;
}

/** The few lines that matter, written one to a line as everybody does; whatever else there is, is a problem. */
function readConfig(text: string): CodexConfig {
  const config: CodexConfig = { baseUrls: new Map() };
  let table = "";
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[+\s*([^\]]+?)\s*\]+\s*(#.*)?$/.exec(line)?.[1];
    if (header !== undefined) {
      table = header.replaceAll(/["']/g, "");
      continue;
    }
    const [, name, value] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (table === "") readTopLevel(config, { name, value });
    else if (name === "base_url" && table.startsWith("model_providers.")) {
      const url = stringIn(value);
      if (url !== undefined) config.baseUrls.set(table.slice("model_providers.".length), url);
    }
  }
  return config;
}

function readTopLevel(config: CodexConfig, { name, value }: { name: string; value: string }): void {
  const text = stringIn(value);
  if (name === "model_provider" && text !== undefined) config.provider = text;
  else if (name === "openai_base_url" && text !== undefined) config.openaiBaseUrl = text;
  else if (/^(model_providers|profile)\b/.test(name)) {
    config.problem = `config.toml chooses its provider by "${name}", which is not followed`;
  }
}

/** The text of a TOML string on one line. */
function stringIn(value: string): string | undefined {
  return /^"([^"\\]*)"|^'([^']*)'/.exec(value)?.slice(1).find((part) => part !== undefined);
}

function textIn(place: unknown, name: string): string | undefined {
  if (typeof place !== "object" || place === null) return undefined;
  const value = (place as Record<string, unknown>)[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
