// Turns totals that only grow into rows that have a time: one per clock hour, so that days add up right.

import type { Confidence, ModelCall, UsageSource } from "./model_call.ts";

/** A running total since the session's start; cost only where the source states one. */
export interface RunningTotals {
  input: number;
  cacheRead: number;
  output: number;
  costNanoUsd?: number;
}

/** Plain JSON: what the rows before the current hour have taken of the totals. */
export interface HourlyState {
  hour: number;
  before: RunningTotals;
  latest: RunningTotals;
}

const HOUR_MS = 3_600_000;
const NOTHING: RunningTotals = { input: 0, cacheRead: 0, output: 0 };

/** The rows of a source that knows totals and not calls (`screen`, `estimate`). */
export class HourlyRows {
  readonly #source: UsageSource;
  readonly #confidence: Confidence;
  #state: HourlyState;

  constructor(options: { source: "screen" | "estimate"; state?: HourlyState }) {
    this.#source = options.source;
    this.#confidence = options.source === "screen" ? "reported" : "estimated";
    this.#state = options.state ?? { hour: -1, before: NOTHING, latest: NOTHING };
  }

  get state(): HourlyState {
    return structuredClone(this.#state);
  }

  /** The current hour's row, to be stored in place of the one with the same key. Totals must not go down. */
  update(totals: RunningTotals, at: { atMs: number; model: string }): ModelCall {
    // A clock that was set back goes on in the latest hour: no total is taken twice.
    const hour = Math.max(this.#state.hour, Math.floor(at.atMs / HOUR_MS));
    const before = hour === this.#state.hour ? this.#state.before : this.#state.latest;
    this.#state = { hour, before, latest: totals };
    const cost = totals.costNanoUsd === undefined
      ? undefined
      : totals.costNanoUsd - (before.costNanoUsd ?? 0);
    const cacheRead = totals.cacheRead - before.cacheRead;
    return {
      source: this.#source,
      key: `hour:${hour}`,
      model: at.model,
      atMs: at.atMs,
      input: Math.max(0, totals.input - before.input - cacheRead),
      cacheRead,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      output: totals.output - before.output,
      reasoning: 0,
      ...(cost === undefined ? {} : { reportedCostNanoUsd: cost }),
      confidence: this.#confidence,
    };
  }
}
