// The front desk of summaries: previews, those that are asked for, those at a session's end, and what was made before.
import type { Log } from "../../log.ts";
import type { SummaryMoney } from "../../money/summary_money.ts";
import type {
  ServerMessage,
  SessionView,
  SummaryList,
  SummaryPreview,
  SummarySettings,
} from "../../protocol.ts";
import type { SessionTable } from "../../store/sessions.ts";
import type { SummaryTable } from "../../store/summaries.ts";
import { Slots } from "../git/turns.ts";
import type { Fetch } from "./summary_fetch.ts";
import type { SummarySources } from "./summary_input.ts";
import { refusalOf } from "./summary_making.ts";
import { MAX_ANSWER_TOKENS } from "./summary_model.ts";
import { SummaryPreviews } from "./summary_previews.ts";
import { promptText } from "./summary_prompt.ts";
import { SummaryRuns } from "./summary_runs.ts";
import { SummaryTargets } from "./summary_targets.ts";

export interface SummaryDeskOptions {
  table: SummaryTable;
  rows: Pick<SessionTable, "get" | "listLive">;
  /** Throws `not_found`. */
  viewOf: (sessionId: string) => SessionView;
  setTitle: (sessionId: string, title: string) => void;
  sources: SummarySources;
  money: SummaryMoney;
  environment: Readonly<Record<string, string>>;
  settings: () => SummarySettings;
  /** Resolves when no snapshot of a session is being taken. */
  snapshotsFinished: (sessionId: string) => Promise<void>;
  /** Tells every page. */
  broadcast: (message: ServerMessage) => void;
  now: () => number;
  newId: () => string;
  fetch: Fetch;
  timeoutMs?: number;
  log: Log;
}

const MAX_LISTED = 100;
/** Of sessions that end together, so many are summed up at once. */
const MAX_AT_ONCE = 2;

export class SummaryDesk {
  readonly #options: SummaryDeskOptions;
  /** Whom summaries are asked of. */
  readonly targets: SummaryTargets;
  readonly #runs: SummaryRuns;
  readonly #previews = new SummaryPreviews();
  /** Sessions that have not ended as far as this desk knows. */
  readonly #live: Set<string>;
  readonly #slots = new Slots(MAX_AT_ONCE);
  #isClosed = false;

  constructor(options: SummaryDeskOptions) {
    this.#options = options;
    this.targets = new SummaryTargets(options);
    this.#runs = new SummaryRuns({ ...options, targets: this.targets });
    this.#live = new Set(options.rows.listLive().map(({ id }) => id));
  }

  list(sessionId: string): SummaryList {
    const { id } = this.#options.viewOf(sessionId);
    const generating = this.#runs.progressOf(id);
    return {
      items: this.#options.table.list(id, MAX_LISTED),
      ...(generating ? { generating } : {}),
      ...this.targets.describe(),
    };
  }

  /** What would be sent. Rejects with `conflict` when there is nothing to send, or nobody to send it to. */
  async preview(sessionId: string): Promise<SummaryPreview> {
    const { money, newId, viewOf } = this.#options;
    const session = viewOf(sessionId);
    const prepared = await this.#runs.prepare(session);
    const id = newId();
    this.#previews.keep(session.id, { id, prepared });
    const refused = refusalOf(prepared, money);
    const { provider, model, bytes, maskedSecrets, parts } = prepared;
    return {
      ...{ id, provider: provider.id, name: provider.name, host: provider.host },
      ...{ model, bytes, maskedSecrets, parts },
      text: promptText(prepared),
      maxCostNanoUsd: money.maxCostNanoUsd({ model, bytes, maxTokens: MAX_ANSWER_TOKENS }),
      ...(refused === undefined ? {} : { refused }),
    };
  }

  /** Begins to make a summary. Throws `conflict` when one is being made, or nobody can make it. */
  generate(sessionId: string, { preview }: { preview?: string } = {}): SummaryList {
    const { id } = this.#options.viewOf(sessionId);
    const prepared = preview === undefined ? undefined : this.#previews.get(id, preview);
    void this.#runs.start(id, { trigger: "user", prepared });
    return this.list(id);
  }

  /** Gives up what is being made; what was sent may be paid for all the same. */
  async cancel(sessionId: string): Promise<SummaryList> {
    await this.#runs.cancel(sessionId);
    return this.list(sessionId);
  }

  /** Takes note of what a session does; called for every change of it. */
  sessionChanged({ id, lifecycle, endReason }: SessionView): void {
    if (lifecycle !== "ended") {
      this.#live.add(id);
      return;
    }
    if (!this.#live.delete(id) || endReason === "spawn_failed" || !this.#options.settings().summaryAtEnd) {
      return;
    }
    void this.#runs.supervise(this.#slots.take(() => this.#makeAtEnd(id)));
  }

  /** Resolves when nothing is being made. */
  async finished(): Promise<void> {
    await this.#runs.finished();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#runs.cancelAll();
    await this.finished();
  }

  /** After the last snapshot, so that it is in it. */
  async #makeAtEnd(sessionId: string): Promise<void> {
    const { rows, snapshotsFinished } = this.#options;
    await snapshotsFinished(sessionId);
    if (this.#isClosed || !rows.get(sessionId) || this.#runs.progressOf(sessionId)) return;
    const target = this.targets.choose();
    if ("problem" in target) this.#runs.keepFailure(sessionId, { trigger: "end", error: target.problem });
    else await this.#runs.start(sessionId, { trigger: "end", prepared: undefined });
  }
}
