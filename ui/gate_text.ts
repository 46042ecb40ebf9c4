// What is said about calls that pass the gate: under way, and what the gate did to them; pure.

import type { CallInFlightView, GateEventView } from "../server/protocol.ts";
import { formatPlural } from "./format.ts";
import { formatTokens, formatUsd } from "./format_money.ts";
import type { Tone } from "./session_status.ts";

type CallState = CallInFlightView["state"];
type EventKind = GateEventView["kind"];

const STATES: Record<CallState, { name: string; tone: Tone }> = {
  streaming: { name: "answering", tone: "green" },
  sent: { name: "sent", tone: "green" },
  waiting: { name: "waiting for money", tone: "amber" },
  held: { name: "held", tone: "violet" },
};
/** The furthest first: it is the one to name. */
const FURTHEST_FIRST: readonly CallState[] = ["streaming", "sent", "waiting", "held"];

export function stateName(state: CallState): string {
  return STATES[state].name;
}

export function stateTone(state: CallState): Tone {
  return STATES[state].tone;
}

/** The calls of a session that are under way, as one. */
export interface InFlightSummary {
  /** `claude-opus-5-5 · answering`, or `3 calls · 2 answering, 1 held`. */
  what: string;
  tone: Tone;
  outputTokens: number;
  /** What budgets hold for them; undefined where nothing is limited. */
  reservedNanoUsd: number | undefined;
}

/** Undefined when nothing is under way. */
export function summarizeCalls(calls: readonly CallInFlightView[]): InFlightSummary | undefined {
  const [first] = calls;
  const furthest = FURTHEST_FIRST.find((state) => calls.some((call) => call.state === state));
  if (first === undefined || furthest === undefined) return undefined;
  const reserved = calls.flatMap(({ reservedNanoUsd }) => reservedNanoUsd ?? []);
  return {
    what: calls.length === 1
      ? `${first.model || "a model"} · ${stateName(first.state)}`
      : `${calls.length} calls · ${countStates(calls)}`,
    tone: stateTone(furthest),
    outputTokens: calls.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
    reservedNanoUsd: reserved.length === 0 ? undefined : reserved.reduce((sum, each) => sum + each, 0),
  };
}

/** For a row of a list: `answering 1.2 K`; empty when nothing is under way but what is held, which its state says. */
export function shortCallsText(all: readonly CallInFlightView[]): string {
  const calls = all.filter(({ state }) => state !== "held");
  const summary = summarizeCalls(calls);
  if (summary === undefined) return "";
  const name = calls.length === 1 ? stateName(calls[0]?.state ?? "sent") : formatPlural(calls.length, "call");
  return summary.outputTokens === 0 ? name : `${name} ${formatTokens(summary.outputTokens)}`;
}

function countStates(calls: readonly CallInFlightView[]): string {
  return FURTHEST_FIRST.flatMap((state) => {
    const count = calls.filter((call) => call.state === state).length;
    return count === 0 ? [] : [`${count} ${stateName(state)}`];
  }).join(", ");
}

const KINDS: Record<EventKind, { name: string; tone: Tone; meaning: string }> = {
  reserved: { name: "reserved", tone: "neutral", meaning: "Budgets hold this for the call" },
  extended: { name: "extended", tone: "neutral", meaning: "More was reserved, ahead of the answer" },
  settled: { name: "settled", tone: "green", meaning: "Over; this is what it cost" },
  waited: { name: "waited", tone: "amber", meaning: "For money that was reserved for other calls" },
  ended_early: {
    name: "ended early",
    tone: "amber",
    meaning: "The budget did not cover more: the answer ended as if its own limit of tokens had been reached",
  },
  refused: { name: "refused", tone: "red", meaning: "The budget did not cover it: nothing was sent" },
  held: { name: "held", tone: "violet", meaning: "Waits at the limit for you" },
  sent_back: { name: "sent back", tone: "violet", meaning: "Told to ask again before it would time out" },
  overrun: { name: "overrun", tone: "red", meaning: "It cost more than was reserved" },
  unbounded: { name: "unbounded", tone: "amber", meaning: "Something in it has no bound; it is counted" },
  unmetered: { name: "unmetered", tone: "red", meaning: "It may cost something that cannot be counted" },
};

export function eventName(kind: EventKind): string {
  return KINDS[kind].name;
}

export function eventTone(kind: EventKind): Tone {
  return KINDS[kind].tone;
}

/** What an event means, its own words, and its figures. */
export function eventText({ kind, text, nanoUsd, outputTokens }: GateEventView): string {
  const figures = [
    ...(nanoUsd === undefined ? [] : [formatUsd(nanoUsd)]),
    ...(outputTokens === undefined ? [] : [outputText(kind, outputTokens)]),
  ];
  return [text ?? KINDS[kind].meaning, ...figures].join(" · ");
}

function outputText(kind: EventKind, outputTokens: number): string {
  const covers = kind === "reserved" || kind === "extended";
  return `${covers ? "covers " : ""}${formatTokens(outputTokens)} tokens of output`;
}
