// A fresh home for a real agent: every first-run question answered, a repository to work in, nothing of this machine.

export interface AgentHomeOptions {
  /** `http://127.0.0.1:PORT` of the fake provider, or of a gateway in front of it. */
  providerUrl: string;
  /** Codex decides by it which tools it has: `gpt-5.5` classic ones, `gpt-6-sol` a JavaScript one. */
  codexModel?: string;
  /** Added to Codex's config.toml. */
  codexConfig?: string;
  /** Added to Claude's own settings.json. */
  claudeSettings?: Record<string, unknown>;
}

export interface AgentHome {
  home: string;
  /** A git repository with one commit, trusted by both agents. */
  repository: string;
  /** The whole environment for an agent. */
  env: Record<string, string>;
  remove(): Promise<void>;
}

const FAKE_CLAUDE_KEY = "sk-fake-key-0000000000000000000000000000";
const FAKE_CODEX_KEY = "sk-fake-codex-key";
const KEY_CHARACTERS_SHOWN = 20;
/** Nothing listens on the discard port: whatever does not stay on loopback fails at once. */
const DEAD_PROXY = "http://127.0.0.1:9";

export async function createAgentHome(options: AgentHomeOptions): Promise<AgentHome> {
  const home = await Deno.realPath(await Deno.makeTempDir({ prefix: "agent-home-" }));
  const repository = `${home}/repo`;
  await createRepository(repository, home);
  for (const folder of [".claude", ".codex", "tmp"]) await Deno.mkdir(`${home}/${folder}`);
  await writeJson(`${home}/.claude.json`, claudeState(repository));
  await writeJson(`${home}/.claude/settings.json`, { ...CLAUDE_SETTINGS, ...options.claudeSettings });
  await Deno.writeTextFile(`${home}/.codex/config.toml`, codexConfig(options, repository));
  return {
    home,
    repository,
    env: {
      ...BASE_ENV,
      HOME: home,
      ANTHROPIC_BASE_URL: options.providerUrl,
      // Else Claude leaves its tasks' output behind in the machine's own.
      CLAUDE_CODE_TMPDIR: `${home}/tmp`,
      TMPDIR: `${home}/tmp`,
    },
    remove: () => Deno.remove(home, { recursive: true }),
  };
}

const BASE_ENV: Record<string, string> = {
  PATH: "/usr/local/bin:/usr/bin:/bin",
  TERM: "xterm-256color",
  COLORTERM: "truecolor",
  LANG: "C.UTF-8",
  USER: "dev",
  SHELL: "/bin/bash",
  ANTHROPIC_API_KEY: FAKE_CLAUDE_KEY,
  FAKE_KEY: FAKE_CODEX_KEY,
  DISABLE_TELEMETRY: "1",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_ERROR_REPORTING: "1",
  HTTPS_PROXY: DEAD_PROXY,
  HTTP_PROXY: DEAD_PROXY,
  NO_PROXY: "127.0.0.1,localhost",
};

/** What Claude's exporters need to post to `url` as our receiver expects it. */
export function claudeTelemetryEnv(url: string, headers = ""): Record<string, string> {
  return {
    CLAUDE_CODE_ENABLE_TELEMETRY: "1",
    OTEL_METRICS_EXPORTER: "otlp",
    OTEL_LOGS_EXPORTER: "otlp",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_METRIC_EXPORT_INTERVAL: "1000",
    OTEL_LOGS_EXPORT_INTERVAL: "100",
    ...(headers === "" ? {} : { OTEL_EXPORTER_OTLP_HEADERS: headers }),
  };
}

/** Arguments that make Codex post its events (and nothing else) to `url`. */
export function codexTelemetryArgs(url: string): string[] {
  const exporter = (path: string): string => `{otlp-http={endpoint="${url}${path}",protocol="json"}}`;
  return ["-c", `otel.exporter=${exporter("/v1/logs")}`, "-c", 'otel.metrics_exporter="none"'];
}

const CLAUDE_SETTINGS = {
  permissions: { allow: ["Bash", "Read", "Edit", "Write", "Agent"], defaultMode: "default" },
};

function claudeState(repository: string): Record<string, unknown> {
  return {
    hasCompletedOnboarding: true,
    lastOnboardingVersion: "2.1.330",
    theme: "dark",
    hasSeenAutoDefaultNudge: true,
    hasSeenAutoDefaultNotice: true,
    hasSeenAutoModeEntryWarning: true,
    customApiKeyResponses: { approved: [FAKE_CLAUDE_KEY.slice(-KEY_CHARACTERS_SHOWN)], rejected: [] },
    projects: {
      [repository]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true, allowedTools: [] },
    },
  };
}

function codexConfig(options: AgentHomeOptions, repository: string): string {
  return `model = "${options.codexModel ?? "gpt-5.5"}"
model_provider = "fake"
check_for_update_on_startup = false
approval_policy = "never"
sandbox_mode = "danger-full-access"

[model_providers.fake]
name = "fake"
base_url = "${options.providerUrl}/v1"
env_key = "FAKE_KEY"
wire_api = "responses"

[analytics]
enabled = false

[features]
plugins = false
daemon_auto_start = false

[notice.model_migrations]
"gpt-5.5" = "gpt-6-sol"

[projects."${repository}"]
trust_level = "trusted"

${options.codexConfig ?? ""}`;
}

async function createRepository(path: string, home: string): Promise<void> {
  await Deno.mkdir(path);
  await Deno.writeTextFile(`${path}/README.md`, "# A repository for agents under test\n");
  const identity = ["-c", "user.name=dev", "-c", "user.email=dev@example.invalid"];
  const commands = [["init", "-q", "-b", "main"], ["add", "."], [...identity, "commit", "-q", "-m", "Start"]];
  for (const args of commands) {
    const env = { HOME: home, PATH: BASE_ENV.PATH ?? "" };
    const { success, stderr } = await new Deno.Command("git", { args, cwd: path, env, clearEnv: true })
      .output();
    if (!success) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(value, null, 2));
}
