// What the gate of one session did lately, call by call, kept current by pushed events.

import { computed, createModel, effect, signal } from "@preact/signals";
import type { GateEventView, ServerMessage } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { SessionCalls } from "../api/sessions.ts";

export interface GateActivityOptions {
  api: Pick<SessionCalls, "getGate">;
  sessionId: string;
  onMessage(listener: (message: ServerMessage) => void): () => void;
}

export type GateFilter = "all" | "limit" | "waited" | "unclear";
type EventKind = GateEventView["kind"];

/** What a filter looks for; `all` is not in it. */
const WANTED: Record<Exclude<GateFilter, "all">, readonly EventKind[]> = {
  limit: ["refused", "held", "sent_back", "ended_early"],
  waited: ["waited"],
  unclear: ["overrun", "unbounded", "unmetered"],
};
export const GATE_FILTERS: readonly GateFilter[] = ["all", "limit", "waited", "unclear"];
/** As many as the server keeps. */
const MAX_EVENTS = 200;

export const GateActivityModel = createModel((options: GateActivityOptions) => {
  const { api, sessionId } = options;
  const events = signal<readonly GateEventView[]>([]);
  const loaded = signal(false);
  const error = signal<string | undefined>(undefined);
  const filter = signal<GateFilter>("all");
  const calls = computed(() => groupCalls(events.value));
  let latest = 0;
  /** What came in since the load under way was asked for. */
  let pushed: GateEventView[] = [];

  async function load(): Promise<void> {
    const call = ++latest;
    pushed = [];
    try {
      const activity = await api.getGate(sessionId);
      if (call !== latest) return;
      events.value = mergeEvents(activity.events, pushed);
      loaded.value = true;
      error.value = undefined;
    } catch (thrown) {
      if (call === latest) error.value = errorMessage(thrown);
    }
  }
  effect(() =>
    options.onMessage((message) => {
      // What came while the page was away was not pushed.
      if (message.type === "ready") void load();
      if (message.type !== "gate_events") return;
      const mine = message.items.flatMap((item) => item.sessionId === sessionId ? [item.event] : []);
      if (mine.length === 0) return;
      pushed.push(...mine);
      if (loaded.peek()) events.value = mergeEvents(events.peek(), mine);
    })
  );

  return {
    load,
    loaded,
    error,
    filter,
    /** Every call that left an event, the newest first. */
    calls,
    /** Those that the filter lets through. */
    shown: computed(() => calls.value.filter((call) => matches(call, filter.value))),
    counts: computed(() => {
      const count = (wanted: GateFilter): number =>
        calls.value.filter((call) => matches(call, wanted)).length;
      return { all: count("all"), limit: count("limit"), waited: count("waited"), unclear: count("unclear") };
    }),
  };
});

export type GateActivityStore = InstanceType<typeof GateActivityModel>;

/** One model call with everything the gate did to it. */
export interface GateCall {
  callId: string;
  model: string | undefined;
  /** The oldest first. */
  events: readonly GateEventView[];
  /** What became of it so far. */
  outcome: EventKind;
  /** What else is worth seeing at a glance, each once. */
  marks: readonly EventKind[];
  startedAtMs: number;
  /** What it cost; undefined before it is settled. */
  costNanoUsd: number | undefined;
  /** The most that was held for it. */
  reservedNanoUsd: number | undefined;
  outputTokens: number | undefined;
}

/** Calls by their newest event, the newest first. */
export function groupCalls(events: readonly GateEventView[]): GateCall[] {
  const groups = new Map<string, GateEventView[]>();
  for (const event of events) {
    const group = groups.get(event.callId);
    if (group === undefined) groups.set(event.callId, [event]);
    else group.unshift(event);
  }
  return [...groups].map(([callId, group]) => describeCall(callId, group));
}

const ENDS: readonly EventKind[] = ["settled", "refused", "sent_back", "unmetered"];
const ORDINARY: readonly EventKind[] = ["reserved", "extended"];

function describeCall(callId: string, events: readonly GateEventView[]): GateCall {
  const kinds = events.map(({ kind }) => kind);
  const outcome = kinds.findLast((kind) => ENDS.includes(kind)) ?? kinds.at(-1) ?? "reserved";
  const settled = events.findLast(({ kind }) => kind === "settled");
  const reserved = events.filter(({ kind }) => ORDINARY.includes(kind)).flatMap((each) => each.nanoUsd ?? []);
  return {
    callId,
    model: events.findLast(({ model }) => model !== undefined)?.model,
    events,
    outcome,
    marks: [...new Set(kinds)].filter((kind) => kind !== outcome && !ORDINARY.includes(kind)),
    startedAtMs: events[0]?.atMs ?? 0,
    costNanoUsd: settled?.nanoUsd,
    reservedNanoUsd: reserved.length === 0 ? undefined : Math.max(...reserved),
    outputTokens: settled?.outputTokens,
  };
}

function matches(call: GateCall, filter: GateFilter): boolean {
  return filter === "all" || call.events.some(({ kind }) => WANTED[filter].includes(kind));
}

/** Newest first, each once. */
export function mergeEvents(
  known: readonly GateEventView[],
  fresh: readonly GateEventView[],
): GateEventView[] {
  const byId = new Map([...known, ...fresh].map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, MAX_EVENTS);
}
