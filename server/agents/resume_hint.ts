// The resume command that an agent prints when it leaves.

const HINTS = {
  // With a settings file of its own it names that too, the file of this run.
  claude: /^[^\S\n]*claude\b[^\n]{0,500}? --resume ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/gim,
  codex: /codex resume ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/gi,
};

/** The agent's id of the conversation in plain text; of several the last one. */
export function findResumeHint(
  text: string,
): { kind: "claude" | "codex"; agentSessionId: string } | undefined {
  const found = (["claude", "codex"] as const).flatMap((kind) =>
    [...text.matchAll(HINTS[kind])].map((match) => ({
      kind,
      at: match.index,
      agentSessionId: match[1] ?? "",
    }))
  );
  const last = found.sort((left, right) => left.at - right.at).at(-1);
  return last && { kind: last.kind, agentSessionId: last.agentSessionId.toLowerCase() };
}
