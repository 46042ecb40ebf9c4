// Records what the real agents post as OTLP while they talk to the fake provider, for testdata/otlp/. To be run where
// nothing but loopback can be reached: unshare -n sh -c 'ip link set lo up; exec deno run -A THIS_FILE [NAME...]'
// deno-lint-ignore-file no-console -- a command line tool
import { type AgentHome, claudeTelemetryEnv, codexTelemetryArgs, createAgentHome } from "./agent_home.ts";
import { AgentTerminal } from "./agent_terminal.ts";
import { FakeProvider } from "./fake_provider/fake_provider.ts";
import type { ServedRequest } from "./fake_provider/request_log.ts";
import { AGENT_PACKAGES, agentBinary, type AgentName, runClaude, runCodex } from "./real_agents.ts";
import { RequestRecorder } from "./request_recorder.ts";

interface Scenario {
  name: string;
  agent: AgentName;
  prompt: string;
  codexModel?: string;
  /** In a terminal: a second answer is interrupted, then the agent is asked to leave. */
  interrupted?: boolean;
  /** In a terminal, with http hooks: the tool asks for permission, gets it, and the agent is ended by SIGTERM. */
  hooks?: boolean;
}

const SCENARIOS: Scenario[] = [
  { name: "claude-text", agent: "claude", prompt: "Say hello" },
  { name: "claude-tools", agent: "claude", prompt: "Do it [[tools:2]] [[thinking]]" },
  { name: "claude-cache", agent: "claude", prompt: "[[tools:1]] [[cache:write=1000,write1h=500,read=9000]]" },
  { name: "claude-subagent", agent: "claude", prompt: "[[subagent:2]] [[sub:tools=1,output=60]]" },
  { name: "claude-retry", agent: "claude", prompt: "Go on [[error:529x2]]" },
  { name: "claude-refused", agent: "claude", prompt: "Go on [[error:402x9]]" },
  { name: "claude-cut", agent: "claude", prompt: "Go on [[cut:3]] [[output:200]]" },
  { name: "claude-title-and-interrupt", agent: "claude", prompt: "Do it [[tools:1]]", interrupted: true },
  { name: "claude-hooks", agent: "claude", prompt: "[[subagent]] [[tools:1]] [[run:touch it]]", hooks: true },
  { name: "codex-text", agent: "codex", prompt: "Say hello" },
  { name: "codex-tools", agent: "codex", prompt: "Do it [[tools:2]] [[thinking]]" },
  { name: "codex-cache", agent: "codex", prompt: "[[tools:1]] [[cache:write=1000,read=9000]]" },
  {
    name: "codex-subagent",
    agent: "codex",
    prompt: "[[subagent:2]] [[sub:tools=1,output=60]]",
    codexModel: "gpt-6-sol",
  },
  { name: "codex-retry", agent: "codex", prompt: "Go on [[error:529x2]]" },
  { name: "codex-refused", agent: "codex", prompt: "Go on [[error:402x9]]" },
  { name: "codex-cut", agent: "codex", prompt: "Go on [[cut]] [[output:200]]" },
  {
    name: "codex-title-and-interrupt",
    agent: "codex",
    prompt: "Do it [[tools:1]]",
    codexModel: "gpt-6-sol",
    interrupted: true,
  },
];
const HOOKS = [
  "SessionStart",
  "UserPromptSubmit",
  "PreToolUse",
  "PermissionRequest",
  "Notification",
  "PostToolUse",
  "SubagentStart",
  "SubagentStop",
  "Stop",
  "SessionEnd",
];
const SECOND_PROMPT = "Say more [[slow:20s]] [[output:200]]";
/** Exporters post this long after an event at most. */
const EXPORT_INTERVAL_MS = 1000;

interface Bench {
  provider: FakeProvider;
  recorder: RequestRecorder;
}

async function record(scenario: Scenario, bench: Bench): Promise<string> {
  const { provider, recorder } = bench;
  const { codexModel } = scenario;
  const home = await createAgentHome({
    providerUrl: provider.url,
    ...(codexModel ? { codexModel } : {}),
    ...(scenario.hooks
      ? { claudeSettings: { permissions: { allow: ["Agent"], defaultMode: "default" } } }
      : {}),
  });
  const run = scenario.interrupted ? runInTerminal : scenario.hooks ? runWithHooks : runHeadless;
  await run(scenario, { ...bench, home });
  await provider.log.settled();
  await new Promise((resolve) => setTimeout(resolve, 2 * EXPORT_INTERVAL_MS));
  const posts = recorder.requests.map(({ path, body }) => {
    const parsed: unknown = JSON.parse(body);
    return JSON.stringify({ path, body: path === "/v1/logs" ? onlyEventsOfUse(parsed) : parsed });
  });
  await home.remove();
  return sanitise(posts.join("\n") + "\n", home);
}

async function runHeadless(
  scenario: Scenario,
  { recorder, home }: Bench & { home: AgentHome },
): Promise<void> {
  const env = claudeTelemetryEnv(recorder.url);
  if (scenario.agent === "claude") await runClaude(home, scenario.prompt, { env });
  else await runCodex(home, scenario.prompt, { env, args: codexTelemetryArgs(recorder.url) });
}

