// Sessions for tests.

import type { SessionView } from "../../server/protocol.ts";

/** A running shell, with whatever a test cares about changed. */
export function makeSession(patch: Partial<SessionView> = {}): SessionView {
  return {
    id: "s1",
    conversationId: "c1",
    revision: 1,
    kind: "shell",
    command: "bash",
    cwd: "/work/project",
    lifecycle: "running",
    activity: "unknown",
    held: false,
    paused: false,
    cols: 80,
    rows: 24,
    createdAtMs: 1_000,
    recordedBytes: 0,
    ...patch,
  };
}

/** An ended session created at a time. */
export function makeEnded(id: string, createdAtMs: number, patch: Partial<SessionView> = {}): SessionView {
  return makeSession({ id, createdAtMs, lifecycle: "ended", endReason: "exited", exitCode: 0, ...patch });
}
