// The small marks of changed files: status letters and counts, never by colour alone.

import type { VNode } from "preact";
import type { ChangeTotals, FileChange } from "../../server/protocol.ts";
import { formatCount } from "../format.ts";

const STATUS_NAMES: Record<FileChange["status"], string> = {
  A: "added",
  M: "modified",
  D: "deleted",
  R: "renamed",
  C: "copied",
  T: "type changed",
  U: "in conflict",
};
const TONES: Record<FileChange["status"], string> = {
  A: "green",
  M: "amber",
  D: "red",
  R: "violet",
  C: "violet",
  T: "amber",
  U: "red",
};

export function statusName({ status }: Pick<FileChange, "status">): string {
  return STATUS_NAMES[status];
}

export function StatusLetter({ file }: { file: Pick<FileChange, "status"> }): VNode {
  return (
    <span class={`change-status tone-${TONES[file.status]}`} title={statusName(file)}>
      <span aria-hidden="true">{file.status}</span>
      <span class="visually-hidden">{statusName(file)}</span>
    </span>
  );
}

/** `+12 −3`; nothing where lines do not count. */
export function LineCounts(
  { additions, deletions }: { additions?: number; deletions?: number },
): VNode | null {
  if (additions === undefined && deletions === undefined) return null;
  return (
    <span class="line-counts number">
      <span class="line-added" title={`${formatCount(additions ?? 0)} lines added`}>
        +{shortCount(additions ?? 0)}
      </span>{" "}
      <span class="line-removed" title={`${formatCount(deletions ?? 0)} lines removed`}>
        −{shortCount(deletions ?? 0)}
      </span>
    </span>
  );
}

/** For headers and rows of lists. */
export function Totals({ totals }: { totals: ChangeTotals }): VNode {
  return <LineCounts additions={totals.additions} deletions={totals.deletions} />;
}

function shortCount(count: number): string {
  if (count < 10_000) return String(count);
  return count < 1_000_000
    ? `${(count / 1000).toFixed(count < 100_000 ? 1 : 0)}k`
    : `${(count / 1e6).toFixed(1)}M`;
}
