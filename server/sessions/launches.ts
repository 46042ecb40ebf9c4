// Help for the launch view: checks while typing, completions, what was launched before.
import type { DirectorySuggestion, LaunchCheck, Recents } from "../protocol.ts";
import type { SessionTable } from "../store/sessions.ts";
import { type DirectoryRules, suggestDirectories } from "./directories.ts";
import type { LaunchPlanner } from "./launch.ts";
import { describeRoot } from "./repository.ts";

const MAX_RECENT_LAUNCHES = 12;
const MAX_RECENT_DIRECTORIES = 8;

export class Launches {
  readonly #options: { table: SessionTable; planner: LaunchPlanner; rules: DirectoryRules };

  constructor(options: { table: SessionTable; planner: LaunchPlanner; rules: DirectoryRules }) {
    this.#options = options;
  }

  check(request: { cwd: string; command: string }): LaunchCheck {
    return this.#options.planner.check(request);
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
