// Starts a holder as a process of its own, which outlives the terminal and the server that started it.
import { AppError } from "../errors.ts";

export interface StartHolderOptions {
  /** Program and first arguments that run this program again. */
  selfCommand: readonly string[];
  dataDirectory: string;
  /** Where the holder's own log goes; appended. */
  logFile: string;
  /** `systemd-run`, where a user manager is there: log-out does not end its scopes. */
  scopeCommand: readonly string[];
}

/** Writes to the log, reads nothing, and leaves the shell that is waited for. */
const DETACH =
  'log=$1; shift; umask_before=$(umask); umask 077; exec >>"$log" 2>&1 </dev/null; umask "$umask_before"; "$@" &';

/** Resolves when the holder was started; it says in its file when it listens. */
export async function startHolder(options: StartHolderOptions): Promise<void> {
  const command = [
    ...options.scopeCommand,
    ...options.selfCommand,
    "__holder",
    "--data",
    options.dataDirectory,
  ];
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", DETACH, "sh", options.logFile, ...command],
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: "null",
    // A session of its own: no terminal can hang it up.
    detached: true,
  }).output();
  if (!success) {
    throw new AppError(
      "unavailable",
      `Cannot start the process that holds sessions; ${options.logFile} may say why`,
    );
  }
}

/** How to start the holder so that log-out does not end it; empty where there is no systemd of the user. */
export async function findScopeCommand(): Promise<string[]> {
  try {
    const { success } = await new Deno.Command("systemctl", {
      args: ["--user", "--quiet", "is-active", "default.target"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success ? ["systemd-run", "--user", "--scope", "--quiet", "--collect", "--"] : [];
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw cause;
  }
}
