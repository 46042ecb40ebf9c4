// The real Claude Code and Codex, where they are installed: finding them and running them to their end.
import type { AgentHome } from "./agent_home.ts";

/** Pinned: parsers, hooks and screens were measured with these. */
export const AGENT_PACKAGES = {
  claude: "@anthropic-ai/claude-code-linux-x64@2.1.330",
  codex: "@openai/codex@0.169.0",
} as const;
export type AgentName = keyof typeof AGENT_PACKAGES;

const BINARIES: Record<AgentName, string> = {
  claude: "node_modules/@anthropic-ai/claude-code-linux-x64/claude",
  codex: "node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex",
};
const DEFAULT_TIMEOUT_MS = 90_000;

/** Where `deno task agents:install` puts them, outside of the repository. */
export function agentsDirectory(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/root"}/.cache`;
  return Deno.env.get("AGENTS_FLEET_AGENTS") ?? `${cache}/agents-fleet-agents`;
}

/** The platform binary itself, so that signals reach the agent and no wrapper. */
export function agentBinary(name: AgentName): string {
  return `${agentsDirectory()}/${BINARIES[name]}`;
}

/** Why tests with this agent cannot run; undefined when they can. */
export function whyNoAgent(name: AgentName): string | undefined {
  if (Deno.build.target !== "x86_64-unknown-linux-gnu") return "agents are pinned for Linux on x86-64 only";
  try {
    if (Deno.statSync(agentBinary(name)).isFile) return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return `${AGENT_PACKAGES[name]} is not in ${agentsDirectory()}: run "deno task agents:install"`;
}

/** Defines a test that needs real agents; where one is missing it is ignored and its name says why. */
export function testWithAgents(
  needs: { name: string; agents: readonly AgentName[] },
  body: () => Promise<void>,
): void {
  const missing = needs.agents.map(whyNoAgent).find((reason) => reason !== undefined);
  const name = missing === undefined ? needs.name : `${needs.name} [SKIPPED: ${missing}]`;
  Deno.test({ name, ignore: missing !== undefined, fn: body });
}

export interface AgentRun {
  /** Undefined after a signal. */
  code: number | undefined;
  signal: Deno.Signal | undefined;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  args?: string[];
  env?: Record<string, string>;
  /** The agent is killed after this. */
  timeoutMs?: number;
}

/** `claude -p PROMPT`, with its result object on stdout. */
export function runClaude(home: AgentHome, prompt: string, options: RunOptions = {}): Promise<AgentRun> {
  const args = ["-p", prompt, "--output-format", "json", ...(options.args ?? [])];
  return runAgent(home, [agentBinary("claude"), ...args], options);
}

/** `codex exec --json PROMPT`, with one event a line on stdout. */
export function runCodex(home: AgentHome, prompt: string, options: RunOptions = {}): Promise<AgentRun> {
  const args = ["exec", "--json", ...(options.args ?? []), prompt];
  return runAgent(home, [agentBinary("codex"), ...args], options);
}

/** Any command line in the home's repository and environment, without a terminal. */
async function runAgent(home: AgentHome, argv: string[], options: RunOptions = {}): Promise<AgentRun> {
  const [program = "", ...args] = argv;
  const child = new Deno.Command(program, {
    args,
    cwd: home.repository,
    env: { ...home.env, ...options.env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const { code, signal, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return {
    code: signal === null ? code : undefined,
    signal: signal ?? undefined,
    stdout: decode(stdout),
    stderr: decode(stderr),
  };
}
