// What the gateway asks of the rest of the program. Fleet's rooms satisfy these shapes; nothing here knows them.
import type { GateEventView } from "../protocol.ts";
import type { ModelCall } from "../usage/model_call.ts";
import type { HoldView, Obstacle } from "./holds.ts";
import type { Dialect } from "./model_api.ts";

/** How a session's calls are treated, as decided at its launch. */
export interface GatewaySession {
  id: string;
  /** `gate`: nothing is forwarded that its budgets do not cover. `observe`: everything is, and counted. */
  mode: "gate" | "observe";
  /** What a call meets at a limit. */
  atLimit: "stop" | "hold";
  /** Where calls go: the provider, the user's own base URL, or a proxy of ours. Never taken from a request. */
  upstreams: Record<Dialect, URL>;
  /** How long a call may wait before its client has to hear something. */
  maxWaitMs: number;
}

export interface GatewaySessions {
  /** Undefined for a session that has ended or is none of ours. */
  get(sessionId: string): GatewaySession | undefined;
}

export interface CallSink {
  /** Takes a call into the ledger. When this returns, the budgets' sums have it. */
  record(sessionId: string, call: ModelCall): void;
  /** The same for a call with a reservation, whose id is the call's key: that is removed with it, or neither is done. */
  settle(sessionId: string, call: ModelCall): void;
}

/** A call under way, as it would be written to the ledger if the program died now. */
export interface StoredReservation {
  callId: string;
  sessionId: string;
  call: ModelCall;
}

export interface ReservationStore {
  /** Inserts or replaces by `callId`. */
  put(reservation: StoredReservation): void;
  remove(callId: string): void;
  list(): StoredReservation[];
}

/** What has been learned of models, kept over restarts. */
export interface RateStore {
  load(): unknown;
  save(rates: unknown): void;
}

export type GateEventKind = GateEventView["kind"];

/** One line of what the gate did: what the page is told, and of which session. */
export interface GateEvent extends Omit<GateEventView, "id"> {
  sessionId: string;
  /** With `refused`; with `ended_early` where the limit leaves nothing worth another call. */
  obstacle?: Obstacle;
}

export interface GatewayEvents {
  onEvent: (event: GateEvent) => void;
  /** A session is held, or (undefined) goes on. */
  onHold: (sessionId: string, hold: HoldView | undefined) => void;
}

/** Where a user can change what stands in the way. */
export type RaiseUrl = (sessionId: string, obstacle: Obstacle) => string;