async function runInTerminal(
  scenario: Scenario,
  { provider, recorder, home }: Bench & { home: AgentHome },
): Promise<void> {
  const isClaude = scenario.agent === "claude";
  const codexArgs = ["--no-daemon", ...codexTelemetryArgs(recorder.url)];
  const terminal = new AgentTerminal({
    argv: [agentBinary(scenario.agent), ...(isClaude ? [] : codexArgs), scenario.prompt],
    cwd: home.repository,
    env: { ...home.env, ...claudeTelemetryEnv(recorder.url) },
  });
  const { log } = provider;
  await log.waitFor(() => log.completed.length >= 3 && log.completed.some(({ lane }) => lane === "title"));
  await terminal.waitFor(({ state }) => state === "done" || state === "idle");
  await terminal.enter(SECOND_PROMPT);
  await log.waitFor(() => log.calls.some((call) => call.outcome === "open" && call.outputTokensSent > 10));
  terminal.write("\x03");
  await log.settled();
  await terminal.waitFor(({ state }) => state === "idle");
  await terminal.enter(isClaude ? "/exit" : "/quit");
  await terminal.waitForExit();
  await terminal.close();
}

async function runWithHooks(
  scenario: Scenario,
  { provider, recorder, home }: Bench & { home: AgentHome },
): Promise<void> {
  const hook = (
    name: string,
  ): unknown => [{ hooks: [{ type: "http", url: `${recorder.url}/hook/${name}` }] }];
  const settings = JSON.stringify({ hooks: Object.fromEntries(HOOKS.map((name) => [name, hook(name)])) });
  const terminal = new AgentTerminal({
    argv: [agentBinary("claude"), "--settings", settings, scenario.prompt],
    cwd: home.repository,
    env: { ...home.env, ...claudeTelemetryEnv(recorder.url) },
  });
  const hasCome = (name: string): Promise<void> =>
    recorder.waitFor(({ requests }) => requests.some(({ path }) => path === `/hook/${name}`));
  await hasCome("Notification");
  terminal.write("\r");
  await hasCome("Stop");
  await provider.log.settled();
  terminal.kill("SIGTERM");
  await terminal.waitForExit();
  await terminal.close();
}

/** Start-up chatter and Codex's debug records are left out: they are long and say nothing about usage. */
const CHATTER =
  /plugin_|hook_|managed_settings|startup_phase|mcp_|skill|response\.(?!completed)|internal_error/;

interface LogBody {
  resourceLogs: {
    scopeLogs: { logRecords: { attributes: { key: string; value: { stringValue?: string } }[] }[] }[];
  }[];
}

function onlyEventsOfUse(body: unknown): unknown {
  const logs = body as LogBody;
  for (const { scopeLogs } of logs.resourceLogs) {
    for (const scope of scopeLogs) {
      scope.logRecords = scope.logRecords.filter(({ attributes }) => {
        const named = attributes.filter(({ key }) => key === "event.name" || key === "event.kind");
        const names = named.map(({ value }) => value.stringValue ?? "");
        return names.length > 0 && !names.some((name) => CHATTER.test(name));
      });
    }
  }
  return logs;
}

function sanitise(text: string, home: AgentHome): string {
  return text.replaceAll(home.home, "/home/dev")
    .replaceAll(home.home.replaceAll(/[^a-zA-Z0-9]/g, "-"), "-home-dev")
    .replaceAll(/("user\.id","value":\{"stringValue":")[^"]*/g, "$1" + "0".repeat(64))
    .replaceAll(
      /("(?:host\.name|os\.version|os_version|host\.arch)","value":\{"stringValue":")[^"]*/g,
      "$1any",
    )
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:4000");
}

/** What the test needs to know of a request. */
function served(
  { requestId, lane, model, status, outcome, usage, outputTokensSent }: ServedRequest,
): unknown {
  return { requestId, lane, model, status, outcome, usage, outputTokensSent };
}

const directory = new URL("./testdata/otlp/", import.meta.url).pathname;
const chosen = SCENARIOS.filter(({ name }) => Deno.args.length === 0 || Deno.args.includes(name));
const expected: Record<string, unknown> = Deno.args.length === 0
  ? {}
  : JSON.parse(await Deno.readTextFile(`${directory}expected.json`));
for (const scenario of chosen) {
  const bench = { provider: FakeProvider.start(), recorder: RequestRecorder.start() };
  const text = await record(scenario, bench);
  await Deno.writeTextFile(`${directory}${scenario.name}.jsonl`, text);
  const { agent, prompt } = scenario;
  const calls = bench.provider.log.calls.map(served);
  expected[`${scenario.name}.jsonl`] = { agent: AGENT_PACKAGES[agent], prompt, calls };
  console.log(`${scenario.name}: ${calls.length} calls, ${Math.round(text.length / 1024)} kB`);
  await bench.provider.close();
  await bench.recorder.close();
}
await Deno.writeTextFile(`${directory}expected.json`, JSON.stringify(expected, null, 1) + "\n");
