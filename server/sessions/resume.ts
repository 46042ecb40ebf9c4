// The command that goes on with an agent's conversation, from the one that began it.
import type { AgentLauncher } from "../agents/launcher.ts";
import { findAgent, parsePlainCommand, quoteWords } from "./command.ts";

/** The original's program and flags with another beginning; the plain agent for a command that cannot be taken apart. */
export function resumeCommandOf(
  command: string,
  agent: { kind: "claude" | "codex"; agentSessionId: string; launcher: Pick<AgentLauncher, "resumeArgs"> },
): string {
  const plain = parsePlainCommand(command);
  const found = plain && findAgent(plain.words);
  if (!plain || found?.kind !== agent.kind) {
    return quoteWords([agent.kind, ...agent.launcher.resumeArgs({ ...agent, args: [] })]);
  }
  const args = agent.launcher.resumeArgs({ ...agent, args: plain.words.slice(found.argsFrom) });
  const assignments = Object.entries(plain.assignments).map(([name, value]) =>
    `${name}=${quoteWords([value])}`
  );
  return [...assignments, quoteWords([...plain.words.slice(0, found.argsFrom), ...args])].join(" ");
}
