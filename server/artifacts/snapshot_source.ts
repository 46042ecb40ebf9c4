// Git snapshots as artifacts: their facts; what changed is shown where changes are.
import type { ArtifactDetail, ArtifactKind, ChangeTotals, CommitView, SnapshotReason } from "../protocol.ts";
import type { ListedSnapshot, SnapshotRow, SnapshotTable, TakenSnapshot } from "../store/snapshots.ts";
import {
  type ArtifactSource,
  isBehind,
  type SourceDetail,
  type SourceItem,
  type SourceWish,
} from "./artifact_list.ts";
import { viewSnapshot } from "./changes/snapshot_view.ts";

const TITLES: Record<Exclude<SnapshotReason, "turn">, string> = {
  baseline: "Git snapshot at the start",
  stop: "Git snapshot at the stop",
  exit: "Git snapshot at the end",
  manual: "Git snapshot, taken by you",
  before_revert: "Git snapshot before a revert",
};

export class SnapshotSource implements ArtifactSource {
  readonly name = "snapshot";
  readonly kinds: readonly ArtifactKind[] = ["snapshot"];
  readonly #snapshots: Pick<SnapshotTable, "list" | "get">;

  constructor(snapshots: Pick<SnapshotTable, "list" | "get">) {
    this.#snapshots = snapshots;
  }

  /** All of a session's are read: there is a limit to them. */
  list(sessionId: string, { before, limit }: SourceWish): SourceItem[] {
    return this.#snapshots.list(sessionId).map(viewItem)
      .filter((item) => isBehind(item, before))
      .sort((a, b) => b.atMs - a.atMs || b.number - a.number)
      .slice(0, limit);
  }

  get(sessionId: string, number: number): SourceDetail | undefined {
    const row = this.#snapshots.get(sessionId, number);
    if (!row) return undefined;
    const snapshot = viewSnapshot(row);
    return { ...viewItem(row), content: describe(row), facts: factsOf(row), more: { snapshot } };
  }
}

function viewItem(row: ListedSnapshot): SourceItem {
  const { id, atMs, reason, turn, state } = row;
  const title = reason === "turn" ? `Git snapshot after turn ${turn ?? "?"}` : TITLES[reason];
  return {
    number: id,
    kind: "snapshot",
    atMs,
    title: state === "failed" ? `${title}: failed` : title,
    text: row.message ?? totalsText(viewSnapshot(row).totals) ?? row.branch ?? "",
  };
}

function totalsText(totals: ChangeTotals | undefined): string | undefined {
  if (!totals) return undefined;
  if (totals.files === 0) return "nothing changed since the start";
  return `${totals.files} ${totals.files === 1 ? "file" : "files"} changed since the start, ` +
    `+${totals.additions} −${totals.deletions}`;
}

function factsOf(row: SnapshotRow): ArtifactDetail["facts"] {
  const facts: [string, string | number | null][] = [
    ["Work tree", row.root],
    ["Commit", row.head],
    ["Branch", row.branch],
    ["Upstream", row.upstream],
    ["Stashes", row.stashCount],
    ["Submodules", submodulesText(row)],
    ["Took", row.durationMs === null ? null : `${(row.durationMs / 1000).toFixed(1)} s`],
  ];
  return facts.flatMap(([name, value]) => value === null ? [] : [{ name, value: String(value) }]);
}

/** Null when there are none. */
function submodulesText(row: SnapshotRow): string | null {
  const submodules: TakenSnapshot["submodules"] = JSON.parse(row.submodules);
  if (submodules.length === 0) return null;
  return submodules.map(({ path, commit }) => `${path} at ${shortHash(commit)}`).join(", ");
}

function shortHash(hash: string): string {
  return hash.slice(0, 10);
}

/** Its outcome, what is to be known about it, and the commits since the start. */
function describe(row: SnapshotRow): string {
  const { message, totals } = viewSnapshot(row);
  const commits: CommitView[] = JSON.parse(row.commits);
  return [
    message,
    totalsText(totals),
    ...commits.map(({ hash, subject, authorName }) => `${shortHash(hash)} ${subject} (${authorName})`),
  ].filter((line) => line !== undefined).join("\n");
}
