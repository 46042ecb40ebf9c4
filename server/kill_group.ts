// Ends a program with all that it started.
import process from "node:process";

/** Kills the process group that `pid` leads; one that has ended already is no error. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (cause) {
    // It has ended by itself.
    if (!(cause instanceof Error && "code" in cause && cause.code === "ESRCH")) throw cause;
  }
}
