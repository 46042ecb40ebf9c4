// What the store is told of a session that starts, for tests that need one and do not care which.
import type { NewSession } from "../store/sessions.ts";

/** A session of Claude Code in the repository /repo; `more` is what a test is about. */
export function newSession(more: Partial<NewSession> = {}): NewSession {
  return {
    id: "00000000-0000-7000-8000-000000000001",
    conversationId: "c1",
    kind: "claude",
    title: undefined,
    command: "claude",
    cwd: "/repo",
    repository: { root: "/repo", name: "repo" },
    cols: 80,
    rows: 24,
    createdAtMs: 1,
    ...more,
  };
}
