// What the store is told of a session that starts, for tests that need one and do not care which.
import type { NewSession } from "../store/sessions.ts";

export const NEW_SESSION_ID = "00000000-0000-7000-8000-000000000001";

/** A session of Claude Code in the repository /repo; `more` is what a test is about. */
export function newSession(more: Partial<NewSession> = {}): NewSession {
  return {
    id: NEW_SESSION_ID,
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
