// Leaves room among the files that this process may have open: at the limit the runtime itself breaks, and every session with it.
import { AppError } from "../errors.ts";

export interface OpenFiles {
  /** How many may be open; undefined where that is not known. */
  limit: number | undefined;
  countOpen: () => number;
}

/** For databases, workers, clients and the start of a program. */
const RESERVE = 64;

/** What the system says of this process; Linux only. */
export function readOpenFiles(): OpenFiles {
  return { limit: readLimit(), countOpen: () => [...Deno.readDirSync("/proc/self/fd")].length };
}

/** Throws `unavailable` when another session could take the last ones. */
export function assertFilesLeft({ limit, countOpen }: OpenFiles): void {
  if (limit === undefined || countOpen() + RESERVE <= limit) return;
  throw new AppError(
    "unavailable",
    `Cannot start another session: the system lets one process have ${limit} files open (ulimit -n)`,
  );
}

function readLimit(): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const [, limit] = /^Max open files\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/limits")) ?? [];
  return limit === undefined ? undefined : Number(limit);
}
