// The gate's bookkeeping: no call is let through that its budgets do not cover, and no money stays locked up.

import { addAmounts, amountFits, amountFor, type CallBounds, outputWithin } from "./gate_step.ts";
import { freeRoom, type GateNode, type GateRuling, rulingOf, unspentRoom } from "./gate_node.ts";
import type { Limits } from "./limits.ts";
import type { Amount } from "./spend.ts";

/** A call that asks to be let through. */
export interface GateRequest {
  callId: string;
  /** Ids of every budget above the call, narrowest first. */
  path: readonly string[];
  bounds: CallBounds;
  /** The first output step. */
  outputTokens: number;
  /** An answer shorter than this is not worth its prompt: refused rather than admitted with less. */
  minOutputTokens: number;
  /** The answer asks for no more than this in the end. */
  maxOutputTokens: number;
}

export type Admission =
  /** Covered up to `outputTokens`, which may be less than asked if money spent leaves no more. */
  | { kind: "granted"; outputTokens: number }
  /** Only money that other calls hold is in the way: decided later, by any operation that returns `Decided`. */
  | { kind: "waits" }
  /** Money that is spent rules it out. */
  | { kind: "refused"; ruling: GateRuling };

/** The outcome for a call that had been waiting. */
export interface Decided {
  callId: string;
  admission: Exclude<Admission, { kind: "waits" }>;
}

/** A call under way, and what is held for it in every budget of its path. */
export interface Reservation {
  callId: string;
  path: readonly string[];
  bounds: CallBounds;
  outputTokens: number;
  maxOutputTokens: number;
}

/** Plain JSON. Waiting calls are not in it: their clients have gone with the process and will ask again. */
export interface GateSnapshot {
  nodes: GateNode[];
  reservations: Reservation[];
}

interface Waiter {
  request: GateRequest;
  /** Budgets whose money the call waits for: later calls must not take it first. */
  blockedOn: ReadonlySet<string>;
}

/**
 * What is left free for each answer under way before another call is let in: they can go on for two more steps. Without it
 * a nearly spent budget is cut up into so many answers that all of them run dry.
 */
const ROOM_TO_GROW_TOKENS = 8192;

const NOTHING: Amount = { nanoUsd: 0, tokens: 0 };

/** A tree of budgets as the paths of its calls describe it. Knows no clock, keeps no secret, does no I/O. */
export class BudgetGate {
  readonly #nodes = new Map<string, GateNode>();
  readonly #reservations = new Map<string, Reservation>();
  /**
   * Output that answers under way could not be covered for because of money that others hold, the longest short first.
   * An answer cannot be paused: its provider writes on whether we read or not. It goes on while its cover lasts instead,
   * and what is released meanwhile is its own before anybody else's. All of them end, so nothing waits for ever.
   */
  readonly #claims = new Map<string, number>();
  #waiters: Waiter[] = [];

  constructor(snapshot: GateSnapshot = { nodes: [], reservations: [] }) {
    for (const node of snapshot.nodes) {
      this.#nodes.set(node.id, { ...structuredClone(node), reserved: NOTHING });
    }
    for (const reservation of snapshot.reservations) {
      this.#reservations.set(reservation.callId, structuredClone(reservation));
      this.#hold(reservation.path, amountFor(reservation.bounds, reservation.outputTokens));
    }
  }

