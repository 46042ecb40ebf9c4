// What an agent's own files and the environment say: how it is signed in, and whether it reports to someone already.
import { isAbsolute, join, resolve } from "node:path";
import type { SignInView } from "../protocol.ts";

type Environment = Readonly<Record<string, string>>;
type Json = Record<string, unknown>;

const MAX_FILE_BYTES = 4 * 1024 * 1024;
const OWN_EXPORTERS = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
  "OTEL_LOGS_EXPORTER",
  "OTEL_EXPORTER_OTLP_HEADERS",
];
const CLAUDE_CLOUDS = ["CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"];

/** Where an agent keeps everything of the user's. */
export function agentHome(kind: "claude" | "codex", env: Environment): string {
  const chosen = kind === "claude" ? env["CLAUDE_CONFIG_DIR"] : env["CODEX_HOME"];
  return chosen || join(env["HOME"] ?? "/", `.${kind}`);
}

/** A sentence on the user's own telemetry; undefined when there is none. */
export function findOwnTelemetry(
  kind: "claude" | "codex",
  where: { env: Environment; cwd: string },
): string | undefined {
  const variable = OWN_EXPORTERS.find((name) => where.env[name]);
  if (variable) return `Your own ${variable} is kept, so usage is not reported to us`;
  return kind === "claude" ? findClaudeTelemetry(where) : findCodexTelemetry(where.env);
}

/** The JSON behind a `--settings` value, which is a path or JSON itself; undefined when it is neither. */
export function readOwnSettings(value: string, cwd: string): Json | undefined {
  if (value.trimStart().startsWith("{")) return parseObject(value);
  return readJson(isAbsolute(value) ? value : resolve(cwd, value));
}

export function findSignIn(kind: "claude" | "codex", env: Environment): SignInView {
  return kind === "claude" ? findClaudeSignIn(env) : findCodexSignIn(env);
}

function findClaudeSignIn(env: Environment): SignInView {
  if (CLAUDE_CLOUDS.some((name) => env[name])) {
    return { state: "cloud", message: "Pays through a cloud provider" };
  }
  if (env["ANTHROPIC_API_KEY"] || env["ANTHROPIC_AUTH_TOKEN"]) {
    return { state: "api_key", message: "Pays with an API key from the environment" };
  }
  const home = agentHome("claude", env);
  const credentials = readJson(join(home, ".credentials.json"))?.claudeAiOauth;
  const state = readJson(env["CLAUDE_CONFIG_DIR"] ? join(home, ".claude.json") : `${home}.json`);
  const isSignedIn = isRecord(credentials) || isRecord(state?.oauthAccount);
  if (env["CLAUDE_CODE_OAUTH_TOKEN"] || isSignedIn) {
    const plan = isRecord(credentials) && typeof credentials.subscriptionType === "string"
      ? `Claude ${credentials.subscriptionType.slice(0, 20)} plan`
      : "Claude plan";
    return { state: "subscription", message: `${plan}: dollars are what the use would cost at API prices` };
  }
  const settings = readJson(join(home, "settings.json"));
  const settingsEnv = isRecord(settings?.env) ? settings.env : {};
  if (
    settings?.apiKeyHelper || settingsEnv.ANTHROPIC_API_KEY || settingsEnv.ANTHROPIC_AUTH_TOKEN ||
    state?.primaryApiKey
  ) {
    return { state: "api_key", message: "Pays with an API key from its own settings" };
  }
  return {
    state: "missing",
    message: "Not signed in: start claude and type /login, or set ANTHROPIC_API_KEY",
  };
}

function findCodexSignIn(env: Environment): SignInView {
  const home = agentHome("codex", env);
  const auth = readJson(join(home, "auth.json"));
  if (isRecord(auth?.tokens)) {
    return {
      state: "subscription",
      message: "ChatGPT plan: dollars are what the use would cost at API prices",
    };
  }
  if (env["CODEX_API_KEY"] || auth?.OPENAI_API_KEY) {
    return { state: "api_key", message: "Pays with an API key" };
  }
  if (/^\s*model_provider\s*=/m.test(readText(join(home, "config.toml")) ?? "")) {
    return { state: "api_key", message: "Pays at the provider of its own configuration" };
  }
  return { state: "missing", message: "Not signed in: run codex login, or set CODEX_API_KEY" };
}

function findClaudeTelemetry({ env, cwd }: { env: Environment; cwd: string }): string | undefined {
  const files = [
    join(agentHome("claude", env), "settings.json"),
    join(cwd, ".claude", "settings.json"),
    join(cwd, ".claude", "settings.local.json"),
  ];
  for (const file of files) {
    const variables = readJson(file)?.env;
    const name = isRecord(variables) ? OWN_EXPORTERS.find((each) => variables[each]) : undefined;
    if (name) return `Your own ${name} in ${file} is kept, so usage is not reported to us`;
  }
  return undefined;
}

function findCodexTelemetry(env: Environment): string | undefined {
  const file = join(agentHome("codex", env), "config.toml");
  const isSet = /^\s*(\[otel[\].]|otel\s*[.=])/m.test(readText(file) ?? "");
  return isSet ? `Your own [otel] in ${file} is kept, so usage is not reported to us` : undefined;
}

/** The object in a JSON file; undefined for everything else. */
export function readJson(path: string): Json | undefined {
  const text = readText(path);
  return text === undefined ? undefined : parseObject(text);
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** Undefined for what is missing, no plain file, unreadable or absurdly large. */
export function readText(path: string): string | undefined {
  try {
    const info = Deno.statSync(path);
    return info.isFile && info.size <= MAX_FILE_BYTES ? Deno.readTextFileSync(path) : undefined;
  } catch (cause) {
    const expected = [Deno.errors.NotFound, Deno.errors.PermissionDenied, Deno.errors.NotADirectory];
    if (expected.some((kind) => cause instanceof kind)) return undefined;
    throw cause;
  }
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
