// What snapshots are called, and which two belong together. Pure.

import type { SnapshotView } from "../../server/protocol.ts";
import type { SnapshotPair } from "../api/changes.ts";
import { formatPlural, formatTimeOfDay } from "../format.ts";

const NAMES: Record<SnapshotView["reason"], string> = {
  baseline: "Start",
  turn: "Turn",
  stop: "Stop",
  exit: "End",
  manual: "Snapshot",
  before_revert: "Before a revert",
};

/** `Start`, `Turn 3`, `Before a revert`. */
export function snapshotName({ reason, turn }: Pick<SnapshotView, "reason" | "turn">): string {
  return turn === undefined ? NAMES[reason] : `${NAMES[reason]} ${turn}`;
}

/** With its time and what differed from the start. */
export function snapshotLabel(snapshot: SnapshotView, nowMs: number): string {
  const { totals, atMs, state } = snapshot;
  const time = formatTimeOfDay(atMs, nowMs);
  if (state === "failed") return `${snapshotName(snapshot)} · ${time} · failed`;
  if (totals === undefined) return `${snapshotName(snapshot)} · ${time}`;
  const figures = totals.files === 0
    ? "no changes"
    : `+${totals.additions} −${totals.deletions} in ${formatPlural(totals.files, "file")}`;
  return `${snapshotName(snapshot)} · ${time} · ${figures}`;
}

/**
 * One step through the snapshots: each against the one before it. From the whole comparison, back is the last step and
 * forward the first; undefined where no step is left.
 */
export function stepPair(
  taken: readonly SnapshotView[],
  { current, by, hasNow }: { current: SnapshotPair; by: 1 | -1; hasNow: boolean },
): { from: number; to: number | "now" } | undefined {
  const ends: (number | "now")[] = [
    ...taken.slice(1).map(({ id }) => id),
    ...(hasNow ? ["now" as const] : []),
  ];
  const at = current.to === undefined ? -1 : ends.indexOf(current.to);
  const isStep = at >= 0 && taken[at]?.id === current.from;
  const next = isStep ? at + by : by === 1 ? 0 : ends.length - 1;
  const from = taken[next];
  const to = ends[next];
  return from === undefined || to === undefined ? undefined : { from: from.id, to };
}
