// Decides after every change of the ledger or of a limit: warns once, and stops what has nothing left.
import type { BudgetLine } from "../budget/decide.ts";
import type { BudgetLineView, BudgetView, MarkerKind, Notice } from "../protocol.ts";
import { nameSession } from "../session_name.ts";
import type { NoticeTable } from "../store/notices.ts";
import type { SessionRow } from "../store/sessions.ts";
import type { Budgets } from "./budgets.ts";
import { formatAmount, formatLine } from "./format_amount.ts";

export interface BudgetWatchOptions {
  budgets: Budgets;
  notices: NoticeTable;
  /** Sessions that have not ended. */
  listLive: () => SessionRow[];
  getSession: (id: string) => SessionRow | undefined;
  /** Whether a session has spent anything: a shell that never did is not stopped for others' spending. */
  hasSpent: (id: string) => boolean;
  /** Whether a gated session has spent anything that did not pass the gate. */
  hasSpentUngated: (id: string) => boolean;
  /** Begins to stop a session; false when it was not running. */
  stop: (id: string) => boolean;
  mark: (id: string, marker: { kind: MarkerKind; text: string }) => void;
  onNotice: (notice: Notice) => void;
  now: () => number;
}

/** A stopped session is told of once; a fleet that stops is one notice for each. */
export class BudgetWatch {
  readonly #options: BudgetWatchOptions;

  constructor(options: BudgetWatchOptions) {
    this.#options = options;
  }

  /** To be called when a session's spending has changed. */
  check(sessionId: string): void {
    const session = this.#options.getSession(sessionId);
    if (session && this.#decide(session) === "exceeded") this.checkAll();
  }

  /** To be called when limits have changed, and once what runs is known after a start. */
  checkAll(): void {
    for (const session of this.#options.listLive()) this.#decide(session);
  }

  /** Notes changed limits in the history of every session that they hold for. */
  noteChange(budget: BudgetView): void {
    const limits = budget.lines.map(({ limit, unit }) => formatAmount(limit, unit)).join(" and ") ||
      "no limit";
    for (const session of this.#options.listLive()) {
      if (!covers(budget, session)) continue;
      this.#options.mark(session.id, { kind: "budget_changed", text: `${capital(budget.name)}: ${limits}` });
    }
  }

  /** The limits that rule out a launch under these budgets. */
  listExhausted(session: Parameters<Budgets["decide"]>[0]): BudgetLineView[] {
    const { budgets } = this.#options;
    const { verdict } = budgets.decide(session);
    return verdict.kind === "exceeded" ? verdict.exceeded.map((line) => budgets.describe(session, line)) : [];
  }

  /** The gate has refused a call, whose session is stopped with it. `view` is missing where a price is. */
  refuse(session: SessionRow, { view, text }: { view: BudgetLineView | undefined; text: string }): void {
    const { stop, mark } = this.#options;
    if (session.lifecycle !== "running" || !stop(session.id)) return;
    mark(session.id, { kind: "budget_exceeded", text });
    if (view !== undefined) this.#tellStop(session, view);
    else {
      const title = "Stopped: a model without a price cannot be limited in dollars";
      this.#tell({ kind: "budget_stop", title, text, sessionId: session.id });
    }
  }

  /** The gate holds a session's call until the user decides. `needed` is in the limit's unit. */
  hold(
    session: SessionRow,
    { view, text, needed }: { view: BudgetLineView | undefined; text: string; needed: number },
  ): void {
    const words = view === undefined
      ? text
      : `The budget for ${view.name} does not cover its next call: ${formatLine(view)} is spent, it needs ` +
        formatAmount(needed, view.unit);
    this.#tellHold(session, { text: words, ...(view === undefined ? {} : { budget: view }) });
  }

  /** The gate holds a call whose model nobody has stated a price for. */
  holdUnpriced(session: SessionRow, model: string): void {
    const text =
      `Nobody has stated what the model "${model}" costs, so no limit in dollars can be kept for it`;
    this.#tellHold(session, { text });
  }

  /** A held session goes on. */
  release(session: SessionRow): void {
    this.#options.mark(session.id, { kind: "budget_hold_ended", text: "The hold has ended" });
  }

  /** A gated session has made calls that did not pass the gate. */
  warnUngated(session: SessionRow, text: string): void {
    const title = "Spending past the gate";
    this.#tell({ kind: "ungated", title, text: `${nameSession(session)}: ${text}`, sessionId: session.id });
  }

  #decide(session: SessionRow): "ok" | "exceeded" {
    const { verdict } = this.#options.budgets.decide(session);
    if (verdict.kind === "ok") return "ok";
    for (const line of verdict.warnings) this.#warn(session, line);
    if (verdict.kind === "warn") return "ok";
    this.#stop(session, verdict.ruling);
    return "exceeded";
  }

  #warn(session: SessionRow, line: BudgetLine): void {
    const { budgets, mark } = this.#options;
    budgets.noteWarning(line);
    const view = budgets.describe(session, line);
    const rest = formatAmount(Math.abs(view.remaining), view.unit);
    const text = `${formatLine(view)} used, ${view.remaining < 0 ? `over by ${rest}` : `${rest} left`}`;
    mark(session.id, { kind: "budget_warning", text: `${capital(view.name)}: ${text}` });
    this.#tell({
      kind: "budget_warning",
      title: `${Math.floor(view.fraction * 100)} % of the budget for ${view.name} is used`,
      text: `${nameSession(session)}: ${text}`,
      sessionId: session.id,
      budget: view,
    });
  }

  #stop(session: SessionRow, ruling: BudgetLine): void {
    const { budgets, hasSpent, hasSpentUngated, stop, mark } = this.#options;
    if (session.lifecycle !== "running" || (session.kind === "shell" && !hasSpent(session.id))) return;
    // The gate stops or holds a session at its next call, unless the session spends past it.
    if (session.gateway !== null && !hasSpentUngated(session.id)) return;
    const view = budgets.describe(session, ruling);
    if (!stop(session.id)) return;
    const text = `The budget for ${view.name} is used up: ${formatLine(view)}`;
    mark(session.id, { kind: "budget_exceeded", text });
    this.#tellStop(session, view);
  }

  #tellHold(session: SessionRow, news: { text: string; budget?: BudgetLineView }): void {
    this.#options.mark(session.id, { kind: "budget_hold", text: news.text });
    const title = `Held: ${nameSession(session)} waits at its limit`;
    this.#tell({ kind: "budget_hold", title, sessionId: session.id, ...news });
  }

  #tellStop(session: SessionRow, view: BudgetLineView): void {
    this.#tell({
      kind: "budget_stop",
      title: `Stopped: the budget for ${view.name} is used up`,
      text: `${nameSession(session)}: ${formatLine(view)}. Raise the budget and resume to go on`,
      sessionId: session.id,
      budget: view,
    });
  }

  #tell(notice: Omit<Notice, "id" | "seen" | "atMs">): void {
    const { notices, now, onNotice } = this.#options;
    onNotice(notices.add({ ...notice, atMs: now() }));
  }
}

/** What a shell spends is an estimate that counts against its own budget only. */
function covers({ scope, conversationId, repository }: BudgetView, session: SessionRow): boolean {
  if (scope === "conversation") return session.conversationId === conversationId;
  if (session.kind === "shell") return false;
  return scope !== "repository" || session.repositoryRoot === repository;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
