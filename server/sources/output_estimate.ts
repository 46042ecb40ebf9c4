// Estimates the tokens of a command that tells us nothing, from what it prints and what is typed to it.
import type { SourceState } from "../store/ledger.ts";
import { UsageEstimator } from "../usage/estimate.ts";
import { HourlyRows, type HourlyState } from "../usage/hourly_rows.ts";
import { type ModelCall, UNKNOWN_MODEL } from "../usage/model_call.ts";

export interface OutputEstimateOptions {
  sessionId: string;
  stored: unknown;
  readOutput: (range: { from: number; maxBytes: number }) => Promise<Uint8Array>;
  record: (reading: { calls: ModelCall[]; states: SourceState[] }) => void;
  now: () => number;
}

interface StoredState {
  offset: number;
  chars: UsageEstimator["state"];
  rows: HourlyState;
}

/** Read at one time; a flood is estimated from the rest of its bytes, so that it costs no more than this. */
const PIECE_BYTES = 512 * 1024;

export class OutputEstimate {
  readonly #options: OutputEstimateOptions;
  readonly #estimator: UsageEstimator;
  readonly #rows: HourlyRows;
  readonly #decoder = new TextDecoder();
  /** Output up to here is counted. */
  #offset: number;
  /** Whether the store has all that was counted. */
  #isStored = true;
  #reading: Promise<void> | undefined;

  constructor(options: OutputEstimateOptions) {
    this.#options = options;
    const stored = options.stored as StoredState | undefined;
    this.#offset = stored?.offset ?? 0;
    this.#estimator = new UsageEstimator(stored?.chars);
    this.#rows = new HourlyRows({ source: "estimate", ...(stored ? { state: stored.rows } : {}) });
  }

  addInput(bytes: Uint8Array): void {
    this.#estimator.addInput(new TextDecoder().decode(bytes), this.#options.now());
  }

  /** Counts the output up to `end`. One counting at a time. */
  countTo(end: number): Promise<void> {
    this.#reading ??= this.#count(end).finally(() => this.#reading = undefined);
    return this.#reading;
  }

  /** Whether everything up to `end` is counted, or cannot be read. */
  async isAt(end: number): Promise<boolean> {
    await this.#reading;
    if (this.#offset >= end) return true;
    const next = await this.#options.readOutput({ from: this.#offset, maxBytes: 1 });
    return next.length === 0;
  }

  async #count(end: number): Promise<void> {
    const { readOutput, now } = this.#options;
    if (end <= this.#offset) return this.#isStored ? undefined : this.#record(0);
    const bytes = await readOutput({ from: this.#offset, maxBytes: PIECE_BYTES });
    if (bytes.length === 0) return;
    const before = this.#estimator.state.outputChars;
    this.#estimator.addOutput(this.#decoder.decode(bytes, { stream: true }), now());
    this.#offset += bytes.length;
    // What is skipped is taken to be like what was read.
    const charsPerByte = (this.#estimator.state.outputChars - before) / bytes.length;
    const skipped = Math.max(0, end - this.#offset - PIECE_BYTES);
    this.#offset += skipped;
    this.#record(Math.round(skipped * charsPerByte));
  }

  #record(skippedChars: number): void {
    const { sessionId, record, now } = this.#options;
    this.#estimator.addSkipped(skippedChars);
    const { input, output } = this.#estimator.totals;
    const call = this.#rows.update({ input, output, cacheRead: 0 }, { atMs: now(), model: UNKNOWN_MODEL });
    const state: StoredState = { offset: this.#offset, chars: this.#estimator.state, rows: this.#rows.state };
    this.#isStored = false;
    record({ calls: [call], states: [{ name: `estimate:${sessionId}`, sessionId, state }] });
    this.#isStored = true;
  }
}
