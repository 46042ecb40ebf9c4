// A stored snapshot as the page sees it.
import type { SnapshotView } from "../../protocol.ts";
import type { ListedSnapshot } from "../../store/snapshots.ts";

export function viewSnapshot(row: ListedSnapshot): SnapshotView {
  const { files, additions, deletions } = row;
  const view: SnapshotView = { id: row.id, atMs: row.atMs, reason: row.reason, state: row.state };
  if (row.turn !== null) view.turn = row.turn;
  const message = row.message ?? readNotes(row).join(" ");
  if (message !== "") view.message = message;
  if (row.head !== null) view.head = row.head;
  if (row.branch !== null) view.branch = row.branch;
  if (row.upstream !== null) view.upstream = row.upstream;
  if (row.stashCount !== null) view.stashCount = row.stashCount;
  if (row.durationMs !== null) view.durationMs = row.durationMs;
  if (files !== null) view.totals = { files, additions: additions ?? 0, deletions: deletions ?? 0 };
  return view;
}

/** What could not be taken, and what is to be known about it. */
export function readNotes({ notes }: Pick<ListedSnapshot, "notes">): string[] {
  return JSON.parse(notes);
}
