// The gateway at work in this program: sessions, budgets and ledger on one side, what pages are told on the other.
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Reading } from "../money/ledger.ts";
import type { MoneyDesk } from "../money/money_desk.ts";
import type { PriceBook } from "../pricing/price_book.ts";
import type { GateActivity, HoldView as HoldShown, ServerMessage } from "../protocol.ts";
import type { GateEventTable } from "../store/gate_events.ts";
import type { ReservationTable } from "../store/reservations.ts";
import type { SessionRow, SessionTable } from "../store/sessions.ts";
import type { SettingTable } from "../store/settings.ts";
import { GateEvents } from "./gate_events.ts";
import type { BudgetState } from "./gate_keeper.ts";
import { Gateway } from "./gateway.ts";
import type { GateEvent, GatewaySession } from "./gateway_session.ts";
import type { HoldView, Obstacle } from "./holds.ts";
import { describeObstacle } from "./refusal.ts";
import { parseUpstream } from "./upstream.ts";

export interface GateDeskOptions extends Pick<Clock, "now" | "later"> {
  table: SessionTable;
  reservations: ReservationTable;
  gateEvents: GateEventTable;
  settings: SettingTable;
  money: MoneyDesk;
  prices: () => PriceBook;
  countCacheReads: () => boolean;
  keepsHashes: () => boolean;
  /** Header in which agents send our own key. */
  keyHeader: string;
  /** The page's own address, for messages to agents. */
  pageAddress: () => string;
  /** A session's call waits at a limit, or (undefined) it goes on. */
  onHold: (sessionId: string, hold: HoldShown | undefined) => void;
  broadcast: (message: ServerMessage) => void;
  newId: () => string;
  log: Log;
}

/** As the launch has stored it with the session. */
interface StoredTargets {
  anthropic: string;
  openai: string;
  maxWaitMs: number;
}

const TELL_EVERY_MS = 500;
/** Changes of budgets and ledger are taken in together. */
const REFRESH_AFTER_MS = 50;
/** Another source is heard a moment before or after the gate's own row: only what stays is past the gate. */
const UNGATED_AFTER_MS = 10_000;
/** Where in the settings the rates are kept. */
const RATES_SETTING = "tokenRates";

export class GateDesk {
  readonly gateway: Gateway;
  readonly #options: GateDeskOptions;
  readonly #events: GateEvents;
  readonly #toldHolds = new Map<string, Obstacle>();
  readonly #warned = new Set<string>();
  #ticker: ReturnType<typeof setInterval> | undefined;
  #cancelRefresh: (() => void) | undefined;

  constructor(options: GateDeskOptions) {
    const { table, money, reservations, settings } = options;
    this.#options = options;
    this.#events = new GateEvents({ table: options.gateEvents, log: options.log });
    this.gateway = new Gateway({
      ...options,
      sessions: { get: (id) => describeSession(table.get(id)) },
      budgets: { list: (id) => this.#budgetsOf(id) },
      calls: {
        record: (id, call) => this.#record(id, { calls: [call] }),
        settle: (id, call) => this.#record(id, { calls: [call], settles: call.key }),
      },
      reservations,
      rates: {
        load: () => settings.getAll()[RATES_SETTING],
        save: (rates) => settings.setSoon({ [RATES_SETTING]: rates }),
      },
      events: { onEvent: (event) => this.#note(event), onHold: (id, hold) => this.#hold(id, hold) },
      raiseUrl: (id, obstacle) => this.#raiseUrl(id, obstacle),
    });
    money.onLimits(() => this.#refreshSoon());
    money.ledger.onChange(({ sessionId }) => {
      this.#refreshSoon();
      this.#lookForUngated(sessionId);
    });
  }

  /** What passes the gate of a session now, and what its gate has done lately. */
  activityOf(sessionId: string): GateActivity {
    return {
      inFlight: this.gateway.listInFlight(sessionId),
      events: this.#events.list(sessionId),
    };
  }

  /** A session has ended: whatever it left open is broken off. */
  async forget(sessionId: string): Promise<void> {
    this.#warned.delete(sessionId);
    await this.gateway.forget(sessionId);
    this.#events.forget(sessionId);
  }

  /** Breaks everything off; every call under way is in the ledger when it resolves. */
  async close(): Promise<void> {
    clearInterval(this.#ticker);
    this.#cancelRefresh?.();
    await this.gateway.close();
    this.#tellEvents();
  }

  #record(sessionId: string, reading: Reading): void {
    const session = this.#options.table.get(sessionId);
    if (session === undefined) {
      if (reading.settles !== undefined) this.#options.reservations.remove(reading.settles);
      return;
    }
    const { id, conversationId, kind, repositoryRoot, branch } = session;
    const owner = { sessionId: id, conversationId, kind, repositoryRoot, branch };
    this.#options.money.ledger.record(owner, reading);
  }

  #budgetsOf(sessionId: string): BudgetState[] {
    const session = this.#options.table.get(sessionId);
    return session === undefined ? [] : this.#options.money.budgets.listAbove(session);
  }

  #note(event: GateEvent): void {
    const { sessionId, obstacle, ...facts } = event;
    if (!this.#events.note(sessionId, facts)) return;
    if (obstacle !== undefined) this.#atLimit(sessionId, obstacle);
    this.#keepTelling();
  }

  /** A session that is to be held is held at its next call. */
  #atLimit(sessionId: string, obstacle: Obstacle): void {
    const session = this.#options.table.get(sessionId);
    if (session?.atLimit === "stop") {
      this.#options.money.watch.refuse(session, this.#explain(session, obstacle));
    }
  }

  #hold(sessionId: string, hold: HoldView | undefined): void {
    const { table, money, onHold } = this.#options;
    const session = table.get(sessionId);
    if (session === undefined) return;
    if (hold === undefined) {
      this.#toldHolds.delete(sessionId);
      money.watch.release(session);
      onHold(sessionId, undefined);
      return;
    }
    const { obstacle } = hold;
    if (obstacle.kind === "unpriced") money.watch.holdUnpriced(session, obstacle.model);
    else {
      const { view, text } = this.#explain(session, obstacle);
      money.watch.hold(session, { view, text, needed: obstacle.ruling.needed });
    }
    this.#tellHold(session, hold);
  }

