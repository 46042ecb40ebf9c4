// Gate events, calls under way and held sessions for tests.

import type { CallInFlightView, GateEventView, ServerMessage, SessionView } from "../../server/protocol.ts";
import { makeLine } from "./money.ts";
import { makeSession } from "./sessions.ts";

export function makeCall(patch: Partial<CallInFlightView> = {}): CallInFlightView {
  return {
    callId: "call1",
    sessionId: "s1",
    model: "claude-opus-5-5",
    startedAtMs: 1_000,
    state: "streaming",
    outputTokens: 1_234,
    coveredTokens: 4_096,
    reservedNanoUsd: 123_000_000,
    ...patch,
  };
}

export function makeEvent(id: number, patch: Partial<GateEventView> = {}): GateEventView {
  return { id, kind: "reserved", callId: "call1", atMs: 1_000 + id, model: "claude-opus-5-5", ...patch };
}

/** Held by the budget of its conversation: $1 is spent, and the call needs $0.50. */
export function makeHeld(patch: Partial<SessionView> = {}): SessionView {
  const budget = makeLine({ limit: 1_000_000_000, used: 1_000_000_000, rules: true });
  return makeSession({
    held: true,
    hold: { sinceMs: 1_000, text: "It waits", budget, needed: 500_000_000 },
    budgets: [budget],
    metering: "gate",
    atLimit: "hold",
    ...patch,
  });
}

/** What a server says unasked. */
export class FakeMessages {
  readonly #listeners = new Set<(message: ServerMessage) => void>();

  readonly listen = (listener: (message: ServerMessage) => void): () => void => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  push(message: ServerMessage): void {
    for (const listener of this.#listeners) listener(message);
  }
}
