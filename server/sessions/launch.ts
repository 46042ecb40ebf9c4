// Turns what the user asked for into what is started: directory, program, arguments, environment.
import { AppError } from "../errors.ts";
import type { LaunchCheck, RepositoryView, SessionKind } from "../protocol.ts";
import { findAgent, parsePlainCommand, type PlainCommand } from "./command.ts";
import { type DirectoryRules, resolveDirectory } from "./directories.ts";
import { childEnvironment } from "./environment.ts";
import { findProgram, installHint } from "./programs.ts";
import { findRepository } from "./repository.ts";

/** Everything the holder needs, and what the session is remembered by. */
export interface LaunchPlan {
  kind: SessionKind;
  command: string;
  cwd: string;
  repository: RepositoryView | undefined;
  argv: string[];
  env: Record<string, string>;
  /** Index in `argv` of the first word that an agent gets; missing when none is started directly. */
  argsFrom?: number;
}

export interface LaunchOptions extends DirectoryRules {
  /** The user's environment. */
  environment: Readonly<Record<string, string>>;
  /** Commands with shell syntax run in a login shell. */
  loginShell: () => boolean;
}

/** Longest command line; longer ones belong in a script. */
const MAX_COMMAND_CHARACTERS = 20_000;

/** Plans launches from the user's environment and settings. */
export class LaunchPlanner {
  readonly #options: LaunchOptions;

  constructor(options: LaunchOptions) {
    this.#options = options;
  }

  /** Throws `invalid` naming the field for a directory or command that cannot work. */
  plan(request: { cwd: string; command: string }): LaunchPlan {
    const cwd = resolveDirectory(request.cwd, this.#options);
    const command = checkCommand(request.command);
    const plain = parsePlainCommand(command);
    const repository = findRepository(cwd);
    const env = childEnvironment(this.#options.environment, { cwd, assignments: plain?.assignments ?? {} });
    const argv = plain ? this.#directArgv(plain, { cwd, env }) : this.#shellArgv(command);
    const agent = findAgent(plain?.words ?? []);
    const found = agent ? { argsFrom: agent.argsFrom } : {};
    return { kind: agent?.kind ?? "shell", command, cwd, repository, argv, env, ...found };
  }

  /** What `plan` answers; undefined where it would throw. */
  tryPlan(request: { cwd: string; command: string }): LaunchPlan | undefined {
    try {
      return this.plan(request);
    } catch (cause) {
      if (cause instanceof AppError) return undefined;
      throw cause;
    }
  }

  /** What `plan` would do, said field by field instead of thrown. */
  check(request: { cwd: string; command: string }): LaunchCheck {
    return { cwd: this.#checkDirectory(request.cwd), command: this.#checkCommand(request) };
  }

  #directArgv(plain: PlainCommand, where: { cwd: string; env: Record<string, string> }): string[] {
    const [name = "", ...rest] = plain.words;
    const program = findProgram(name, { path: where.env["PATH"], cwd: where.cwd });
    if (!program) throw new AppError("invalid", missingProgram(name), { field: "command" });
    return [program, ...rest];
  }

  #shellArgv(command: string): string[] {
    const shell = this.#options.environment["SHELL"] || "/bin/sh";
    return [shell, this.#options.loginShell() ? "-lc" : "-c", command];
  }

  #checkDirectory(path: string): LaunchCheck["cwd"] {
    try {
      const cwd = resolveDirectory(path, this.#options);
      const repository = findRepository(cwd);
      return { ok: true, path: cwd, ...(repository ? { repository } : {}) };
    } catch (cause) {
      if (cause instanceof AppError) return { ok: false, message: cause.message };
      throw cause;
    }
  }

  #checkCommand(request: { cwd: string; command: string }): LaunchCheck["command"] {
    const plain = parsePlainCommand(request.command);
    if (!plain) return { kind: "shell", mode: "shell" };
    const kind = findAgent(plain.words)?.kind ?? "shell";
    const [name = ""] = plain.words;
    const path = plain.assignments["PATH"] ?? this.#options.environment["PATH"];
    const program = findProgram(name, { path, cwd: request.cwd });
    return { kind, mode: "direct", ...(program ? { program } : { problem: missingProgram(name) }) };
  }
}

function checkCommand(command: string): string {
  const trimmed = command.trim();
  if (trimmed === "") {
    throw new AppError("invalid", "Give a command to run, such as claude or bash", { field: "command" });
  }
  if (trimmed.length > MAX_COMMAND_CHARACTERS) {
    throw new AppError(
      "invalid",
      `Cannot run a command of ${trimmed.length} characters: put it in a script`,
      { field: "command" },
    );
  }
  if (/(?![\t\n])\p{Cc}/u.test(trimmed)) {
    throw new AppError("invalid", "Cannot run the command: it contains control characters", {
      field: "command",
    });
  }
  return trimmed;
}

function missingProgram(name: string): string {
  const hint = installHint(name);
  if (hint) return `"${name}" is not installed here: install it with ${hint}`;
  const place = name.includes("/") ? "no such executable file" : "it is not in PATH";
  return `Cannot find the program "${name}": ${place}`;
}
