// The tree of budgets: which limits lie above a session, how far each is used, and how they are changed.
import type { Budget, BudgetLine, Decision, WarningRecord } from "../budget/decide.ts";
import { decideBudgets } from "../budget/decide.ts";
import { parseLimits } from "../budget/limits.ts";
import { type Period, type PeriodWindow, periodWindow } from "../budget/period.ts";
import { type Amount, budgetTokens } from "../budget/spend.ts";
import { AppError } from "../errors.ts";
import type {
  BudgetChange,
  BudgetLineView,
  BudgetList,
  BudgetScope,
  BudgetView,
  FleetSettings,
  Limits,
} from "../protocol.ts";
import type { BudgetTable } from "../store/budgets.ts";
import type { Spending, SpendingTable } from "../store/spending.ts";

/** What decides which budgets apply. */
export interface BudgetedSession {
  conversationId: string;
  repositoryRoot: string | null;
  repositoryName: string | null;
}

export interface BudgetsOptions {
  table: BudgetTable;
  spending: SpendingTable;
  settings: () => FleetSettings;
  systemTimeZone: string;
  /** Number of the ledger's last change. */
  ledgerWrites: () => number;
  now: () => number;
}

/** A budget as the gate is told of it. */
export interface BudgetAbove {
  id: string;
  budgetId: string;
  name: string;
  limits: { nanoUsd: number | null; tokens: number | null };
  spent: Amount;
}

/** One budget with what was spent under it. */
interface Node extends Budget {
  name: string;
  target: string;
  spent: Amount;
  periodEndMs?: number;
}

interface PeriodSpending extends PeriodWindow {
  /** The ledger's change that it was summed at. */
  writes: number;
  spending: Spending;
}

const PERIODS: readonly Period[] = ["day", "week", "month"];
const PERIOD_NAMES: Record<Period, string> = { day: "today", week: "this week", month: "this month" };
/** Offered at the first start; nothing is limited until the user says so. */
const SUGGESTED_DAY_USD = 20;
const NANO_PER_USD = 1e9;

export class Budgets {
  readonly #options: BudgetsOptions;
  readonly #periods = new Map<Period, PeriodSpending>();
  readonly #windows = new Map<Period, PeriodWindow & { rules: string }>();
  readonly #listeners = new Set<(budget: BudgetView) => void>();

  constructor(options: BudgetsOptions) {
    this.#options = options;
  }

  /** Calls back after limits were changed. */
  onChange(listener: (budget: BudgetView) => void): void {
    this.#listeners.add(listener);
  }

