// A gateway on a real port in front of any provider, with budgets and a ledger in memory.
import type { Limits } from "../budget/limits.ts";
import { budgetTokens } from "../budget/spend.ts";
import type { BudgetState } from "../gateway/gate_keeper.ts";
import { Gateway } from "../gateway/gateway.ts";
import type { GateEvent, GatewaySession, StoredReservation } from "../gateway/gateway_session.ts";
import type { HoldView } from "../gateway/holds.ts";
import type { Dialect } from "../gateway/model_api.ts";
import { createLog } from "../log.ts";
import type { PriceBook } from "../pricing/price_book.ts";
import type { ModelCall } from "../usage/model_call.ts";
import { createPriceBook } from "./loaded_prices.ts";

export interface RecordedCall extends ModelCall {
  sessionId: string;
  costNanoUsd: number;
}

export interface TestGatewayOptions {
  upstream: string;
  /** Limits by budget id. */
  limits?: Record<string, Partial<Limits>>;
  /** Budgets above a session, narrowest first; its own and `day` when missing. */
  path?: (sessionId: string) => string[];
  mode?: GatewaySession["mode"];
  atLimit?: GatewaySession["atLimit"];
  maxWaitMs?: number;
  prices?: PriceBook;
  rates?: unknown;
  /** Left by an earlier run. */
  reservations?: StoredReservation[];
}

const PATH = /^\/(anthropic|openai)(\/.*|)$/;

/** Started by its constructor; `close` ends it. The session of a request is in `x-test-session`. */
export class TestGateway {
  readonly ledger: RecordedCall[] = [];
  readonly events: GateEvent[] = [];
  readonly holds: { sessionId: string; hold: HoldView | undefined }[] = [];
  readonly stored: Map<string, StoredReservation>;
  readonly limits: Map<string, Limits>;
  readonly gateway: Gateway;
  readonly session: Omit<GatewaySession, "id">;
  savedRates: unknown;
  /** The disk is full. */
  failsToRecord = false;
  /** The disk is full for reservations, too. */
  failsToReserve = false;
  readonly #options: TestGatewayOptions;
  readonly #prices: PriceBook;
  readonly #spent = new Map<string, { nanoUsd: number; tokens: number }>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(options: TestGatewayOptions) {
    this.#options = options;
    this.#prices = options.prices ?? createPriceBook();
    this.stored = new Map((options.reservations ?? []).map((item) => [item.callId, item]));
    const limits = Object.entries(options.limits ?? {});
    this.limits = new Map(limits.map(([id, limit]) => [id, { nanoUsd: null, tokens: null, ...limit }]));
    const upstream = new URL(options.upstream);
    this.session = {
      mode: options.mode ?? "gate",
      atLimit: options.atLimit ?? "stop",
      upstreams: { anthropic: upstream, openai: new URL("/v1", upstream) },
      maxWaitMs: options.maxWaitMs ?? 30_000,
    };
    this.gateway = this.#createGateway();
    this.#server = Deno.serve(
      {
        hostname: "127.0.0.1",
        port: 0,
        onListen: () => {},
        // An answer that broke off breaks off here too.
        onError: () => new Response(null, { status: 500 }),
      },
      (request) => this.#serve(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Sum of a budget's ledger rows. */
  spent(id: string): { nanoUsd: number; tokens: number } {
    return this.#spent.get(id) ?? { nanoUsd: 0, tokens: 0 };
  }

  setLimit(id: string, limit: Partial<Limits>): void {
    this.limits.set(id, { nanoUsd: null, tokens: null, ...limit });
    this.gateway.refresh();
  }

  /** Spending that came by another way. */
  addUngated(id: string, nanoUsd: number): void {
    const before = this.spent(id);
    this.#spent.set(id, { ...before, nanoUsd: before.nanoUsd + nanoUsd });
    this.gateway.refresh();
  }

  count(kind: GateEvent["kind"]): number {
    return this.events.filter((event) => event.kind === kind).length;
  }

  async close(): Promise<void> {
    await this.gateway.close();
    await this.#server.shutdown();
  }

  #createGateway(): Gateway {
    return new Gateway({
      sessions: { get: (id) => id === "ended" ? undefined : { ...this.session, id } },
      budgets: { list: (sessionId) => this.#path(sessionId).map((id) => this.#state(id)) },
      calls: {
        record: (sessionId, call) => this.#record(sessionId, call),
        settle: (sessionId, call) => {
          this.#record(sessionId, call);
          this.stored.delete(call.key);
        },
      },
      reservations: {
        put: (item) => {
          if (this.failsToReserve) throw new Error("The disk is full");
          this.stored.set(item.callId, structuredClone(item));
        },
        remove: (callId) => void this.stored.delete(callId),
        list: () => [...this.stored.values()],
      },
      rates: { load: () => this.#options.rates ?? {}, save: (rates) => void (this.savedRates = rates) },
      events: {
        onEvent: (event) => void this.events.push(event),
        onHold: (sessionId, hold) => void this.holds.push({ sessionId, hold }),
      },
      prices: () => this.#prices,
      countCacheReads: () => false,
      keepsHashes: () => false,
      raiseUrl: (sessionId) => `http://127.0.0.1:4517/s/${sessionId}`,
      keyHeader: "x-agents-fleet-key",
      now: Date.now,
      newId: () => crypto.randomUUID(),
      log: createLog("error", () => {}),
    });
  }

  async #serve(request: Request): Promise<Response> {
    const sessionId = request.headers.get("x-test-session") ?? "s1";
    const [, dialect, path = ""] = PATH.exec(new URL(request.url).pathname) ?? [];
    if (dialect === undefined) return new Response(null, { status: 404 });
    return await this.gateway.handle(request, { sessionId, dialect: dialect as Dialect, path });
  }

  #path(sessionId: string): string[] {
    return this.#options.path?.(sessionId) ?? [sessionId, "day"];
  }

  #state(id: string): BudgetState {
    const limits = this.limits.get(id) ?? { nanoUsd: null, tokens: null };
    return { id, name: id, limits, spent: this.spent(id) };
  }

  #record(sessionId: string, call: ModelCall): void {
    if (this.failsToRecord) throw new Error("The disk is full");
    const costNanoUsd = this.#prices.cost(call).nanoUsd;
    this.ledger.push({ ...call, sessionId, costNanoUsd });
    for (const id of this.#path(sessionId)) {
      const before = this.spent(id);
      this.#spent.set(id, {
        nanoUsd: before.nanoUsd + costNanoUsd,
        tokens: before.tokens + budgetTokens(call, { countCacheReads: false }),
      });
    }
  }
}
