// Finds programs the way a shell does, and knows the agents and how to get them.
import { isAbsolute, join, resolve } from "node:path";
import type { AgentView } from "../protocol.ts";

const ANY_EXECUTE_BIT = 0o111;

/** The agents a launch offers; `path` is added where they are installed. */
const AGENTS: Omit<AgentView, "path">[] = [
  {
    kind: "claude",
    name: "Claude Code",
    command: "claude",
    install: "npm install -g @anthropic-ai/claude-code",
  },
  { kind: "codex", name: "Codex", command: "codex", install: "npm install -g @openai/codex" },
];

/** Absolute path of a program, looked up in PATH unless it contains a slash; undefined when there is none. */
export function findProgram(
  name: string,
  where: { path: string | undefined; cwd: string },
): string | undefined {
  if (name.includes("/")) {
    const path = isAbsolute(name) ? name : resolve(where.cwd, name);
    return isExecutable(path) ? path : undefined;
  }
  return (where.path ?? "").split(":").filter(Boolean)
    .map((directory) => join(isAbsolute(directory) ? directory : resolve(where.cwd, directory), name))
    .find(isExecutable);
}

export function listAgents(path: string | undefined): AgentView[] {
  return AGENTS.map((agent) => {
    const found = findProgram(agent.command, { path, cwd: "/" });
    return found === undefined ? agent : { ...agent, path: found };
  });
}

/** How to get a program that is missing, where we know. */
export function installHint(name: string): string | undefined {
  return AGENTS.find((agent) => agent.command === name)?.install;
}

function isExecutable(path: string): boolean {
  try {
    const info = Deno.statSync(path);
    return info.isFile && ((info.mode ?? ANY_EXECUTE_BIT) & ANY_EXECUTE_BIT) !== 0;
  } catch (cause) {
    const absent = [
      Deno.errors.NotFound,
      Deno.errors.PermissionDenied,
      Deno.errors.NotADirectory,
      Deno.errors.FilesystemLoop,
    ];
    if (absent.some((kind) => cause instanceof kind)) return false;
    throw cause;
  }
}
