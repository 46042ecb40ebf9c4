// Help for the launch view: checks while typing, completions, what was launched before.
import type { AgentLauncher } from "../agents/launcher.ts";
import type {
  DirectorySuggestion,
  FleetSettings,
  LaunchAddition,
  LaunchCheck,
  Limits,
  Recents,
  SessionKind,
} from "../protocol.ts";
import type { SessionTable } from "../store/sessions.ts";
import { type DirectoryRules, suggestDirectories } from "./directories.ts";
import type { LaunchPlanner } from "./launch.ts";
import { describeRoot } from "./repository.ts";

const MAX_RECENT_LAUNCHES = 12;
const MAX_RECENT_DIRECTORIES = 8;

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
    const isBudgeted = hasLimit(defaultBudget) || this.#options.hasSharedLimits();
    const { additions, signIn } = launcher.preview(plan, { switches: {}, isBudgeted, holds: false });
    return {
      ...check,
      defaultBudget,
      ...(additions.length === 0 ? {} : { additions }),
      ...(signIn ? { signIn } : {}),
      metering: describeMetering(kind, additions),
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

function hasLimit({ usd, tokens }: Limits): boolean {
  return usd !== null || tokens !== null;
}

function describeMetering(
  kind: SessionKind,
  additions: LaunchAddition[],
): NonNullable<LaunchCheck["metering"]> {
  const hasTelemetry = additions.some(({ id, on }) => id === "telemetry" && on);
  if (additions.some(({ id, on }) => id === "gateway" && on)) {
    return {
      mode: "gate",
      sources: ["gateway", ...(hasTelemetry ? ["otlp" as const] : []), "transcript"],
      note: "Every call is covered by the budgets before it is made: no limit is overrun",
    };
  }
  if (kind === "shell") {
    return hasTelemetry
      ? {
        mode: "observe",
        sources: ["otlp", "estimate"],
        note: "Claude's model calls are counted where it reports them",
      }
      : { mode: "observe", sources: ["estimate"], note: "Estimated from the characters on the terminal" };
  }
  return {
    mode: "observe",
    sources: hasTelemetry ? ["otlp", "transcript", "screen"] : ["transcript", "screen"],
    note: "Counted after each answer: a limit can be overrun by the calls under way",
  };
}
