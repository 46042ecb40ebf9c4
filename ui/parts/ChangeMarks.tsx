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

function statusName({ status }: Pick<FileChange, "status">): string {
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

interface LineCountsProps {
  additions?: number | undefined;
  deletions?: number | undefined;
}

/** `+12 −3`; what is 0 is left out. */
export function LineCounts({ additions = 0, deletions = 0 }: LineCountsProps): VNode | null {
  if (additions + deletions === 0) return null;
  return (
    <span class="line-counts number">
      {additions > 0 && (
        <span class="line-added" title={`${formatCount(additions)} lines added`}>
          +{shortCount(additions)}
        </span>
      )}
      {deletions > 0 && (
        <span class="line-removed" title={`${formatCount(deletions)} lines removed`}>
          −{shortCount(deletions)}
        </span>
      )}
    </span>
  );
}

/** For headers and rows of lists. */
export function Totals({ totals }: { totals: ChangeTotals }): VNode {
  return <LineCounts additions={totals.additions} deletions={totals.deletions} />;
}

function shortCount(count: number): string {
  if (count < 1000) return String(count);
  return count < 1_000_000
    ? `${(count / 1000).toFixed(count < 100_000 ? 1 : 0)}k`
    : `${(count / 1e6).toFixed(1)}M`;
}
