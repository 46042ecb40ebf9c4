// Changes of a work tree for tests.

import type { ChangeList, FileChange, SnapshotView } from "../../server/protocol.ts";

/** A modified text file. */
export function makeChange(patch: Partial<FileChange> & { path: string }): FileChange {
  return {
    id: encodeURIComponent(patch.path),
    status: "M",
    kind: "text",
    additions: 2,
    deletions: 1,
    oldBytes: 100,
    newBytes: 120,
    ...patch,
  };
}

export function makeChangeList(files: FileChange[], patch: Partial<ChangeList> = {}): ChangeList {
  return {
    from: 1,
    to: "now",
    fromTree: "a".repeat(40),
    toTree: "b".repeat(40),
    root: "/work",
    files,
    totals: {
      files: files.length,
      additions: files.reduce((sum, { additions = 0 }) => sum + additions, 0),
      deletions: files.reduce((sum, { deletions = 0 }) => sum + deletions, 0),
    },
    commits: [],
    notes: [],
    ...patch,
  };
}

export function makeSnapshot(patch: Partial<SnapshotView> = {}): SnapshotView {
  return { id: 1, atMs: 1_700_000_000_000, reason: "baseline", state: "taken", ...patch };
}
