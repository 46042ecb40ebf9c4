// The front desk of summaries: previews, one being made per session, history, titles, and those at a session's end.
import { AppError, publicError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { SummaryMoney } from "../../money/summary_money.ts";
import type {
  ServerMessage,
  SessionView,
  SummaryList,
  SummaryPreview,
  SummaryProgress,
  SummarySettings,
  SummaryView,
} from "../../protocol.ts";
import type { SessionTable } from "../../store/sessions.ts";
import type { SummaryTable } from "../../store/summaries.ts";
import { Slots } from "../git/turns.ts";
import { type Fetch, SummaryError } from "./summary_fetch.ts";
import { gatherInput, type SummarySources } from "./summary_input.ts";
import { Making, prepare, type Prepared, refusalOf } from "./summary_making.ts";
import { MAX_ANSWER_TOKENS } from "./summary_model.ts";
import { SummaryPreviews } from "./summary_previews.ts";
import { promptText } from "./summary_prompt.ts";
import type { SummaryProvider } from "./summary_providers.ts";
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

interface Running {
  progress: SummaryProgress;
  controller: AbortController;
  done: Promise<void>;
}

export class SummaryDesk {
  readonly #options: SummaryDeskOptions;
  /** Whom summaries are asked of. */
  readonly targets: SummaryTargets;
  readonly #running = new Map<string, Running>();
  readonly #previews = new SummaryPreviews();
  /** Sessions that have not ended as far as this desk knows. */
  readonly #live: Set<string>;
  readonly #slots = new Slots(MAX_AT_ONCE);
  readonly #work = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: SummaryDeskOptions) {
    this.#options = options;
    this.targets = new SummaryTargets(options);
    this.#live = new Set(options.rows.listLive().map(({ id }) => id));
  }

  list(sessionId: string): SummaryList {
    const { id } = this.#options.viewOf(sessionId);
    const generating = this.#running.get(id)?.progress;
    return {
      items: this.#options.table.list(id, MAX_LISTED),
      ...(generating ? { generating } : {}),
      ...this.targets.describe(),
    };
  }

  /** What would be sent. Throws `conflict` when there is nothing to send, or nobody to send it to. */
  async preview(sessionId: string): Promise<SummaryPreview> {
    const session = this.#options.viewOf(sessionId);
    const prepared = await this.#prepare(session);
    const id = this.#options.newId();
    this.#previews.keep(session.id, { id, prepared });
    const { money } = this.#options;
    const refused = refusalOf(prepared, money);
    const { provider, model, bytes, maskedSecrets, parts } = prepared;
    return {
      ...{
        id,
        provider: provider.id,
        name: provider.name,
        host: provider.host,
        model,
        bytes,
        maskedSecrets,
        parts,
      },
      text: promptText(prepared),
      maxCostNanoUsd: money.maxCostNanoUsd({ model, bytes, maxTokens: MAX_ANSWER_TOKENS }),
      ...(refused === undefined ? {} : { refused }),
    };
  }

  /** Begins to make a summary. Throws `conflict` when one is being made, or nobody can make it. */
  generate(sessionId: string, { preview }: { preview?: string } = {}): SummaryList {
    const { id } = this.#options.viewOf(sessionId);
    this.#start(id, {
      trigger: "user",
      prepared: preview === undefined ? undefined : this.#previews.get(id, preview),
    });
    return this.list(id);
  }

  /** Gives up what is being made; what was sent may be paid for all the same. */
  async cancel(sessionId: string): Promise<SummaryList> {
    const running = this.#running.get(sessionId);
    running?.controller.abort();
    await running?.done;
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
    this.#track(this.#slots.take(() => this.#makeAtEnd(id)));
  }

  /** Resolves when nothing is being made. */
  async finished(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { controller } of this.#running.values()) controller.abort();
    await this.finished();
  }

  async #prepare(session: SessionView): Promise<Prepared> {
    const target = this.targets.mustChoose();
    await this.#options.money.ready();
    const parts = await gatherInput(session, this.#options.sources);
    return prepare(parts, { ...target, known: this.targets.known });
  }

  /** After the last snapshot, so that it is in it. */
  async #makeAtEnd(sessionId: string): Promise<void> {
    await this.#options.snapshotsFinished(sessionId);
    if (this.#isClosed || !this.#options.rows.get(sessionId) || this.#running.has(sessionId)) return;
    const target = this.targets.choose();
    if ("problem" in target) {
      this.#keepFailure(sessionId, { trigger: "end", error: target.problem });
      return;
    }
    await this.#start(sessionId, { trigger: "end", prepared: undefined });
  }

  #start(
    sessionId: string,
    { trigger, prepared }: { trigger: SummaryView["trigger"]; prepared: Prepared | undefined },
  ): Promise<void> {
    if (this.#running.has(sessionId)) {
      throw new AppError("conflict", "A summary of this session is being made");
    }
    const { provider, model } = prepared ?? this.targets.mustChoose();
    const progress: SummaryProgress = {
      startedAtMs: this.#options.now(),
      trigger,
      host: provider.host,
      model,
      attempt: 1,
    };
    const running: Running = { progress, controller: new AbortController(), done: Promise.resolve() };
    this.#running.set(sessionId, running);
    this.#tell(sessionId);
    running.done = this.#track(
      this.#make(sessionId, { running, prepared }).finally(() => {
        this.#running.delete(sessionId);
        this.#tell(sessionId);
        this.#options.broadcast({ type: "artifact", sessionId });
      }),
    );
    return running.done;
  }

  async #make(
    sessionId: string,
    { running, prepared }: { running: Running; prepared: Prepared | undefined },
  ): Promise<void> {
    const { progress, controller: { signal } } = running;
    const base = {
      atMs: progress.startedAtMs,
      trigger: progress.trigger,
      model: progress.model,
      host: progress.host,
    };
    let making: Making | undefined;
    let sent = prepared;
    try {
      sent ??= await this.#prepare(this.#options.viewOf(sessionId));
      making = this.#makingOf(sessionId, { running, provider: sent.provider });
      const made = await making.make(sent);
      this.#keep(sessionId, {
        ...base,
        ...this.#measure(progress, { making, sent }),
        ...made,
        state: "done",
      });
      this.#options.setTitle(sessionId, made.title);
    } catch (cause) {
      const measured = this.#measure(progress, { making, sent });
      if (signal.aborted && measured.calls === 0) return;
      if (progress.trigger === "end" && isNothingToSay(cause)) return;
      this.#keep(sessionId, { ...base, ...measured, state: "failed", error: this.#words(cause) });
    }
  }

  #makingOf(
    sessionId: string,
    { running, provider }: { running: Running; provider: SummaryProvider },
  ): Making {
    const { rows, money, newId, now } = this.#options;
    const session = rows.get(sessionId);
    if (!session) throw new AppError("not_found", "The session was deleted meanwhile");
    return new Making({
      ...{ money, session, now, id: newId(), signal: running.controller.signal },
      model: this.targets.modelOf(provider),
      onAttempt: (attempt) => {
        if (attempt === running.progress.attempt) return;
        running.progress = { ...running.progress, attempt };
        this.#tell(sessionId);
      },
    });
  }

  #measure(
    { startedAtMs }: SummaryProgress,
    { making, sent }: { making: Making | undefined; sent: Prepared | undefined },
  ): Measured {
    return {
      ...NOTHING_USED,
      ...making?.used,
      maskedSecrets: sent?.maskedSecrets ?? 0,
      ...(sent ? { provider: sent.provider.id } : {}),
      durationMs: Math.max(0, this.#options.now() - startedAtMs),
    };
  }

  #keep(sessionId: string, summary: Omit<SummaryView, "id">): void {
    this.#options.table.add(sessionId, summary);
  }

  #keepFailure(
    sessionId: string,
    { trigger, error }: Pick<SummaryView, "trigger"> & { error: string },
  ): void {
    const atMs = this.#options.now();
    this.#keep(sessionId, {
      ...NOTHING_USED,
      maskedSecrets: 0,
      atMs,
      trigger,
      error,
      state: "failed",
      durationMs: 0,
    });
    this.#tell(sessionId);
  }

  #words(cause: unknown): string {
    if (cause instanceof SummaryError) return cause.message;
    if (!(cause instanceof AppError)) this.#options.log.error("A summary failed", { cause });
    return publicError(cause).message;
  }

  #tell(sessionId: string): void {
    const generating = this.#running.get(sessionId)?.progress;
    this.#options.broadcast({ type: "summaries", sessionId, ...(generating ? { generating } : {}) });
  }

  #track(work: Promise<void>): Promise<void> {
    const tracked = work.catch((cause) => this.#options.log.error("A summary could not be kept", { cause }))
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
    return tracked;
  }
}

type Measured = Pick<
  SummaryView,
  | "sentBytes"
  | "maskedSecrets"
  | "calls"
  | "tokens"
  | "costNanoUsd"
  | "priceEstimated"
  | "durationMs"
  | "provider"
>;

const NOTHING_USED = {
  sentBytes: 0,
  calls: 0,
  tokens: { input: 0, output: 0 },
  costNanoUsd: 0,
  priceEstimated: false,
};

/** A session that left nothing needs no summary, and no note of that. */
function isNothingToSay(cause: unknown): boolean {
  return cause instanceof AppError && cause.code === "conflict";
}
