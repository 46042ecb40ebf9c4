// The money room's front desk: what sessions and routes ask of ledger, budgets and prices together.
import type { Clock } from "../clock.ts";
import type { PriceBook } from "../pricing/price_book.ts";
import { AppError } from "../errors.ts";
import type {
  BudgetView,
  ContextView,
  FleetSettings,
  Limits,
  MarkerKind,
  Notice,
  ResumeRequest,
  SessionKind,
} from "../protocol.ts";
import type { FleetStore } from "../store/fleet_store.ts";
import type { SessionRow } from "../store/sessions.ts";
import { BudgetWatch } from "./budget_watch.ts";
import { type BudgetedSession, Budgets } from "./budgets.ts";
import { formatLine } from "./format_amount.ts";
import { Ledger } from "./ledger.ts";
import { describeMoney, type SessionMoney } from "./session_money.ts";

export interface MoneyDeskOptions extends Pick<Clock, "now" | "later"> {
  store: FleetStore;
  settings: () => FleetSettings;
  prices: () => PriceBook;
  systemTimeZone: string;
}

/** Who acts on what the desk decides. */
export interface MoneyListener {
  /** Begins to stop a session for its budget; false when it was not running. */
  stop: (id: string) => boolean;
  mark: (id: string, marker: { kind: MarkerKind; text: string }) => void;
  /** The figures of these sessions have changed. */
  onSessions: (ids: ReadonlySet<string>) => void;
  onBudgets: (items: BudgetView[]) => void;
  onNotice: (notice: Notice) => void;
}

/** Pages are told of changed figures this often at most. */
const TELL_EVERY_MS = 250;
/** And of the fleet's, which many sessions change. */
const TELL_FLEET_EVERY_MS = 1000;

export class MoneyDesk {
  readonly ledger: Ledger;
  readonly budgets: Budgets;
  readonly #options: MoneyDeskOptions;
  readonly watch: BudgetWatch;
  readonly #contexts = new Map<string, ContextView>();
  readonly #changed = new Set<string>();
  readonly #limitListeners = new Set<() => void>();
  #listener: MoneyListener | undefined;
  #cancelTell: (() => void) | undefined;
  #cancelTellFleet: (() => void) | undefined;

  constructor(options: MoneyDeskOptions) {
    this.#options = options;
    const { store, settings, prices, systemTimeZone, now } = options;
    this.ledger = new Ledger({ table: store.ledger, prices });
    this.budgets = new Budgets({
      table: store.budgets,
      spending: store.ledger.spending,
      settings,
      systemTimeZone,
      ledgerWrites: () => this.ledger.writes,
      now,
    });
    this.watch = new BudgetWatch({
      budgets: this.budgets,
      notices: store.notices,
      listLive: () => store.sessions.listLive(),
      getSession: (id) => store.sessions.get(id),
      hasSpent: (id) => store.ledger.spending.get("session", id).calls > 0,
      hasSpentUngated: (id) => this.ungatedNanoUsd(id) > 0,
      stop: (id) => this.#listener?.stop(id) ?? false,
      mark: (id, marker) => this.#listener?.mark(id, marker),
      onNotice: (notice) => this.#listener?.onNotice(notice),
      now,
    });
    this.ledger.onChange(({ sessionId }) => {
      this.watch.check(sessionId);
      this.#tellSoon(sessionId);
    });
    this.budgets.onChange((budget) => {
      this.watch.noteChange(budget);
      this.limitsChanged();
    });
  }

  /** Who acts; until there is one, nothing is stopped. */
  setListener(listener: MoneyListener): void {
    this.#listener = listener;
  }

