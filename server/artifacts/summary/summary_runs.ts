// Summaries under way, at most one of a session: makes them, keeps what came of each, and tells pages.
import { AppError, publicError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { SummaryMoney } from "../../money/summary_money.ts";
import type { ServerMessage, SessionView, SummaryProgress, SummaryView } from "../../protocol.ts";
import type { SessionTable } from "../../store/sessions.ts";
import type { SummaryTable } from "../../store/summaries.ts";
import { SummaryError } from "./summary_fetch.ts";
import { gatherInput, type SummarySources } from "./summary_input.ts";
import { Making, prepare, type Prepared } from "./summary_making.ts";
import type { SummaryProvider } from "./summary_providers.ts";
import type { SummaryTargets } from "./summary_targets.ts";

export interface SummaryRunsOptions {
  table: SummaryTable;
  rows: Pick<SessionTable, "get">;
  targets: SummaryTargets;
  /** Throws `not_found`. */
  viewOf: (sessionId: string) => SessionView;
  setTitle: (sessionId: string, title: string) => void;
  sources: SummarySources;
  money: SummaryMoney;
  /** Tells every page. */
  broadcast: (message: ServerMessage) => void;
  now: () => number;
  newId: () => string;
  log: Log;
}

/** What a summary is made for, and of what; of what there is then, where nothing was prepared. */
export interface RunRequest {
  trigger: SummaryView["trigger"];
  prepared: Prepared | undefined;
}

interface Running {
  progress: SummaryProgress;
  controller: AbortController;
  done: Promise<void>;
}

export class SummaryRuns {
  readonly #options: SummaryRunsOptions;
  readonly #running = new Map<string, Running>();
  readonly #work = new Set<Promise<void>>();

  constructor(options: SummaryRunsOptions) {
    this.#options = options;
  }

  /** How far a session's summary has come; undefined when none is being made. */
  progressOf(sessionId: string): SummaryProgress | undefined {
    return this.#running.get(sessionId)?.progress;
  }

  /** What would be sent, to whom. Rejects with `conflict` when there is nothing to send, or nobody to send it to. */
  async prepare(session: SessionView): Promise<Prepared> {
    const { targets, money, sources } = this.#options;
    const target = targets.mustChoose();
    await money.ready();
    return prepare(await gatherInput(session, sources), { ...target, known: targets.known });
  }

  /** Throws `conflict` when one is being made, or nobody can make it; the answer resolves when it was made or has failed. */
  start(sessionId: string, { trigger, prepared }: RunRequest): Promise<void> {
    if (this.#running.has(sessionId)) {
      throw new AppError("conflict", "A summary of this session is being made");
    }
    const { provider, model } = prepared ?? this.#options.targets.mustChoose();
    const startedAtMs = this.#options.now();
    const running: Running = {
      progress: { startedAtMs, trigger, host: provider.host, model, attempt: 1 },
      controller: new AbortController(),
      done: Promise.resolve(),
    };
    this.#running.set(sessionId, running);
    this.#tell(sessionId);
    running.done = this.supervise(
      this.#make(sessionId, { running, prepared }).finally(() => {
        this.#running.delete(sessionId);
        this.#tell(sessionId);
        this.#options.broadcast({ type: "artifact", sessionId });
      }),
    );
    return running.done;
  }

  /** Gives up what is being made; resolves when it has. */
  async cancel(sessionId: string): Promise<void> {
    const running = this.#running.get(sessionId);
    running?.controller.abort();
    await running?.done;
  }

  cancelAll(): void {
    for (const { controller } of this.#running.values()) controller.abort();
  }

  /** Keeps that none could be begun. */
  keepFailure(sessionId: string, { trigger, error }: Pick<SummaryView, "trigger"> & { error: string }): void {
    this.#options.table.add(sessionId, {
      ...NOTHING_USED,
      ...{ trigger, error, atMs: this.#options.now(), state: "failed", maskedSecrets: 0, durationMs: 0 },
    });
    this.#tell(sessionId);
  }

  /** Work that `finished` waits for; never rejects. */
  supervise(work: Promise<void>): Promise<void> {
    const tracked = work.catch((cause) => this.#options.log.error("A summary could not be kept", { cause }))
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
    return tracked;
  }

  /** Resolves when nothing is being made. */
  async finished(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }

  async #make(
    sessionId: string,
    { running, prepared }: { running: Running; prepared: Prepared | undefined },
  ): Promise<void> {
    const { table, viewOf, setTitle } = this.#options;
    const { progress, controller: { signal } } = running;
    const { startedAtMs: atMs, trigger, model, host } = progress;
    const base = { atMs, trigger, model, host };
    let making: Making | undefined;
    let sent = prepared;
    try {
      sent ??= await this.prepare(viewOf(sessionId));
      making = this.#makingOf(sessionId, { running, provider: sent.provider });
      const made = await making.make(sent);
      table.add(sessionId, { ...base, ...this.#measure(progress, { making, sent }), ...made, state: "done" });
      setTitle(sessionId, made.title);
    } catch (cause) {
      const measured = this.#measure(progress, { making, sent });
      if (signal.aborted && measured.calls === 0) return;
      if (trigger === "end" && isNothingToSay(cause)) return;
      table.add(sessionId, { ...base, ...measured, state: "failed", error: this.#words(cause) });
    }
  }

  #makingOf(
    sessionId: string,
    { running, provider }: { running: Running; provider: SummaryProvider },
  ): Making {
    const { rows, targets, money, newId, now } = this.#options;
    const session = rows.get(sessionId);
    if (!session) throw new AppError("not_found", "The session was deleted meanwhile");
    return new Making({
      ...{ money, session, now, id: newId(), signal: running.controller.signal },
      model: targets.modelOf(provider),
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

  #words(cause: unknown): string {
    if (cause instanceof SummaryError) return cause.message;
    if (!(cause instanceof AppError)) this.#options.log.error("A summary failed", { cause });
    return publicError(cause).message;
  }

  #tell(sessionId: string): void {
    const generating = this.progressOf(sessionId);
    this.#options.broadcast({ type: "summaries", sessionId, ...(generating ? { generating } : {}) });
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
