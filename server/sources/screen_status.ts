// Totals from the status line on a session's server-side screen: a last resort for usage, the best source for the window.
import type { ContextView } from "../protocol.ts";
import type { SourceState } from "../store/ledger.ts";
import { HourlyRows, type HourlyState } from "../usage/hourly_rows.ts";
import { type ModelCall, UNKNOWN_MODEL } from "../usage/model_call.ts";
import { readClaudeStatus, readCodexStatus, type StatusReading } from "../usage/status_line.ts";
import { applyReading, sinceBaseline, startStatus, type StatusState } from "../usage/status_totals.ts";

export interface ScreenStatusOptions {
  sessionId: string;
  kind: "claude" | "codex";
  /** The conversation had totals before this session: only what is added counts. */
  isResumed: boolean;
  stored: unknown;
  record: (reading: { calls: ModelCall[]; states: SourceState[] }) => void;
  onContext: (context: ContextView) => void;
  now: () => number;
}

interface StoredState {
  status: StatusState;
  rows: HourlyState;
}

export class ScreenStatus {
  readonly #options: ScreenStatusOptions;
  readonly #rows: HourlyRows;
  #status: StatusState;

  constructor(options: ScreenStatusOptions) {
    this.#options = options;
    const stored = options.stored as StoredState | undefined;
    this.#status = stored?.status ?? startStatus({ resumed: options.isResumed });
    this.#rows = new HourlyRows({ source: "screen", ...(stored ? { state: stored.rows } : {}) });
  }

  /** Takes a look at the screen's rows. */
  look(rows: readonly string[]): void {
    const { kind, onContext } = this.#options;
    const reading = kind === "claude" ? readClaudeStatus(rows) : readCodexStatus(rows);
    if (!reading) return;
    if (reading.context) onContext(reading.context);
    this.#apply(reading);
  }

  #apply(reading: StatusReading): void {
    const { sessionId, record, now } = this.#options;
    const { state, outcome } = applyReading(this.#status, reading);
    this.#status = state;
    if (outcome !== "accepted") return;
    const { costNanoUsd, ...tokens } = sinceBaseline(state);
    const hasCost = reading.costNanoUsd !== undefined;
    const totals = hasCost ? { ...tokens, costNanoUsd } : tokens;
    const call = this.#rows.update(totals, { atMs: now(), model: UNKNOWN_MODEL });
    const stored: StoredState = { status: state, rows: this.#rows.state };
    record({ calls: [call], states: [{ name: `screen:${sessionId}`, sessionId, state: stored }] });
  }
}