  /**
   * Gives a conversation its budget before its session starts; answers whether any limit applies to it. Throws
   * `conflict` for an agent that has nothing left to spend, `invalid` for what no limit can be.
   */
  open(
    session: BudgetedSession & { kind: SessionKind; isResumed: boolean },
    wish: Partial<Limits> | undefined,
  ): boolean {
    const { conversationId, kind, isResumed } = session;
    const limits = { ...(isResumed ? {} : this.#options.settings().defaultBudgets[kind]), ...wish };
    const hasOwn = isResumed
      ? Object.keys(limits).length > 0
      : Object.values(limits).some((limit) => limit !== null);
    if (hasOwn) this.budgets.change({ scope: "conversation", conversationId, limits });
    const exhausted = kind === "shell" ? [] : this.watch.listExhausted(session);
    if (exhausted.length > 0) {
      const names = exhausted.map((line) => `the budget for ${line.name} is used up (${formatLine(line)})`);
      const message = `Cannot start: ${names.join(", and ")}. Raise ${
        names.length > 1 ? "them" : "it"
      } first`;
      throw new AppError("conflict", message, { field: "budget" });
    }
    return this.budgets.applies(session);
  }

  /** Sets limits above a conversation. Throws `invalid` for what no limit can be, or where there is no repository. */
  changeAbove(session: BudgetedSession, above: NonNullable<ResumeRequest["above"]>): void {
    for (const { scope, limits } of above) {
      if (scope !== "repository") this.budgets.change({ scope, limits });
      else if (session.repositoryRoot === null) {
        throw new AppError("invalid", "This session is in no repository");
      } else this.budgets.change({ scope, repository: session.repositoryRoot, limits });
    }
  }

  describe(session: SessionRow): SessionMoney {
    return describeMoney(session, {
      table: this.#options.store.ledger,
      countUnseen: (id) => this.#options.store.events.countKind(id, "unseen_answer"),
      budgets: this.budgets,
      settings: this.#options.settings,
      prices: this.#options.prices,
      contextOf: (id) => this.#contexts.get(id),
      now: this.#options.now,
    });
  }

  /** To be called when what is said of a session's money has changed beside the ledger. */
  tellAgain(sessionId: string): void {
    this.#tellSoon(sessionId);
  }

  /** How full an agent's window is. */
  setContext(sessionId: string, context: ContextView): void {
    const before = this.#contexts.get(sessionId);
    if (before && before.percentUsed === context.percentUsed && before.usedTokens === context.usedTokens) {
      return;
    }
    this.#contexts.set(sessionId, context);
    this.#tellSoon(sessionId);
  }

  /** Calls back when limits, or what counts against them, may have changed. */
  onLimits(listener: () => void): void {
    this.#limitListeners.add(listener);
  }

  /** To be called when what counts against limits was changed elsewhere, and once what runs is known after a start. */
  limitsChanged(): void {
    for (const listener of this.#limitListeners) listener();
    this.watch.checkAll();
    for (const { id } of this.#options.store.sessions.listLive()) this.#tellSoon(id);
    this.#tellFleetSoon();
  }

  /** To be called when rows were written, for a session that may have ended, or given another price, beside the ledger. */
  rowsChanged(sessionId?: string): void {
    this.ledger.noteWrite();
    this.limitsChanged();
    if (sessionId !== undefined) this.watch.check(sessionId);
  }

  /** What a gated session has spent past the gate, as other sources saw it. */
  ungatedNanoUsd(sessionId: string): number {
    return this.#options.store.ledger.sumUngated(sessionId);
  }

  /** To be called when a session has begun to run: a limit may have been reached meanwhile. */
  sessionRuns(sessionId: string): void {
    this.watch.check(sessionId);
  }

  forget(sessionId: string): void {
    this.#contexts.delete(sessionId);
    this.ledger.release(sessionId);
  }

  close(): void {
    this.#cancelTell?.();
    this.#cancelTellFleet?.();
  }

  #tellSoon(sessionId: string): void {
    this.#changed.add(sessionId);
    this.#tellFleetSoon();
    this.#cancelTell ??= this.#options.later(() => {
      this.#cancelTell = undefined;
      const ids = new Set(this.#changed);
      this.#changed.clear();
      this.#listener?.onSessions(ids);
    }, TELL_EVERY_MS);
  }

  /** The fleet's bars, and those of every running session that shares them. */
  #tellFleetSoon(): void {
    this.#cancelTellFleet ??= this.#options.later(() => {
      this.#cancelTellFleet = undefined;
      this.#listener?.onBudgets(this.budgets.listFleet());
      if (!this.budgets.hasSharedLimits()) return;
      this.#listener?.onSessions(new Set(this.#options.store.sessions.listLive().map(({ id }) => id)));
    }, TELL_FLEET_EVERY_MS);
  }
}
