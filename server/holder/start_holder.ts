// Starts a holder as a process of its own, which outlives the terminal and the server that started it, and where it can its user's log-out.
import { AppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { AfterLogout } from "../protocol.ts";
import { commandOutput } from "./command_output.ts";
import { listHolderFiles } from "./holder_files.ts";
import type { Logins } from "./logins.ts";

export interface HolderStarterOptions {
  /** Program and first arguments that run this program again. */
  selfCommand: readonly string[];
  dataDirectory: string;
  /** Of this program. */
  version: string;
  /** Where the holder's own log goes; appended. */
  logFile: string;
  logins: Logins;
  log: Log;
  /** Added to the environment of what is started. */
  env?: Record<string, string>;
  /** How long the user's service manager may take. */
  scopeWithinMs?: number;
}

/** Writes to the log, reads nothing, and leaves the shell that is waited for. */
const DETACH =
  'log=$1; shift; umask_before=$(umask); umask 077; exec >>"$log" 2>&1 </dev/null; umask "$umask_before"; "$@" &';

const SCOPE_WITHIN_MS = 5000;
/** A shell that starts something and leaves. */
const DETACH_WITHIN_MS = 10_000;
const SCOPE = [
  "systemd-run",
  "--user",
  "--scope",
  "--quiet",
  "--collect",
  "--description=agents-fleet holder",
];
/** One agent that the kernel kills for its memory must not end all others. */
const OUT_OF_MEMORY = "--property=OOMPolicy=continue";
/** From version 254 on the shell's variables could be taken for systemd's. */
const NO_EXPANSION = "--expand-environment=no";
/** The first that this machine's version knows. */
const SCOPE_OPTIONS: readonly (readonly string[])[] = [[OUT_OF_MEMORY, NO_EXPANSION], [OUT_OF_MEMORY], []];

/** Starts holders, and knows what a log-out does to them. */
export class HolderStarter {
  readonly #options: HolderStarterOptions;
  readonly #killsUserProcesses: Promise<boolean | undefined>;
  #kills: boolean | undefined;
  #scopeProblem: string | undefined;

  constructor(options: HolderStarterOptions) {
    this.#options = options;
    this.#killsUserProcesses = options.logins.killsUserProcesses();
    void this.#killsUserProcesses.then((kills) => this.#kills = kills);
  }

  /**
   * Resolves when a holder was started; it says in its file when it listens. A service manager that is broken or hangs
   * costs some seconds, no more. Throws unavailable when there is no way.
   */
  async start(): Promise<void> {
    this.#scopeProblem = undefined;
    if (await this.#wantsScope() && await this.#startInScope()) return;
    const { problem } = await this.#launch([], DETACH_WITHIN_MS);
    if (problem === undefined) return;
    throw new AppError(
      "unavailable",
      `Cannot start the process that holds sessions; ${this.#options.logFile} may say why: ${problem}`,
    );
  }

  /** What becomes of running sessions when their user logs out, by where the holder of our version is now. */
  afterLogout(): AfterLogout {
    const { dataDirectory, version } = this.#options;
    const holder = listHolderFiles(dataDirectory).find((file) => file.version === version);
    return {
      decidedBy: this.#decidedBy(holder?.pid),
      ...(this.#scopeProblem === undefined ? {} : { scopeProblem: this.#scopeProblem }),
    };
  }

  #decidedBy(holderPid: number | undefined): AfterLogout["decidedBy"] {
    const { logins } = this.#options;
    switch (holderPid === undefined ? undefined : logins.placeOf(holderPid)) {
      case "manager":
        return logins.lingers() ? "lingering" : "last_login";
      case "login":
        return this.#kills === undefined ? "unknown" : this.#kills ? "login" : "leniency";
      case "elsewhere":
        return "nothing";
      case undefined:
        return "unknown";
    }
  }

  /**
   * Without lingering, the service manager ends with the last login and takes its scopes along. Then a scope only helps a
   * process that would end even sooner, or is the service manager's already.
   */
  async #wantsScope(): Promise<boolean> {
    const { logins } = this.#options;
    const place = logins.placeOf(Deno.pid);
    if (place === undefined) return false;
    if (logins.lingers() || place === "manager") return true;
    return place === "login" && await this.#killsUserProcesses === true;
  }

  async #startInScope(): Promise<boolean> {
    const unit = `--unit=agents-fleet-holder-${crypto.randomUUID()}`;
    const withinMs = this.#options.scopeWithinMs ?? SCOPE_WITHIN_MS;
    let problem: string | undefined;
    for (const options of SCOPE_OPTIONS) {
      const answer = await this.#launch([...SCOPE, unit, ...options, "--"], withinMs);
      problem = answer.problem;
      if (problem === undefined) return true;
      if (answer.tookTooLong) break;
    }
    this.#scopeProblem = problem;
    this.#options.log.warn("The holder starts without a scope of the user's service manager", { problem });
    return false;
  }

  /** By `systemd-run` or not, it is a shell that is waited for. */
  #launch(scope: readonly string[], withinMs: number): ReturnType<typeof commandOutput> {
    const { selfCommand, dataDirectory, logFile, env = {} } = this.#options;
    const holder = [...selfCommand, "__holder", "--data", dataDirectory];
    return commandOutput([...scope, "/bin/sh", "-c", DETACH, "sh", logFile, ...holder], { withinMs, env });
  }
}
