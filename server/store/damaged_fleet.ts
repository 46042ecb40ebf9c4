// What is said of a fleet.sqlite that cannot be read.
import { AppError } from "../errors.ts";

/** How to go on without it. */
export function damagedFleet(path: string, finding: string): AppError {
  return new AppError(
    "invalid",
    `Cannot start: "${path}" is damaged (${finding}). It holds sessions, budgets and what was spent. ` +
      "Restore a backup with agents-fleet restore FILE --force, or move the file away to begin without it",
  );
}
