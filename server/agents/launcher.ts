// Prepares launches: picks the agent's profile, reads what it must know, writes the settings file of the run.
import { join } from "node:path";
import { AppError } from "../errors.ts";
import type {
  LaunchAddition,
  LaunchAdditionId,
  SessionKind,
  SignInView,
  UpstreamChoice,
} from "../protocol.ts";
import { CLAUDE_FLAGS, planClaude, resumeClaude } from "./claude.ts";
import { checkUpstream, listUpstreams } from "./chosen_upstream.ts";
import { planCodex, resumeCodex } from "./codex.ts";
import { readArguments, valueOf } from "./flags.ts";
import type { GatewayTargets } from "./gateway_route.ts";
import { findClaudeUpstream, findCodexUpstream, type OwnUpstream } from "./own_upstream.ts";
import type { Profile, ProfileRequest } from "./profile.ts";
import { planShellLine } from "./shell_line.ts";
import { findOwnTelemetry, findSignIn, readOwnSettings } from "./user_files.ts";

/** A command about to be started, before anything is added. */
export interface Command {
  command: string;
  kind: SessionKind;
  cwd: string;
  argv: string[];
  env: Record<string, string>;
  /** Index in `argv` of the first word that the agent itself gets; missing when no agent is started directly. */
  argsFrom?: number;
}

export interface AgentSetup {
  argv: string[];
  env: Record<string, string>;
  /** The agent's own id of its conversation, where it is known before the start. */
  agentSessionId?: string;
  additions: LaunchAddition[];
  signIn?: SignInView;
  /** Where model calls go behind the gateway; missing when they do not pass it. */
  gateway?: GatewayTargets;
}

export interface AgentLauncherOptions {
  receiver: (sessionId: string) => ProfileRequest["receiver"];
  /** A directory of ours for files of runs. */
  runsDirectory: string;
  /** Additions that the settings switch off. */
  additionsOff: () => readonly LaunchAdditionId[];
}

type Switches = Partial<Record<LaunchAdditionId, boolean>>;

/** What a launch is wished to be like. */
export interface LaunchWish {
  switches: Switches;
  /** A limit applies: model calls go through the gateway unless they are switched off it. */
  isBudgeted: boolean;
  /** At a limit the agent is held, not stopped. */
  holds: boolean;
  /** A proxy that gated calls go on to; choosing one asks for the gate. */
  upstream?: string;
}

const PREVIEW_ID = "…";
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

export class AgentLauncher {
  readonly #options: AgentLauncherOptions;

  constructor(options: AgentLauncherOptions) {
    this.#options = options;
  }

  /** What is started instead, with the run's settings file in place. Throws `invalid` for an upstream that is none. */
  prepare(command: Command, wish: LaunchWish & { sessionId: string }): AgentSetup {
    const { profile, setup } = this.#plan(command, wish);
    const { sessionId, upstream } = wish;
    if (upstream !== undefined && setup.gateway === undefined) throw noWayTo(upstream, setup.additions);
    if (profile.settings) this.#writeSettings(sessionId, profile.settings);
    return setup;
  }

  /** The same without doing anything; ids and paths of the run are not known yet. */
  preview(command: Command, wish: LaunchWish): AgentSetup {
    return this.#plan(command, { ...wish, sessionId: PREVIEW_ID }).setup;
  }

  /** Proxies that gated calls of a launch could go on to. */
  listUpstreams(env: Readonly<Record<string, string>>): UpstreamChoice[] {
    return listUpstreams(env);
  }

  /** The agent's words that go on with a conversation. */
  resumeArgs(
    { kind, args, agentSessionId }: {
      kind: "claude" | "codex";
      args: readonly string[];
      agentSessionId: string;
    },
  ): string[] {
    return kind === "claude" ? resumeClaude(args, agentSessionId) : resumeCodex(args, agentSessionId);
  }

  /** Removes the files of a run that has ended. */
  cleanUp(sessionId: string): void {
    try {
      Deno.removeSync(join(this.#options.runsDirectory, sessionId), { recursive: true });
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    }
  }

  #plan(
    command: Command,
    wish: LaunchWish & { sessionId: string },
  ): { profile: Profile; setup: AgentSetup } {
    const { kind, argv, argsFrom = argv.length } = command;
    const request = this.#request(command, wish);
    const isDirect = command.argsFrom !== undefined;
    const profile = kind === "claude" && isDirect
      ? planClaude(request)
      : kind === "codex" && isDirect
      ? planCodex(request)
      : planShellLine(command.command, {
        ...request,
        isForced: wish.switches.telemetry === true,
        isRouted: wish.switches.gateway ?? wish.upstream !== undefined,
        env: command.env,
      });
    const signIn = kind === "shell" ? undefined : findSignIn(kind, command.env);
    return {
      profile,
      setup: {
        argv: isDirect ? [...argv.slice(0, argsFrom), ...profile.args] : argv,
        env: { ...command.env, ...profile.env },
        ...(profile.agentSessionId ? { agentSessionId: profile.agentSessionId } : {}),
        additions: profile.additions,
        ...(signIn ? { signIn } : {}),
        ...(profile.gateway ? { gateway: profile.gateway } : {}),
      },
    };
  }

  #request(
    { argv, argsFrom = argv.length, kind, env, cwd }: Command,
    { sessionId, switches, isBudgeted, holds, upstream }: LaunchWish & { sessionId: string },
  ): ProfileRequest {
    const { runsDirectory, additionsOff } = this.#options;
    const receiver = this.#options.receiver(sessionId);
    if (upstream !== undefined) checkUpstream(upstream, receiver.url);
    const args = argv.slice(argsFrom);
    const ownFile = valueOf(readArguments(args, CLAUDE_FLAGS), "--settings");
    const ownSettings = kind === "claude" && ownFile !== undefined
      ? readOwnSettings(ownFile, cwd)
      : undefined;
    const own: OwnUpstream = kind === "codex"
      ? findCodexUpstream({ env, args })
      : findClaudeUpstream({ env, cwd, ...(ownSettings === undefined ? {} : { ownSettings }) });
    const isGated = upstream !== undefined || (isBudgeted && !additionsOff().includes("gateway"));
    return {
      args,
      sessionId,
      receiver,
      settingsFile: join(runsDirectory, sessionId, "settings.json"),
      wants: (id) => switches[id] ?? !additionsOff().includes(id),
      ownTelemetry: findOwnTelemetry(kind === "codex" ? "codex" : "claude", { env, cwd }),
      ownSettings,
      gateway: {
        on: switches.gateway ?? isGated,
        holds,
        own,
        ...(upstream === undefined ? {} : { chosen: upstream }),
      },
    };
  }

  /** Written before the agent can read it, for the user alone: it holds the session's key. */
  #writeSettings(sessionId: string, settings: Record<string, unknown>): void {
    const directory = join(this.#options.runsDirectory, sessionId);
    Deno.mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE });
    const text = JSON.stringify(settings, null, 2);
    Deno.writeTextFileSync(join(directory, "settings.json"), text, { mode: FILE_MODE });
  }
}

/** Silently sent elsewhere, the calls would be nobody's wish. */
function noWayTo(upstream: string, additions: readonly LaunchAddition[]): AppError {
  const why = additions.find(({ id }) => id === "gateway")?.note ?? "its calls do not pass the gate";
  return new AppError("invalid", `Cannot send calls to "${upstream}": ${why}`, { field: "upstream" });
}
