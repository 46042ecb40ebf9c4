// Codex: never its background daemon, telemetry by configuration overrides, and its resume command.
import type { LaunchAddition } from "../protocol.ts";
import { type FlagSpec, hasFlag, readArguments, withoutFlags, wordsOf } from "./flags.ts";
import { planCodexRoute } from "./gateway_route.ts";
import { exporterVariables, type Profile, type ProfileRequest } from "./profile.ts";

/** `codex --help` and `codex exec --help` of 0.169.0. */
export const CODEX_FLAGS: FlagSpec = {
  one: new Set(
    "-c --config --enable --disable --remote --remote-auth-token-env -m --model --local-provider -p --profile -s --sandbox -C --cd --add-dir -a --ask-for-approval --thread-source --cyber-access-program --output-schema --color -o --output-last-message"
      .split(" "),
  ),
  maybe: new Set(),
  many: new Set(["-i", "--image"]),
};
/** First words that start no conversation. */
const OTHERS = new Set(
  "agents login logout mcp plugin app-server remote-control completion update doctor sandbox debug apply a queue archive delete migrate-rollouts migrate-nfs-db unarchive cloud exec-server features help mcp-server"
    .split(" "),
);
/** What belongs to one run, not to the conversation, or to `exec` alone. */
const ONE_RUN = new Set(
  "-- -i --image --last --all --include-non-interactive --json -o --output-last-message --color --skip-git-repo-check --output-schema --ephemeral --thread-source --trust --ignore-user-config --ignore-rules --cyber-access-program --no-daemon"
    .split(" "),
);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function planCodex(request: ProfileRequest): Profile {
  const found = readArguments(request.args, CODEX_FLAGS);
  const free = found.filter(({ kind }) => kind === "free").flatMap(({ words }) => words);
  const [first = "", second = ""] = free;
  if (OTHERS.has(first) || hasFlag(found, "-h", "--help", "-V", "--version")) {
    return { args: [...request.args], env: {}, additions: [] };
  }
  const daemon = planDaemon(request, found);
  const telemetry = planTelemetry(request);
  const route = request.gateway && planCodexRoute(request.receiver, request.gateway);
  return {
    args: [...daemon.flags, ...telemetry.flags, ...(route?.flags ?? []), ...request.args],
    env: { ...(telemetry.on ? exporterVariables(request.receiver) : {}), ...route?.env },
    ...(first === "resume" && UUID.test(second) ? { agentSessionId: second } : {}),
    ...(route?.targets ? { gateway: route.targets } : {}),
    additions: [...(route ? [route.addition] : []), daemon, telemetry],
  };
}

/** The command's words that go on with a conversation: the flags of the first run, without its prompt. */
export function resumeCodex(args: readonly string[], agentSessionId: string): string[] {
  const kept = withoutFlags(readArguments(args, CODEX_FLAGS), ONE_RUN).filter(({ kind }) => kind === "flag");
  return ["resume", agentSessionId, ...wordsOf(kept)];
}

/** The daemon outlives the terminal and goes on spending: the flag keeps out of a running one, the switch starts none. */
function planDaemon({ wants }: ProfileRequest, found: ReturnType<typeof readArguments>): LaunchAddition {
  const on = wants("no_daemon");
  const own = hasFlag(found, "--no-daemon") ? [] : ["--no-daemon"];
  return {
    id: "no_daemon",
    title: "No background daemon",
    flags: on ? [...own, "-c", "features.daemon_auto_start=false"] : [],
    environment: [],
    why: "Codex's daemon goes on working and spending after its terminal has ended",
    without: "Stopping the session may not stop the work: no budget can be kept",
    on,
  };
}

function planTelemetry({ receiver, wants, ownTelemetry }: ProfileRequest): LaunchAddition {
  const on = wants("telemetry") && ownTelemetry === undefined;
  const exporter = `otel.exporter={otlp-http={endpoint="${receiver.url}/v1/logs",protocol="json"}}`;
  return {
    id: "telemetry",
    title: "Telemetry to Agents Fleet on this machine",
    flags: on ? ["-c", exporter] : [],
    environment: Object.keys(exporterVariables(receiver)),
    why: "Every finished model call is counted exactly, sub-agents and title calls included",
    without: "Usage is read from the rollout file: without title calls",
    on,
    ...(ownTelemetry === undefined ? {} : { note: ownTelemetry }),
  };
}