  /** Where a session stands under all its limits. */
  decide(session: BudgetedSession): Decision {
    const nodes = this.#path(session);
    const limited = nodes.filter(hasLimit);
    const warned: WarningRecord[] = limited.flatMap(({ id }) => this.#options.table.listWarnings(id))
      .map(({ periodStartMs, ...warning }) => periodStartMs === 0 ? warning : { ...warning, periodStartMs });
    return decideBudgets({
      budgets: nodes,
      spent: new Map(nodes.map(({ id, spent }) => [id, spent])),
      warned,
    });
  }

  /** Every limit above a session, the tightest first. */
  linesOf(session: BudgetedSession): BudgetLineView[] {
    const nodes = this.#path(session).filter(hasLimit);
    if (nodes.length === 0) return [];
    const spent = new Map(nodes.map((node) => [node.id, node.spent]));
    const { lines } = decideBudgets({ budgets: nodes, spent, warned: [] });
    return lines.map((line, index) =>
      viewLine(line, { node: mustFind(nodes, line.budgetId), rules: index === 0 })
    );
  }

  /** Names a line of a decision for the user. */
  describe(session: BudgetedSession, line: BudgetLine): BudgetLineView {
    return viewLine(line, { node: mustFind(this.#path(session), line.budgetId), rules: true });
  }

  /** Whether a limit of the session's own, or above it, applies. */
  applies(session: BudgetedSession): boolean {
    return this.#path(session).some(hasLimit);
  }

  /**
   * Every budget above a session with what is spent under it, narrowest first. `id` names one period of a budget,
   * `budgetId` the budget itself.
   */
  listAbove(session: BudgetedSession): BudgetAbove[] {
    return this.#path(session).map(({ id, name, nanoUsd, tokens, spent, periodStartMs }) => ({
      id: periodStartMs === undefined ? id : `${id}@${periodStartMs}`,
      budgetId: id,
      name,
      limits: { nanoUsd, tokens },
      spent,
    }));
  }

  noteWarning({ budgetId, unit, limit, periodStartMs = 0 }: BudgetLine): void {
    this.#options.table.addWarning({ budgetId, unit, limit, periodStartMs });
  }

  /** The fleet's three, repositories with limits, and those of a session. */
  list(session?: BudgetedSession): BudgetList {
    const limited = this.#options.table.listRepositories()
      .filter(({ target }) => target !== session?.repositoryRoot);
    const nodes = [
      ...PERIODS.map((period) => this.#periodNode(period)),
      ...limited.map(({ target }) => this.#repositoryNode(target, baseName(target))),
      ...(session ? this.#ownNodes(session) : []),
    ];
    const isDecided = PERIODS.some((period) => this.#options.table.get(period, "") !== undefined);
    return { items: nodes.map(viewNode), ...(isDecided ? {} : { suggestedDayUsd: SUGGESTED_DAY_USD }) };
  }

  /** The fleet's day, week and month. */
  listFleet(): BudgetView[] {
    return PERIODS.map((period) => viewNode(this.#periodNode(period)));
  }

  /** Sets limits. Throws `invalid` naming the unit for what no limit can be. */
  change(change: BudgetChange): BudgetView {
    const view = viewNode(this.#change(change));
    for (const listener of this.#listeners) listener(view);
    return view;
  }

  /** Whether any fleet period or repository is limited: what one session spends then matters to others. */
  hasSharedLimits(): boolean {
    return this.#options.table.hasShared();
  }

  #change(change: BudgetChange): Node {
    const patch = parseLimits(change.limits);
    const target = change.scope === "repository"
      ? change.repository
      : change.scope === "conversation"
      ? change.conversationId
      : "";
    const before = this.#options.table.get(change.scope, target);
    const limits = { nanoUsd: before?.nanoUsd ?? null, tokens: before?.tokens ?? null, ...patch };
    this.#options.table.set({ scope: change.scope, target, ...limits });
    if (change.scope === "repository") return this.#repositoryNode(target, baseName(target));
    return change.scope === "conversation" ? this.#conversationNode(target) : this.#periodNode(change.scope);
  }

  #path(session: BudgetedSession): Node[] {
    return [...this.#ownNodes(session), ...PERIODS.map((period) => this.#periodNode(period))];
  }

  #ownNodes({ conversationId, repositoryRoot, repositoryName }: BudgetedSession): Node[] {
    const own = this.#conversationNode(conversationId);
    if (repositoryRoot === null) return [own];
    return [own, this.#repositoryNode(repositoryRoot, repositoryName ?? baseName(repositoryRoot))];
  }

  #conversationNode(conversationId: string): Node {
    const spending = this.#options.spending.get("conversation", conversationId);
    return this.#node("conversation", { target: conversationId, name: "this conversation", spending });
  }

  #repositoryNode(root: string, name: string): Node {
    const spending = this.#options.spending.get("repository", root);
    return this.#node("repository", { target: root, name, spending });
  }

  #periodNode(period: Period): Node {
    const { startMs, endMs, spending } = this.#periodSpending(period);
    const node = this.#node(period, { target: "", name: PERIOD_NAMES[period], spending });
    return { ...node, periodStartMs: startMs, periodEndMs: endMs };
  }

  #node(
    scope: BudgetScope,
    { target, name, spending }: { target: string; name: string; spending: Spending },
  ): Node {
    const { nanoUsd = null, tokens = null } = this.#options.table.get(scope, target) ?? {};
    const { countCacheReads } = this.#options.settings();
    const spent = { nanoUsd: spending.costNanoUsd, tokens: budgetTokens(spending, { countCacheReads }) };
    return { id: target === "" ? scope : `${scope}:${target}`, scope, name, target, nanoUsd, tokens, spent };
  }

  /** Summed again only when the ledger or the clock has moved on. */
  #periodSpending(period: Period): PeriodSpending {
    const { ledgerWrites, spending } = this.#options;
    const window = this.#window(period);
    const known = this.#periods.get(period);
    if (known?.writes === ledgerWrites() && known.startMs === window.startMs) return known;
    const fresh = { ...window, writes: ledgerWrites(), spending: spending.getPeriod(window) };
    this.#periods.set(period, fresh);
    return fresh;
  }

  /** Worked out anew only when it is over, or the user has moved it: asking a calendar is slow. */
  #window(period: Period): PeriodWindow {
    const { settings, systemTimeZone, now } = this.#options;
    const { weekStartsOn, timeZone } = settings();
    const rules = `${timeZone ?? systemTimeZone} ${weekStartsOn}`;
    const nowMs = now();
    const known = this.#windows.get(period);
    if (known?.rules === rules && nowMs >= known.startMs && nowMs < known.endMs) return known;
    const fresh = periodWindow(period, { nowMs, timeZone: timeZone ?? systemTimeZone, weekStartsOn });
    this.#windows.set(period, { ...fresh, rules });
    return fresh;
  }
}

function hasLimit(node: Node): boolean {
  return node.nanoUsd !== null || node.tokens !== null;
}

function mustFind(nodes: readonly Node[], id: string): Node {
  const node = nodes.find((each) => each.id === id);
  if (!node) throw new AppError("internal", `Budget "${id}" is not above this session`);
  return node;
}

function viewLine(line: BudgetLine, { node, rules }: { node: Node; rules: boolean }): BudgetLineView {
  return {
    ...line,
    name: node.name,
    rules,
    ...(node.periodEndMs === undefined ? {} : { periodEndMs: node.periodEndMs }),
  };
}

function viewNode(node: Node): BudgetView {
  const { id, scope, name, spent, target, periodStartMs, periodEndMs } = node;
  const { lines } = decideBudgets({ budgets: [node], spent: new Map([[id, spent]]), warned: [] });
  return {
    id,
    scope,
    name,
    limits: toDollars(node),
    spent,
    lines: lines.map((line, index) => viewLine(line, { node, rules: index === 0 })),
    ...(periodStartMs === undefined ? {} : { periodStartMs }),
    ...(periodEndMs === undefined ? {} : { periodEndMs }),
    ...(scope === "repository" ? { repository: target } : {}),
    ...(scope === "conversation" ? { conversationId: target } : {}),
  };
}

function toDollars({ nanoUsd, tokens }: Pick<Node, "nanoUsd" | "tokens">): Limits {
  return { usd: nanoUsd === null ? null : nanoUsd / NANO_PER_USD, tokens };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1) || path;
}
