// Model calls that pass the gate right now, by session, as the server tells twice a second.

import { createModel, effect, signal } from "@preact/signals";
import type { CallInFlightView, ServerMessage } from "../../server/protocol.ts";

export interface InFlightOptions {
  onMessage(listener: (message: ServerMessage) => void): () => void;
}

const NONE: readonly CallInFlightView[] = [];

export const InFlightModel = createModel(({ onMessage }: InFlightOptions) => {
  const bySession = signal<ReadonlyMap<string, readonly CallInFlightView[]>>(new Map());

  effect(() =>
    onMessage((message) => {
      if (message.type === "in_flight") bySession.value = groupBySession(message.calls);
      // Nobody says after a connection is lost that a call has ended.
      if (message.type === "ready") bySession.value = new Map();
    })
  );

  return { bySession };
});

export type InFlight = InstanceType<typeof InFlightModel>;

/** Calls of one session, the oldest first. Whoever draws them is drawn again when they change. */
export function callsOf({ bySession }: InFlight, sessionId: string): readonly CallInFlightView[] {
  return bySession.value.get(sessionId) ?? NONE;
}

function groupBySession(calls: readonly CallInFlightView[]): Map<string, CallInFlightView[]> {
  const groups = new Map<string, CallInFlightView[]>();
  for (const call of calls) {
    const group = groups.get(call.sessionId);
    if (group === undefined) groups.set(call.sessionId, [call]);
    else group.push(call);
  }
  return groups;
}