  get snapshot(): GateSnapshot {
    return structuredClone({
      nodes: [...this.#nodes.values()],
      reservations: [...this.#reservations.values()],
    });
  }

  /** Calls that wait, the longest first. */
  get waiting(): string[] {
    return this.#waiters.map((waiter) => waiter.request.callId);
  }

  /** A budget as it stands; without limits and spending if it was never mentioned. */
  node(id: string): GateNode {
    // Amounts are never changed, only replaced.
    return { ...this.#node(id) };
  }

  /** Sets, raises, lowers or (null) removes the limits of a budget. Calls under way keep what they hold. */
  setLimits(id: string, limits: Limits): Decided[] {
    Object.assign(this.#node(id), limits);
    return this.#drain();
  }

  /** Corrects what has been spent: earlier spending at the start, or spending that bypassed the gate. */
  addSpent(path: readonly string[], amount: Amount): Decided[] {
    for (const id of path) this.#spend(id, amount);
    return this.#drain();
  }

  /** Asks to let a call through. Throws RangeError if the call is known already. */
  reserve(request: GateRequest): Admission {
    const isKnown = this.#reservations.has(request.callId) || this.waiting.includes(request.callId);
    if (isKnown) throw new RangeError(`Call "${request.callId}" has been asked for already`);
    const claimed = this.#meetClaims();
    for (const { blockedOn } of this.#waiters) for (const id of blockedOn) claimed.add(id);
    const outcome = this.#evaluate(request, claimed);
    if (outcome.kind !== "waits") return outcome;
    this.#waiters.push({ request, blockedOn: outcome.blockedOn });
    return { kind: "waits" };
  }

  /**
   * Extends a call's cover to `outputTokens` of output as far as free money goes, ahead of calls that wait. Returns what
   * is covered now. If that is less than asked, money that others release goes to this call first; when the answer has
   * reached what is covered, it has to end there.
   */
  extend(callId: string, outputTokens: number): number {
    const reservation = this.#reservation(callId);
    if (outputTokens > reservation.outputTokens) {
      this.#claims.set(callId, outputTokens);
      this.#meetClaims();
    }
    return reservation.outputTokens;
  }

  /** Replaces the bound of the prompt by what the provider counted, which frees the difference. */
  refineInput(callId: string, input: Amount): Decided[] {
    const reservation = this.#reservation(callId);
    const { bounds, outputTokens } = reservation;
    this.#resize(reservation, { bounds: { ...bounds, input }, outputTokens });
    return this.#drain();
  }

  /** Ends a call with what it really cost; `overrun` is what was not covered, above zero only if a bound was wrong. */
  settle(callId: string, actual: Amount): { decided: Decided[]; overrun: Amount } {
    const reservation = this.#reservation(callId);
    const held = amountFor(reservation.bounds, reservation.outputTokens);
    this.#reservations.delete(callId);
    this.#claims.delete(callId);
    this.#hold(reservation.path, { nanoUsd: -held.nanoUsd, tokens: -held.tokens });
    for (const id of reservation.path) this.#spend(id, actual);
    const over = addAmounts(actual, held, -1);
    return {
      decided: this.#drain(),
      overrun: { nanoUsd: Math.max(0, over.nanoUsd), tokens: Math.max(0, over.tokens) },
    };
  }

  /** Ends a call that cost nothing: it never reached the provider. */
  release(callId: string): Decided[] {
    return this.settle(callId, NOTHING).decided;
  }

  /** Takes back a call that waits, because its client has gone; false if it does not wait. */
  withdraw(callId: string): { found: boolean; decided: Decided[] } {
    const before = this.#waiters.length;
    this.#waiters = this.#waiters.filter((waiter) => waiter.request.callId !== callId);
    const found = this.#waiters.length < before;
    return { found, decided: found ? this.#drain() : [] };
  }

  /**
   * Ends the calls that nobody is running any more, after a crash: what they cost is not known, so all that was held
   * for them counts as spent. Returns the calls with that amount.
   */
  sweep(
    isAlive: (callId: string) => boolean,
  ): { swept: Array<{ callId: string; amount: Amount }>; decided: Decided[] } {
    const stale = [...this.#reservations.values()].filter((reservation) => !isAlive(reservation.callId));
    const swept = stale.map(({ callId, bounds, outputTokens }) => ({
      callId,
      amount: amountFor(bounds, outputTokens),
    }));
    const decided = swept.flatMap(({ callId, amount }) => this.settle(callId, amount).decided);
    return { swept, decided };
  }

  /** Grants, refuses or leaves each waiting call, the longest waiting first. */
  #drain(): Decided[] {
    const decided: Decided[] = [];
    const claimed = this.#meetClaims();
    const remaining: Waiter[] = [];
    for (const { request } of this.#waiters) {
      const outcome = this.#evaluate(request, claimed);
      if (outcome.kind !== "waits") decided.push({ callId: request.callId, admission: outcome });
      else {
        for (const id of outcome.blockedOn) claimed.add(id);
        remaining.push({ request, blockedOn: outcome.blockedOn });
      }
    }
    this.#waiters = remaining;
    return decided;
  }

  /** Covers what claims ask for as far as free money goes; answers the budgets that they are still short of. */
  #meetClaims(): Set<string> {
    const short = new Set<string>();
    for (const [callId, wanted] of this.#claims) {
      const reservation = this.#reservation(callId);
      for (const { id } of this.#meetClaim(reservation, wanted)) short.add(id);
      if (reservation.outputTokens >= wanted) this.#claims.delete(callId);
    }
    return short;
  }

  #meetClaim(reservation: Reservation, wanted: number): GateNode[] {
    const { bounds, path } = reservation;
    const nodes = path.map((id) => this.#node(id));
    const held = amountFor(bounds, reservation.outputTokens);
    const rooms = nodes.map((node) => addAmounts(freeRoom(node), held));
    const outputTokens = Math.max(reservation.outputTokens, this.#within(bounds, { rooms, wanted }));
    this.#resize(reservation, { bounds, outputTokens });
    const target = this.#within(bounds, { rooms: nodes.map(unspentRoom), wanted });
    const missing = addAmounts(amountFor(bounds, target), amountFor(bounds, outputTokens), -1);
    return outputTokens >= target ? [] : nodes.filter((node) => !amountFits(missing, freeRoom(node)));
  }

  /** Decides a call now, and holds its money if it is granted. `claimed` budgets belong to calls before it. */
  #evaluate(
    request: GateRequest,
    claimed: ReadonlySet<string>,
  ): Exclude<Admission, { kind: "waits" }> | { kind: "waits"; blockedOn: Set<string> } {
    const { callId, bounds, path, maxOutputTokens } = request;
    const nodes = path.map((id) => this.#node(id));
    // The most that could be had if every other call turned out to be free.
    const target = this.#within(bounds, { rooms: nodes.map(unspentRoom), wanted: request.outputTokens });
    const least = Math.min(request.minOutputTokens, request.outputTokens);
    if (target < least) return { kind: "refused", ruling: rulingOf(nodes, amountFor(bounds, least)) };
    const need = amountFor(bounds, target);
    const short = nodes.filter((node) =>
      !amountFits(addAmounts(need, this.#growth(node.id)), freeRoom(node))
    );
    const blocking = short.length > 0 ? short : nodes.filter((node) => claimed.has(node.id));
    if (blocking.length > 0) return { kind: "waits", blockedOn: new Set(blocking.map((node) => node.id)) };
    this.#reservations.set(callId, { callId, path, bounds, outputTokens: target, maxOutputTokens });
    this.#hold(path, need);
    return { kind: "granted", outputTokens: target };
  }

  /** What answers under way may ask for soon, beyond what they hold. */
  #growth(id: string): Amount {
    let growth = NOTHING;
    for (const { path, bounds, outputTokens, maxOutputTokens } of this.#reservations.values()) {
      if (!path.includes(id)) continue;
      const tokens = Math.max(0, Math.min(ROOM_TO_GROW_TOKENS, maxOutputTokens - outputTokens));
      growth = addAmounts(growth, { nanoUsd: Math.ceil((tokens * bounds.outputPicoUsd) / 1000), tokens });
    }
    return growth;
  }

  #within(bounds: CallBounds, options: { rooms: readonly Amount[]; wanted: number }): number {
    const { rooms, wanted } = options;
    return rooms.reduce((least, room) => Math.min(least, outputWithin(bounds, { ...room, wanted })), wanted);
  }

  #resize(reservation: Reservation, next: Pick<Reservation, "bounds" | "outputTokens">): void {
    const before = amountFor(reservation.bounds, reservation.outputTokens);
    Object.assign(reservation, next);
    this.#hold(reservation.path, addAmounts(amountFor(next.bounds, next.outputTokens), before, -1));
  }

  #hold(path: readonly string[], amount: Amount): void {
    for (const id of path) {
      const node = this.#node(id);
      node.reserved = addAmounts(node.reserved, amount);
    }
  }

  #spend(id: string, amount: Amount): void {
    const node = this.#node(id);
    node.spent = addAmounts(node.spent, amount);
  }

  #reservation(callId: string): Reservation {
    const reservation = this.#reservations.get(callId);
    if (reservation === undefined) throw new RangeError(`Call "${callId}" holds no reservation`);
    return reservation;
  }

  #node(id: string): GateNode {
    const known = this.#nodes.get(id);
    if (known !== undefined) return known;
    const node: GateNode = { id, nanoUsd: null, tokens: null, spent: NOTHING, reserved: NOTHING };
    this.#nodes.set(id, node);
    return node;
  }
}
