// What a launch adds to directory and command: a budget, and which of our additions are wanted.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { LaunchAddition, LaunchAdditionId, LaunchCheck, LaunchRequest } from "../../server/protocol.ts";
import { limitText, parseTokenLimit, parseUsdLimit } from "../format_money.ts";
import type { LimitUnit } from "./budget_form.ts";

export interface LaunchExtras {
  /** As typed, else the default of the settings. */
  text: Record<LimitUnit, ReadonlySignal<string>>;
  problems: Record<LimitUnit, ReadonlySignal<string | undefined>>;
  additions: ReadonlySignal<readonly LaunchAddition[]>;
  type(unit: LimitUnit, typed: string): void;
  switchAddition(id: LaunchAdditionId, on: boolean): void;
  /** What goes into the request: only what differs from what the server would do by itself. */
  request(): Pick<LaunchRequest, "budget" | "additions">;
  /** Back to the defaults, after a launch. */
  reset(): void;
}

/** For use inside of a model. */
export function createLaunchExtras(check: ReadonlySignal<LaunchCheck | undefined>): LaunchExtras {
  const typed = {
    usd: signal<string | undefined>(undefined),
    tokens: signal<string | undefined>(undefined),
  };
  const switched = signal<Partial<Record<LaunchAdditionId, boolean>>>({});
  const standard = (unit: LimitUnit): string => limitText(unit, check.value?.defaultBudget?.[unit] ?? null);
  const text = {
    usd: computed(() => typed.usd.value ?? standard("usd")),
    tokens: computed(() => typed.tokens.value ?? standard("tokens")),
  };
  const additions = computed(() =>
    (check.value?.additions ?? []).map((each) => ({ ...each, on: switched.value[each.id] ?? each.on }))
  );

  return {
    text,
    additions,
    problems: {
      usd: computed(() => parseUsdLimit(text.usd.value).problem),
      tokens: computed(() => parseTokenLimit(text.tokens.value).problem),
    },
    type(unit: LimitUnit, next: string): void {
      typed[unit].value = next;
    },
    switchAddition(id: LaunchAdditionId, on: boolean): void {
      switched.value = { ...switched.value, [id]: on };
    },
    request(): Pick<LaunchRequest, "budget" | "additions"> {
      const usd = typed.usd.value === undefined ? undefined : parseUsdLimit(typed.usd.value).value;
      const tokens = typed.tokens.value === undefined ? undefined : parseTokenLimit(typed.tokens.value).value;
      const budget = { ...(usd === undefined ? {} : { usd }), ...(tokens === undefined ? {} : { tokens }) };
      const wanted = wantedAdditions(check.value?.additions ?? [], switched.value);
      return {
        ...(Object.keys(budget).length === 0 ? {} : { budget }),
        ...(Object.keys(wanted).length === 0 ? {} : { additions: wanted }),
      };
    },
    reset(): void {
      typed.usd.value = typed.tokens.value = undefined;
      switched.value = {};
    },
  };
}

function wantedAdditions(
  offered: readonly LaunchAddition[],
  switched: Partial<Record<LaunchAdditionId, boolean>>,
): Partial<Record<LaunchAdditionId, boolean>> {
  const changed = offered.flatMap(({ id, on }) => {
    const wanted = switched[id];
    return wanted === undefined || wanted === on ? [] : [[id, wanted] as const];
  });
  return Object.fromEntries(changed);
}
