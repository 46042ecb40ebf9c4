// The gate with its surroundings: budgets as the ledger has them, and promises for the calls that have to wait.
import { BudgetGate, type Decided, type GateRequest } from "../budget/gate.ts";
import type { GateRuling } from "../budget/gate_node.ts";
import type { Limits } from "../budget/limits.ts";
import type { Amount } from "../budget/spend.ts";

/** One budget above a session, with what the ledger has under it. */
export interface BudgetState {
  id: string;
  /** For the user: "this conversation", the repository's name, "today". */
  name: string;
  limits: Limits;
  spent: Amount;
}

export interface GateBudgets {
  /** Every budget above a session now, narrowest first, also those without a limit. */
  list(sessionId: string): readonly BudgetState[];
}

export type Outcome =
  | { kind: "granted"; outputTokens: number }
  | { kind: "refused"; ruling: GateRuling }
  /** The caller has given up. */
  | { kind: "withdrawn" };

export interface AskOptions {
  sessionId: string;
  signal: AbortSignal;
  /** How long the call may wait. */
  patienceMs: number;
  /** Called once if the call has to wait for money that others hold. */
  onWait: () => void;
}

export class GateKeeper {
  readonly #gate = new BudgetGate();
  readonly #budgets: GateBudgets;
  readonly #waiting = new Map<string, (outcome: Outcome) => void>();
  /** Sessions by their calls under way: whose budgets have to be kept up to date. */
  readonly #sessions = new Map<string, string>();

  constructor(budgets: GateBudgets) {
    this.#budgets = budgets;
  }

  /** The budgets above a session that have a limit in dollars. */
  hasDollarLimit(sessionId: string): boolean {
    return this.#budgets.list(sessionId).some(({ limits }) => limits.nanoUsd !== null);
  }

  /** Asks for a reservation and waits for it while only reserved money is in the way. */
  async ask(request: Omit<GateRequest, "path">, options: AskOptions): Promise<Outcome> {
    const { sessionId, signal, patienceMs, onWait } = options;
    const { callId } = request;
    if (signal.aborted) return { kind: "withdrawn" };
    const path = this.#sync(sessionId);
    const admission = this.#gate.reserve({ ...request, path });
    if (admission.kind !== "waits") return this.#note(admission, { callId, sessionId });
    onWait();
    const withdraw = (): void => this.#withdraw(callId);
    const timer = setTimeout(withdraw, Math.max(0, patienceMs));
    const outcome = await new Promise<Outcome>((resolve) => {
      this.#waiting.set(callId, resolve);
      signal.addEventListener("abort", withdraw, { once: true });
    });
    clearTimeout(timer);
    signal.removeEventListener("abort", withdraw);
    return this.#note(outcome, { callId, sessionId });
  }

  /** Extends the cover of a call; answers what is covered now. */
  extend(callId: string, outputTokens: number): number {
    return this.#gate.extend(callId, outputTokens);
  }

  /** Replaces a prompt's bound by what the provider has counted. */
  refineInput(callId: string, input: Amount): void {
    this.#resolve(this.#gate.refineInput(callId, input));
  }

  /**
   * Ends a call with what it cost. `record` writes that to the ledger, so that both agree when others are decided.
   * Answers what had not been covered.
   */
  settle(callId: string, actual: Amount, record: () => void): Amount {
    this.#sessions.delete(callId);
    const { decided, overrun } = this.#gate.settle(callId, actual);
    try {
      record();
    } finally {
      // Whoever was let through by this must hear of it, also when the ledger cannot be written.
      this.#resolve(decided);
    }
    return overrun;
  }

  /** Takes in changed limits, and spending that came by other ways. */
  refresh(): void {
    for (const sessionId of new Set(this.#sessions.values())) this.#sync(sessionId);
  }

  /** What is held in a budget for calls under way. */
  reserved(budgetId: string): Amount {
    return this.#gate.node(budgetId).reserved;
  }

  /** The limit of whose money so little is unspent that `needed` does not fit; what others hold counts as unspent. */
  shortfall(sessionId: string, needed: Amount): GateRuling | undefined {
    for (const nodeId of this.#sync(sessionId)) {
      const { nanoUsd, tokens, spent } = this.#gate.node(nodeId);
      if (nanoUsd !== null && spent.nanoUsd + needed.nanoUsd > nanoUsd) {
        return { nodeId, unit: "usd", limit: nanoUsd, spent: spent.nanoUsd, needed: needed.nanoUsd };
      }
      if (tokens !== null && spent.tokens + needed.tokens > tokens) {
        return { nodeId, unit: "tokens", limit: tokens, spent: spent.tokens, needed: needed.tokens };
      }
    }
    return undefined;
  }

  /** Calls that hold money. */
  get reservations(): number {
    return this.#gate.snapshot.reservations.length;
  }

  #sync(sessionId: string): string[] {
    const states = this.#budgets.list(sessionId);
    for (const { id, limits, spent } of states) {
      this.#resolve(this.#gate.setLimits(id, limits));
      const known = this.#gate.node(id).spent;
      const missing = { nanoUsd: spent.nanoUsd - known.nanoUsd, tokens: spent.tokens - known.tokens };
      if (missing.nanoUsd !== 0 || missing.tokens !== 0) this.#resolve(this.#gate.addSpent([id], missing));
    }
    return states.map(({ id }) => id);
  }

  #note<Kind extends Outcome>(outcome: Kind, call: { callId: string; sessionId: string }): Kind {
    if (outcome.kind === "granted") this.#sessions.set(call.callId, call.sessionId);
    return outcome;
  }

  #withdraw(callId: string): void {
    const { found, decided } = this.#gate.withdraw(callId);
    if (!found) return;
    this.#finish(callId, { kind: "withdrawn" });
    this.#resolve(decided);
  }

  #resolve(decided: readonly Decided[]): void {
    for (const { callId, admission } of decided) this.#finish(callId, admission);
  }

  #finish(callId: string, outcome: Outcome): void {
    this.#waiting.get(callId)?.(outcome);
    this.#waiting.delete(callId);
  }
}
