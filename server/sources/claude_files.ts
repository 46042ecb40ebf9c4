// Where Claude Code keeps a conversation: its own file, and one for each sub-agent.
import { basename, join } from "node:path";
import { ignoreMissing } from "./file_follower.ts";

/** The conversation's file, where it is or will be; another project's directory when the agent was moved there. */
export async function findTranscript(
  projects: string,
  { cwd, agentSessionId }: { cwd: string; agentSessionId: string },
): Promise<string> {
  const expected = transcriptPath(projects, { cwd, agentSessionId });
  if (await ignoreMissing(Deno.stat(expected))) return expected;
  for (const name of await listNames(projects)) {
    const path = join(projects, name, `${agentSessionId}.jsonl`);
    if (await ignoreMissing(Deno.stat(path))) return path;
  }
  return expected;
}

/** Every character of the directory that is no letter or digit becomes a dash, so two can share one. */
export function transcriptPath(
  projects: string,
  { cwd, agentSessionId }: { cwd: string; agentSessionId: string },
): string {
  return join(projects, cwd.replace(/[^A-Za-z0-9]/g, "-"), `${agentSessionId}.jsonl`);
}

/** Files of the sub-agents of a conversation so far. */
export async function listSubagentFiles(transcript: string): Promise<string[]> {
  const directory = join(transcript.slice(0, -".jsonl".length), "subagents");
  const names = await listNames(directory);
  return names.filter((name) => /^agent-[\w-]+\.jsonl$/.test(name)).map((name) => join(directory, name));
}

/** The id in a sub-agent's file name. */
export function subagentOf(path: string): string | undefined {
  return /^agent-([\w-]+)\.jsonl$/.exec(basename(path))?.[1];
}

export async function listNames(directory: string): Promise<string[]> {
  const entries = await ignoreMissing(Array.fromAsync(Deno.readDir(directory)));
  return (entries ?? []).map(({ name }) => name).sort();
}