  #tellHold(session: SessionRow, { sinceMs, obstacle }: HoldView): void {
    const { view, text } = this.#explain(session, obstacle);
    this.#toldHolds.set(session.id, obstacle);
    this.#options.onHold(session.id, {
      sinceMs,
      text,
      ...(view === undefined ? {} : { budget: view }),
      ...(obstacle.kind === "unpriced"
        ? { unpricedModel: obstacle.model }
        : { needed: obstacle.ruling.needed }),
    });
  }

  /** After a raise the call has asked again: another limit, or still the same one, may be in its way. */
  #tellChangedHolds(): void {
    for (const [sessionId, told] of this.#toldHolds) {
      const hold = this.gateway.holdOf(sessionId);
      const session = this.#options.table.get(sessionId);
      if (hold !== undefined && session !== undefined && hold.obstacle !== told) {
        this.#tellHold(session, hold);
      }
    }
  }

  /** An obstacle in words, with the limit as pages know it. */
  #explain(
    session: SessionRow,
    obstacle: Obstacle,
  ): { text: string; view: NonNullable<HoldShown["budget"]> | undefined } {
    const text = describeObstacle(obstacle, this.#raiseUrl(session.id, obstacle));
    if (obstacle.kind === "unpriced") return { text, view: undefined };
    const { nodeId, unit } = obstacle.ruling;
    const { budgets } = this.#options.money;
    const budgetId = budgets.listAbove(session).find(({ id }) => id === nodeId)?.budgetId;
    const view = budgets.linesOf(session).find((line) => line.budgetId === budgetId && line.unit === unit);
    return { text, view };
  }

  #raiseUrl(sessionId: string, obstacle: Obstacle): string {
    const page = this.#options.pageAddress();
    return obstacle.kind === "unpriced" ? `${page}/settings` : `${page}/s/${sessionId}`;
  }

  /** Until nothing is under way any more. */
  #keepTelling(): void {
    this.#ticker ??= setInterval(() => {
      const calls = this.gateway.listInFlight();
      this.#options.broadcast({ type: "in_flight", calls });
      this.#tellEvents();
      this.#tellChangedHolds();
      if (calls.length > 0) return;
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }, TELL_EVERY_MS);
  }

  #tellEvents(): void {
    const items = this.#events.flush();
    if (items.length > 0) this.#options.broadcast({ type: "gate_events", items });
  }

  #refreshSoon(): void {
    this.#cancelRefresh ??= this.#options.later(() => {
      this.#cancelRefresh = undefined;
      this.gateway.refresh();
    }, REFRESH_AFTER_MS);
  }

  #lookForUngated(sessionId: string): void {
    const { table, money, later } = this.#options;
    if (this.#warned.has(sessionId) || (table.get(sessionId)?.gateway ?? null) === null) return;
    if (money.ungatedNanoUsd(sessionId) === 0) return;
    this.#warned.add(sessionId);
    later(() => this.#warnUngated(sessionId), UNGATED_AFTER_MS);
  }

  #warnUngated(sessionId: string): void {
    const { table, money } = this.#options;
    const session = table.get(sessionId);
    if (session !== undefined && money.ungatedNanoUsd(sessionId) > 0) {
      money.watch.warnUngated(
        session,
        "It has made model calls that did not pass the gate: they are counted only",
      );
    } else this.#warned.delete(sessionId);
  }
}

function describeSession(row: SessionRow | undefined): GatewaySession | undefined {
  if (row === undefined || row.lifecycle === "ended" || row.gateway === null) return undefined;
  const { anthropic, openai, maxWaitMs } = JSON.parse(row.gateway) as StoredTargets;
  const upstreams = { anthropic: parseUpstream(anthropic), openai: parseUpstream(openai) };
  return { id: row.id, mode: "gate", atLimit: row.atLimit, upstreams, maxWaitMs };
}
