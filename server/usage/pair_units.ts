// Joins what different sources saw of a call without a common id: same size, nearest in time.

import { compareCalls, compareText, mergeCalls, type MergedCall } from "./merged_call.ts";
import { type ModelCall, USAGE_SOURCES } from "./model_call.ts";

/**
 * How far apart two sources may date a call that they give no common id: Codex's older totals wait for the tools
 * of the answer.
 */
const MATCH_WINDOW_MS = 10 * 60_000;
/** Later units that one is compared with: a flood of equal rows must not cost the square of its size. */
const MAX_NEIGHBOURS = 64;

/** Rows that are one call by their ids; all figures are of the best row. */
export interface Unit {
  rows: readonly ModelCall[];
  merged: MergedCall;
  /** One bit for each source that saw it. */
  sources: number;
  hasRequestId: boolean;
  hasMessageId: boolean;
}

/** The unit of rows that share ids; `rows` must not be empty. */
export function createUnit(rows: readonly ModelCall[]): Unit {
  const sorted = [...rows].sort(compareCalls);
  return {
    rows: sorted,
    merged: mergeCalls(sorted),
    sources: sorted.reduce((bits, row) => bits | (1 << USAGE_SOURCES.indexOf(row.source)), 0),
    hasRequestId: sorted.some((row) => row.requestId !== undefined),
    hasMessageId: sorted.some((row) => row.messageId !== undefined),
  };
}

/**
 * One merged call for each set of units that are the same call. All units must be of one model and size; the
 * outcome does not depend on their order.
 */
export function pairUnits(units: readonly Unit[]): MergedCall[] {
  if (units.every((unit) => unit.sources === units[0]?.sources)) return units.map((unit) => unit.merged);
  const current = new Map(units.map((unit) => [unit, unit]));
  for (const [left, right] of nearestPairs(units)) {
    const [into, from] = [resolve(current, left), resolve(current, right)];
    if (into === from || !canBeOne(into, from)) continue;
    const joined = createUnit([...into.rows, ...from.rows]);
    current.set(into, joined);
    current.set(from, joined);
    current.set(joined, joined);
  }
  return [...new Set(units.map((unit) => resolve(current, unit)))].map((unit) => unit.merged);
}

function resolve(current: ReadonlyMap<Unit, Unit>, unit: Unit): Unit {
  const next = current.get(unit) ?? unit;
  return next === unit ? unit : resolve(current, next);
}

function nearestPairs(units: readonly Unit[]): Array<[Unit, Unit]> {
  const timed = [...units].sort((left, right) =>
    left.merged.call.atMs - right.merged.call.atMs || compareText(left.merged.key, right.merged.key)
  );
  const pairs: Array<{ pair: [Unit, Unit]; apartMs: number }> = [];
  timed.forEach((left, index) => {
    for (const right of timed.slice(index + 1, index + 1 + MAX_NEIGHBOURS)) {
      const apartMs = right.merged.call.atMs - left.merged.call.atMs;
      if (apartMs <= MATCH_WINDOW_MS && canBeOne(left, right)) pairs.push({ pair: [left, right], apartMs });
    }
  });
  // A stable sort: pairs equally far apart keep the order of time and key.
  return pairs.sort((one, other) => one.apartMs - other.apartMs).map(({ pair }) => pair);
}

/** Not if a source lists both, nor if both have an id of the same kind: it would be the same one. */
function canBeOne(left: Unit, right: Unit): boolean {
  return (left.sources & right.sources) === 0 && !(left.hasRequestId && right.hasRequestId) &&
    !(left.hasMessageId && right.hasMessageId);
}
