// The limits of one budget as a form: typed and saved, raised by one click, removed.

import { computed, createModel, signal } from "@preact/signals";
import type { BudgetView, Limits } from "../../server/protocol.ts";
import { ApiError, errorMessage } from "../api/api_error.ts";
import { type Raise, raiseLimit } from "../budget_lines.ts";
import {
  limitText,
  NANO_PER_USD,
  type ParsedLimit,
  parseTokenLimit,
  parseUsdLimit,
} from "../format_money.ts";

export type LimitUnit = "usd" | "tokens";

export interface BudgetFormOptions {
  budget: BudgetView;
  /** Saves the limits that are given and answers the budget as it is then. */
  save(limits: Partial<Limits>): Promise<BudgetView>;
}

export const BudgetFormModel = createModel((options: BudgetFormOptions) => {
  const budget = signal(options.budget);
  const text = {
    usd: signal(limitText("usd", options.budget.limits.usd)),
    tokens: signal(limitText("tokens", options.budget.limits.tokens)),
  };
  const parsed = {
    usd: computed(() => parseUsdLimit(text.usd.value)),
    tokens: computed(() => parseTokenLimit(text.tokens.value)),
  };
  const refused = signal<{ unit: LimitUnit | "form"; message: string } | undefined>(undefined);
  const saving = signal(false);
  const saved = signal(false);
  const changed = computed(() => changedLimits(budget.value.limits, parsed.usd.value, parsed.tokens.value));

  async function save(limits: Partial<Limits>): Promise<void> {
    if (saving.value) return;
    saving.value = true;
    refused.value = undefined;
    try {
      budget.value = await options.save(limits);
      if (limits.usd !== undefined) text.usd.value = limitText("usd", budget.value.limits.usd);
      if (limits.tokens !== undefined) text.tokens.value = limitText("tokens", budget.value.limits.tokens);
      saved.value = true;
    } catch (thrown) {
      refused.value = { unit: unitOf(thrown), message: errorMessage(thrown) };
    } finally {
      saving.value = false;
    }
  }
  const problemOf = (unit: LimitUnit): string | undefined =>
    parsed[unit].value.problem ??
      (refused.value?.unit === unit ? refused.value.message : undefined);

  return {
    budget,
    text,
    saving,
    /** The last save worked and nothing was typed since. */
    saved,
    problems: {
      usd: computed(() => problemOf("usd")),
      tokens: computed(() => problemOf("tokens")),
    },
    /** A refusal that belongs to no field. */
    problem: computed(() => refused.value?.unit === "form" ? refused.value.message : undefined),
    /** What a limit as typed means for what was spent already. */
    warning: computed(() => lowerThanSpent(changed.value, budget.value)),
    canSave: computed(() => Object.keys(changed.value ?? {}).length > 0 && !saving.value),
    type(unit: LimitUnit, typed: string): void {
      text[unit].value = typed;
      saved.value = false;
      refused.value = undefined;
    },
    /** Saves what was typed. */
    async submit(): Promise<void> {
      const limits = changed.value;
      if (limits !== undefined && Object.keys(limits).length > 0) await save(limits);
    },
    /** Saves at once. */
    async raise(unit: LimitUnit, raise: Raise): Promise<void> {
      const { limits, spent } = budget.value;
      const used = unit === "usd" ? spent.nanoUsd / NANO_PER_USD : spent.tokens;
      await save({ [unit]: raiseLimit(raise, { unit, limit: limits[unit], spent: used }) });
    },
    /** Takes a limit away, at once. */
    remove: (unit: LimitUnit) => save({ [unit]: null }),
    /** Follows what others changed, without touching what is being typed. */
    follow(next: BudgetView): void {
      const before = budget.value.limits;
      budget.value = next;
      for (const unit of ["usd", "tokens"] as const) {
        if (text[unit].value === limitText(unit, before[unit])) {
          text[unit].value = limitText(unit, next.limits[unit]);
        }
      }
    },
  };
});

export type BudgetForm = InstanceType<typeof BudgetFormModel>;

/** The limits that differ from what is set; undefined while one cannot be read. */
function changedLimits(now: Limits, usd: ParsedLimit, tokens: ParsedLimit): Partial<Limits> | undefined {
  if (usd.value === undefined || tokens.value === undefined) return undefined;
  return {
    ...(usd.value === now.usd ? {} : { usd: usd.value }),
    ...(tokens.value === now.tokens ? {} : { tokens: tokens.value }),
  };
}

function lowerThanSpent(limits: Partial<Limits> | undefined, { spent }: BudgetView): string | undefined {
  const usdGone = typeof limits?.usd === "number" && limits.usd * NANO_PER_USD <= spent.nanoUsd;
  const tokensGone = typeof limits?.tokens === "number" && limits.tokens <= spent.tokens;
  return usdGone || tokensGone
    ? "This is already used up: what runs under it is stopped when you save"
    : undefined;
}

function unitOf(thrown: unknown): LimitUnit | "form" {
  const field = thrown instanceof ApiError ? thrown.field?.split(".").at(-1) : undefined;
  return field === "usd" || field === "tokens" ? field : "form";
}
