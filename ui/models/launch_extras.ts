// What a launch adds to directory and command: a budget, how it is metered, and which of our additions are wanted.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type {
  AtLimit,
  LaunchAddition,
  LaunchAdditionId,
  LaunchCheck,
  LaunchModeView,
  LaunchRequest,
  MeteringMode,
  UpstreamChoice,
} from "../../server/protocol.ts";
import { limitText, parseTokenLimit, parseUsdLimit } from "../format_money.ts";
import type { LimitUnit } from "./budget_form.ts";

export interface LaunchExtras {
  /** As typed, else the default of the settings. */
  text: Record<LimitUnit, ReadonlySignal<string>>;
  problems: Record<LimitUnit, ReadonlySignal<string | undefined>>;
  additions: ReadonlySignal<readonly LaunchAddition[]>;
  /** What the user chose; undefined leaves it to whether a limit applies. */
  chosenMode: ReadonlySignal<MeteringMode | undefined>;
  /** What it will be; undefined while nothing is known of the command. */
  mode: ReadonlySignal<LaunchModeView | undefined>;
  atLimit: ReadonlySignal<AtLimit>;
  /** Proxies to choose from, for gated calls. */
  upstreams: ReadonlySignal<readonly UpstreamChoice[]>;
  /** As chosen or typed; undefined leaves the calls to where the agent would send them. */
  upstream: ReadonlySignal<string | undefined>;
  upstreamProblem: ReadonlySignal<string | undefined>;
  chooseUpstream(address: string | undefined): void;
  chooseMode(mode: MeteringMode | undefined): void;
  chooseAtLimit(atLimit: AtLimit): void;
  type(unit: LimitUnit, typed: string): void;
  switchAddition(id: LaunchAdditionId, on: boolean): void;
  /** What goes into the request: only what differs from what the server would do by itself. */
  request(): Pick<LaunchRequest, "budget" | "additions" | "atLimit" | "upstream">;
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
  const atLimit = signal<AtLimit>("stop");
  const upstream = signal<string | undefined>(undefined);
  const standard = (unit: LimitUnit): string => limitText(unit, check.value?.defaultBudget?.[unit] ?? null);
  const text = {
    usd: computed(() => typed.usd.value ?? standard("usd")),
    tokens: computed(() => typed.tokens.value ?? standard("tokens")),
  };
  const chosenMode = computed(() => modeOfSwitch(switched.value.gateway));
  const mode = computed(() => {
    const hasLimit = hasValue("usd", text.usd.value) || hasValue("tokens", text.tokens.value);
    return modeOf(check.value, { chosen: chosenMode.value, hasLimit });
  });
  const additions = computed(() =>
    (check.value?.additions ?? []).map((each) => ({ ...each, on: isOn(each, mode.value, switched.value) }))
  );

  return {
    text,
    additions,
    chosenMode,
    mode,
    atLimit,
    upstream,
    upstreams: computed(() => check.value?.metering?.upstreams ?? []),
    upstreamProblem: computed(() => mode.value?.mode === "gate" ? problemOf(upstream.value) : undefined),
    chooseUpstream(address: string | undefined): void {
      upstream.value = address;
    },
    chooseMode(wanted: MeteringMode | undefined): void {
      const { gateway: _, ...others } = switched.value;
      switched.value = wanted === undefined ? others : { ...others, gateway: wanted === "gate" };
    },
    chooseAtLimit(wanted: AtLimit): void {
      atLimit.value = wanted;
    },
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
    request(): Pick<LaunchRequest, "budget" | "additions" | "atLimit" | "upstream"> {
      const budget = budgetOf({ usd: typed.usd.value, tokens: typed.tokens.value });
      const wanted = wantedAdditions(check.value?.additions ?? [], switched.value);
      const isGated = mode.value?.mode === "gate";
      return {
        ...(Object.keys(budget).length === 0 ? {} : { budget }),
        ...(Object.keys(wanted).length === 0 ? {} : { additions: wanted }),
        ...(isGated && atLimit.value !== "stop" ? { atLimit: atLimit.value } : {}),
        ...(isGated && upstream.value !== undefined ? { upstream: upstream.value.trim() } : {}),
      };
    },
    reset(): void {
      typed.usd.value = typed.tokens.value = undefined;
      switched.value = {};
      atLimit.value = "stop";
      upstream.value = undefined;
    },
  };
}

/** What is chosen, or else comes by itself; where that cannot be, what can. */
function modeOf(
  check: LaunchCheck | undefined,
  { chosen, hasLimit }: { chosen: MeteringMode | undefined; hasLimit: boolean },
): LaunchModeView | undefined {
  const metering = check?.metering;
  const automatic = metering?.automatic[hasLimit ? "limited" : "unlimited"];
  const shown = metering?.modes.find(({ mode }) => mode === (chosen ?? automatic));
  return shown?.problem === undefined ? shown : metering?.modes.find(({ problem }) => problem === undefined);
}

function problemOf(upstream: string | undefined): string | undefined {
  return upstream === undefined || URL.canParse(upstream.trim())
    ? undefined
    : "Give the proxy's address, such as http://localhost:4000";
}

/** Of what was typed; what was left alone is the server's default. */
function budgetOf(typed: Record<LimitUnit, string | undefined>): NonNullable<LaunchRequest["budget"]> {
  const usd = typed.usd === undefined ? undefined : parseUsdLimit(typed.usd).value;
  const tokens = typed.tokens === undefined ? undefined : parseTokenLimit(typed.tokens).value;
  return { ...(usd === undefined ? {} : { usd }), ...(tokens === undefined ? {} : { tokens }) };
}

function modeOfSwitch(gateway: boolean | undefined): MeteringMode | undefined {
  return gateway === undefined ? undefined : gateway ? "gate" : "observe";
}

function hasValue(unit: LimitUnit, text: string): boolean {
  const { value } = unit === "usd" ? parseUsdLimit(text) : parseTokenLimit(text);
  return value !== undefined && value !== null;
}

/** The way through the gate is on with its mode, which the budget decides too. */
function isOn(
  { id, on }: LaunchAddition,
  mode: LaunchModeView | undefined,
  switched: Partial<Record<LaunchAdditionId, boolean>>,
): boolean {
  return id === "gateway" && mode !== undefined ? mode.mode === "gate" : switched[id] ?? on;
}

/** The server decides on the gateway by the budget of the request: what was chosen here is always said. */
function wantedAdditions(
  offered: readonly LaunchAddition[],
  switched: Partial<Record<LaunchAdditionId, boolean>>,
): Partial<Record<LaunchAdditionId, boolean>> {
  const changed = offered.flatMap(({ id, on }) => {
    const wanted = switched[id];
    return wanted === undefined || (wanted === on && id !== "gateway") ? [] : [[id, wanted] as const];
  });
  return Object.fromEntries(changed);
}
