// The way between agents and providers: every model call passes here, is metered, and where a budget applies, gated.
import { errorText } from "../errors.ts";
import type { Log } from "../log.ts";
import type { PriceBook } from "../pricing/price_book.ts";
import type { CallInFlightView } from "../protocol.ts";
import { Admissions } from "./admissions.ts";
import { CallsInFlight } from "./calls_in_flight.ts";
import { type GateBudgets, GateKeeper } from "./gate_keeper.ts";
import { GatedCalls } from "./gated_calls.ts";
import { GatedPassages } from "./gated_passages.ts";
import type {
  CallSink,
  GatewayEvents,
  GatewaySessions,
  RaiseUrl,
  RateStore,
  ReservationStore,
} from "./gateway_session.ts";
import { Holds, type HoldView } from "./holds.ts";
import { type Dialect, modelApiOf } from "./model_api.ts";
import { ObservedPassages } from "./observed_passages.ts";
import { type Passage, passOn, send } from "./passage.ts";
import { PromptMemory } from "./prompt_memory.ts";
import { refuse } from "./refusal.ts";
import { TokenRates } from "./token_rates.ts";
import { RedirectError, targetUrl } from "./upstream.ts";

export interface GatewayOptions {
  sessions: GatewaySessions;
  budgets: GateBudgets;
  calls: CallSink;
  reservations: ReservationStore;
  rates: RateStore;
  events: GatewayEvents;
  /** The prices of this moment. */
  prices: () => PriceBook;
  countCacheReads: () => boolean;
  keepsHashes: () => boolean;
  raiseUrl: RaiseUrl;
  /** Header in which agents send our own key; it goes no further. */
  keyHeader: string;
  now: () => number;
  newId: () => string;
  log: Log;
}

/** Where a request came in. */
export interface GatewayRoute {
  sessionId: string;
  dialect: Dialect;
  /** Below the address that the agent was given. */
  path: string;
}

/** The memory of prompts of so many sessions is kept. */
const MAX_MEMORIES = 200;
/** Paths that are posted to and cost nothing. */
const FREE_OF_CHARGE = /\/(count_tokens|input_tokens|event_logging|analytics)/;

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #rates: TokenRates;
  readonly #keeper: GateKeeper;
  readonly #holds: Holds;
  readonly #gated: GatedCalls;
  readonly #gatedPassages: GatedPassages;
  readonly #observedPassages: ObservedPassages;
  readonly #inFlight: CallsInFlight;
  readonly #memories = new Map<string, PromptMemory>();

  constructor(options: GatewayOptions) {
    const { budgets, sessions, now, events } = options;
    this.#options = options;
    this.#rates = new TokenRates(options.rates.load());
    this.#keeper = new GateKeeper(budgets);
    this.#holds = new Holds({ now, onChange: events.onHold });
    this.#inFlight = new CallsInFlight({
      onRefresh: () => this.refresh(),
      onIdle: () => this.#saveRates(),
    });
    const tools = {
      ...options,
      rates: this.#rates,
      inFlight: this.#inFlight,
      keeper: this.#keeper,
      budgetName: (sessionId: string, id: string) =>
        budgets.list(sessionId).find((budget) => budget.id === id)?.name ?? id,
    };
    const admissions = new Admissions({ ...tools, holds: this.#holds });
    this.#gated = new GatedCalls({ ...tools, onEvent: events.onEvent });
    this.#gatedPassages = new GatedPassages({
      ...tools,
      admissions,
      gated: this.#gated,
      atLimit: (sessionId) => sessions.get(sessionId)?.atLimit ?? "stop",
      memoryOf: (sessionId) => this.#memory(sessionId),
    });
    this.#observedPassages = new ObservedPassages(tools);
  }

  /** Takes what an earlier run left reserved into the ledger; answers how many calls. To be called before `handle`. */
  sweep(): number {
    return this.#gated.sweep();
  }

  /** Answers an agent's request. Its key must have been checked. */
  async handle(request: Request, route: GatewayRoute): Promise<Response> {
    const { sessionId, dialect, path } = route;
    const session = this.#options.sessions.get(sessionId);
    if (session === undefined) return refuse(dialect, "invalid", "Agents Fleet: this session has ended");
    if (request.headers.has("upgrade")) return refuseUpgrade();
    const { search } = new URL(request.url);
    const target = targetUrl(session.upstreams[dialect], { path, search });
    const aborter = new AbortController();
    request.signal.addEventListener("abort", () => aborter.abort(), { once: true });
    const api = modelApiOf({ method: request.method, path });
    try {
      return await this.#pass({ request, session, dialect, api, target, aborter });
    } catch (cause) {
      if (!(cause instanceof RedirectError) && !aborter.signal.aborted) {
        this.#options.log.warn("An agent's request did not reach its upstream", { sessionId, cause });
      }
      return refuse(dialect, "upstream", `Agents Fleet: ${errorText(cause)}`);
    }
  }

  /** Takes in changed budgets or prices: calls that wait or are held are decided anew. */
  refresh(): void {
    this.#keeper.refresh();
    this.#holds.wakeAll();
  }

  /** Calls under way, the oldest first. */
  listInFlight(sessionId?: string): CallInFlightView[] {
    return this.#inFlight.list(sessionId);
  }

  /** Why a session is held; undefined when it is not. */
  holdOf(sessionId: string): HoldView | undefined {
    return this.#holds.get(sessionId);
  }

  /** Forgets a session that has ended, and breaks off what it left. */
  async forget(sessionId: string): Promise<void> {
    this.#memories.delete(sessionId);
    this.#holds.release(sessionId);
    await this.#inFlight.abort(sessionId);
  }

  /** Breaks everything off; every call under way is settled. */
  async close(): Promise<void> {
    this.#holds.close();
    await this.#inFlight.abort();
    this.#saveRates();
  }

  #pass(passage: Passage): Promise<Response> {
    const { api, session } = passage;
    if (api === undefined) return this.#passFree(passage);
    const passages = session.mode === "gate" ? this.#gatedPassages : this.#observedPassages;
    return passages.pass({ ...passage, api });
  }

  /** What costs nothing, or is nothing that can be metered. */
  async #passFree(passage: Passage): Promise<Response> {
    const { request, session, dialect, target } = passage;
    const { events, keyHeader, newId, now } = this.#options;
    if (request.method === "POST" && !FREE_OF_CHARGE.test(target.pathname)) {
      const text = `${dialect} ${target.pathname}`;
      events.onEvent({ kind: "unmetered", sessionId: session.id, callId: newId(), atMs: now(), text });
    }
    const response = await send(passage, { keyHeader, body: request.body });
    return passOn(response, response.body);
  }

  #memory(sessionId: string): PromptMemory {
    const memory = this.#memories.get(sessionId) ?? new PromptMemory();
    this.#memories.delete(sessionId);
    this.#memories.set(sessionId, memory);
    const [oldest] = this.#memories.keys();
    if (this.#memories.size > MAX_MEMORIES && oldest !== undefined) this.#memories.delete(oldest);
    return memory;
  }

  #saveRates(): void {
    const changes = this.#rates.takeChanges();
    if (changes !== undefined) this.#options.rates.save(changes);
  }
}

/** Codex tries a socket first where it can, and takes this for "use HTTP". */
function refuseUpgrade(): Response {
  const error = { message: "Sockets are not spoken here: use HTTP", type: "invalid_request_error" };
  return Response.json({ error }, { status: 426 });
}
