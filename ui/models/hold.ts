// Letting a held session go on: the limit in the way, raising it by one click, or stating a model's price.

import { computed, createModel, signal } from "@preact/signals";
import type {
  BudgetChange,
  BudgetLineView,
  BudgetView,
  FleetSettings,
  PriceEntry,
  SessionView,
} from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import { type Raise, raiseLimit } from "../budget_lines.ts";
import { formatTokens, formatUsdLimit, NANO_PER_USD } from "../format_money.ts";

export interface HoldOptions {
  /** Changes limits; rejects with words for the user. */
  change(change: BudgetChange): Promise<BudgetView>;
  /** Saves the prices; false when they were refused, which was said already. */
  savePrices(prices: FleetSettings["prices"]): Promise<boolean>;
  prices(): FleetSettings["prices"] | undefined;
}

const PRICE = /^\d{1,7}(\.\d{1,6})?$/;

export const HoldModel = createModel((options: HoldOptions) => {
  const busy = signal(false);
  const error = signal<string | undefined>(undefined);
  const raised = signal<string | undefined>(undefined);
  const inputPrice = signal("");
  const outputPrice = signal("");
  const price = computed(() => readPrice(inputPrice.value, outputPrice.value));

  async function attempt(work: () => Promise<string | undefined>): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    error.value = undefined;
    try {
      raised.value = await work();
    } catch (thrown) {
      error.value = errorMessage(thrown);
    } finally {
      busy.value = false;
    }
  }

  return {
    busy,
    error,
    /** What was done, in words; the call asks again by itself. */
    raised,
    inputPrice,
    outputPrice,
    canSetPrice: computed(() => price.value !== undefined && !busy.value),
    /** Raises the limit that is in the way. */
    async raise(session: SessionView, raise: Raise): Promise<void> {
      const line = obstacleOf(session);
      if (line === undefined) return;
      await attempt(async () => {
        await options.change(raiseChange(session, { line, raise }));
        return `Raised to ${limitAfter(line, raise)}`;
      });
    },
    /** States what the model costs, in dollars per million tokens. */
    async setPrice(model: string): Promise<void> {
      const entry = price.value;
      const known = options.prices();
      if (entry === undefined || known === undefined) return;
      await attempt(async () => {
        const saved = await options.savePrices({ ...known, models: { ...known.models, [model]: entry } });
        return saved ? `The price of ${model} is saved` : undefined;
      });
    },
  };
});

export type Hold = InstanceType<typeof HoldModel>;

/**
 * The limit that keeps a held session from going on: the one it was held for as it stands now, or, once that was raised
 * enough, another one that does not cover the call either.
 */
export function obstacleOf({ hold, budgets = [] }: SessionView): BudgetLineView | undefined {
  if (hold?.budget === undefined) return undefined;
  const { budget, needed = 0 } = hold;
  const same = budgets.find(({ budgetId, unit }) => budgetId === budget.budgetId && unit === budget.unit);
  const first = same ?? budget;
  if (first.remaining < needed) return first;
  return budgets.find(({ unit, remaining }) => unit === budget.unit && remaining < needed) ?? first;
}

/** Whether a raise leaves too little for the call that waits. */
export function isTooSmall(session: SessionView, raise: Raise): boolean {
  const line = obstacleOf(session);
  if (line === undefined) return false;
  const limit = limitAfterRaise(line, raise) * unitSize(line);
  return limit - line.used < (session.hold?.needed ?? 0);
}

/** The change that gives the limit in the way its raise. */
export function raiseChange(
  { conversationId, repository }: SessionView,
  { line, raise }: { line: BudgetLineView; raise: Raise },
): BudgetChange {
  const limits = { [line.unit]: limitAfterRaise(line, raise) };
  switch (line.scope) {
    case "conversation":
      return { scope: line.scope, conversationId, limits };
    case "repository":
      return { scope: line.scope, repository: repository?.root ?? line.name, limits };
    default:
      return { scope: line.scope, limits };
  }
}

function limitAfterRaise(line: BudgetLineView, raise: Raise): number {
  const size = unitSize(line);
  return raiseLimit(raise, { unit: line.unit, limit: line.limit / size, spent: line.used / size });
}

function limitAfter(line: BudgetLineView, raise: Raise): string {
  const limit = limitAfterRaise(line, raise);
  return line.unit === "usd" ? formatUsdLimit(limit * NANO_PER_USD) : `${formatTokens(limit)} tokens`;
}

function unitSize({ unit }: BudgetLineView): number {
  return unit === "usd" ? NANO_PER_USD : 1;
}

function readPrice(input: string, output: string): PriceEntry | undefined {
  const [inputText = "", outputText = ""] = [input, output].map((text) => text.trim().replace(/^\$\s*/, ""));
  if (!PRICE.test(inputText) || !PRICE.test(outputText)) return undefined;
  return { inputPer1M: Number(inputText), outputPer1M: Number(outputText) };
}
