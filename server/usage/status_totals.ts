// From readings of a screen to totals that only grow: what is on a screen anybody may have printed.

import type { ContextReading, StatusReading } from "./status_line.ts";

/** Running totals; input includes what came from a cache. */
export interface StatusTotals {
  input: number;
  output: number;
  cacheRead: number;
  costNanoUsd: number;
}

/** Plain JSON, to be stored with the session so that a restart loses neither the baseline nor the totals. */
export interface StatusState {
  totals: StatusTotals;
  /** What earlier runs had used; a figure is missing while a resumed session has not shown it yet. */
  baseline: Partial<StatusTotals>;
  context?: ContextReading;
  /** A jump that has to be seen again before it counts. */
  pending?: { totals: StatusTotals; sightings: number };
}

export type ReadingOutcome = "accepted" | "unchanged" | "unconfirmed" | "implausible";

const NO_STATUS: Readonly<StatusTotals> = Object.freeze({
  input: 0,
  output: 0,
  cacheRead: 0,
  costNanoUsd: 0,
});
const CLASSES = Object.keys(NO_STATUS) as Array<keyof StatusTotals>;

/** What an answer or two may add between readings: taken at once. */
const SMALL_JUMP: StatusTotals = { input: 50_000, output: 50_000, cacheRead: 50_000, costNanoUsd: 5e9 };
/** The most that can have happened between readings: more is forged or misread, however often it is seen. */
const LARGEST_JUMP: StatusTotals = { input: 5e6, output: 5e5, cacheRead: 5e6, costNanoUsd: 2e11 };
/** Sightings in a row, readings being about a second apart, before a jump between the two is taken. */
const SIGHTINGS = 3;

/**
 * The state before the first reading. A resumed session brings the totals of its earlier runs: give them as
 * `baseline` where they are known, else each figure's first reading above zero becomes its baseline.
 */
export function startStatus(options: { resumed: boolean; baseline?: StatusTotals }): StatusState {
  const baseline = options.baseline ?? (options.resumed ? {} : NO_STATUS);
  return { totals: { ...NO_STATUS, ...baseline }, baseline: { ...baseline } };
}

/** The state after a reading. Totals never go down, and jumps must be plausible and, if large, repeated. */
export function applyReading(
  before: StatusState,
  reading: StatusReading,
): { state: StatusState; outcome: ReadingOutcome } {
  const previous = adoptBaseline(before, reading);
  const settled = withoutPending(reading.context ? { ...previous, context: reading.context } : previous);
  const totals = raise(previous.totals, reading);
  if (CLASSES.every((name) => totals[name] === previous.totals[name])) {
    return { state: settled, outcome: previous === before ? "unchanged" : "accepted" };
  }
  if (exceeds(totals, { from: previous.totals, by: LARGEST_JUMP })) {
    return { state: settled, outcome: "implausible" };
  }
  const sightings = sightingsOf(previous, totals);
  const isSmall = !exceeds(totals, { from: previous.totals, by: SMALL_JUMP });
  if (isSmall || reading.format === "summary" || sightings >= SIGHTINGS) {
    return { state: { ...settled, totals }, outcome: "accepted" };
  }
  return { state: { ...settled, pending: { totals, sightings } }, outcome: "unconfirmed" };
}

/** What this run has used: the totals without what earlier runs had. */
export function sinceBaseline(state: StatusState): StatusTotals {
  const since = { ...NO_STATUS };
  for (const name of CLASSES) since[name] = state.totals[name] - (state.baseline[name] ?? state.totals[name]);
  return since;
}

function adoptBaseline(state: StatusState, reading: StatusReading): StatusState {
  const shown = CLASSES.filter((name) => state.baseline[name] === undefined && (reading[name] ?? 0) > 0);
  if (shown.length === 0) return state;
  const first = Object.fromEntries(shown.map((name) => [name, reading[name]]));
  return { ...state, totals: { ...state.totals, ...first }, baseline: { ...state.baseline, ...first } };
}

function raise(totals: StatusTotals, reading: StatusReading): StatusTotals {
  const raised = { ...totals };
  for (const name of CLASSES) raised[name] = Math.max(totals[name], reading[name] ?? 0);
  return raised;
}

function exceeds(totals: StatusTotals, jump: { from: StatusTotals; by: StatusTotals }): boolean {
  return CLASSES.some((name) => totals[name] - jump.from[name] > jump.by[name]);
}

/** A pending jump is seen again when the totals have not gone back below it. */
function sightingsOf(previous: StatusState, totals: StatusTotals): number {
  const pending = previous.pending;
  const isSeenAgain = pending !== undefined && CLASSES.every((name) => totals[name] >= pending.totals[name]);
  return isSeenAgain ? pending.sightings + 1 : 1;
}

function withoutPending(state: StatusState): StatusState {
  const { pending: _pending, ...rest } = state;
  return rest;
}
