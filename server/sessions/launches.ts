// Help for the launch view: checks while typing, completions, what was launched before.
import type { AgentLauncher, AgentSetup, LaunchWish } from "../agents/launcher.ts";
import type {
  DirectorySuggestion,
  FleetSettings,
  LaunchAddition,
  LaunchCheck,
  Limits,
  Recents,
} from "../protocol.ts";
import type { SessionTable } from "../store/sessions.ts";
import { type DirectoryRules, suggestDirectories } from "./directories.ts";
import type { LaunchPlanner } from "./launch.ts";
import { describeMetering } from "./launch_metering.ts";
import { describeRoot } from "./repository.ts";

const MAX_RECENT_LAUNCHES = 12;
const MAX_RECENT_DIRECTORIES = 8;
const ALL_ON: LaunchWish["switches"] = {
  session_id: true,
  telemetry: true,
  hooks: true,
  no_daemon: true,
  gateway: true,
};

export interface LaunchesOptions {
  table: SessionTable;
  planner: LaunchPlanner;
  launcher: AgentLauncher;
  settings: () => FleetSettings;
  /** Whether a limit of the fleet's, or of some repository, applies. */
  hasSharedLimits: () => boolean;
  rules: DirectoryRules;
}

export class Launches {
  readonly #options: LaunchesOptions;

  constructor(options: LaunchesOptions) {
    this.#options = options;
  }

  /** Everything that is known of a launch before it happens, what we add to it included. */
  check(request: { cwd: string; command: string }): LaunchCheck {
    const { planner, launcher, settings } = this.#options;
    const check = planner.check(request);
    const plan = planner.tryPlan(request);
    const { kind } = check.command;
    const defaultBudget = settings().defaultBudgets[kind];
    if (!plan) return { ...check, defaultBudget };
    const isShared = this.#options.hasSharedLimits();
    const look = (isBudgeted: boolean, switches: LaunchWish["switches"] = {}): AgentSetup =>
      launcher.preview(plan, { switches, isBudgeted, holds: false });
    const { additions, signIn } = look(hasLimit(defaultBudget) || isShared);
    return {
      ...check,
      defaultBudget,
      ...(additions.length === 0 ? {} : { additions: withFlags(additions, look(true, ALL_ON).additions) }),
      ...(signIn ? { signIn } : {}),
      metering: describeMetering(kind, {
        now: additions,
        gated: look(true, { gateway: true }).additions,
        limited: look(true).additions,
        unlimited: look(isShared).additions,
        upstreams: launcher.listUpstreams(plan.env),
      }),
    };
  }

  suggest(prefix: string): DirectorySuggestion[] {
    return suggestDirectories(prefix, this.#options.rules);
  }

  listRecents(): Recents {
    const rows = this.#options.table.listRecentLaunches(MAX_RECENT_LAUNCHES);
    const directories = [...new Set(rows.map(({ cwd }) => cwd))].slice(0, MAX_RECENT_DIRECTORIES);
    return {
      directories: directories.map((path) => ({ path, ...describeRoot(path) })),
      launches: rows.map(({ cwd, command, title, kind, createdAtMs }) => ({
        cwd,
        command,
        kind,
        lastUsedAtMs: createdAtMs,
        ...(title === null ? {} : { title }),
      })),
    };
  }
}

/** What is off now says what it would add: it can be switched on before the launch. */
function withFlags(additions: LaunchAddition[], allOn: readonly LaunchAddition[]): LaunchAddition[] {
  return additions.map((each) => ({
    ...each,
    flags: allOn.find(({ id }) => id === each.id)?.flags ?? each.flags,
  }));
}

function hasLimit({ usd, tokens }: Limits): boolean {
  return usd !== null || tokens !== null;
}
