// Takes in what sources report, finds which reports are the same call, prices them, and stores the result at once.
import type { PriceBook } from "../pricing/price_book.ts";
import type { LedgerTable, SourceState } from "../store/ledger.ts";
import type { LedgerOwner, PricedCall } from "../store/ledger_rows.ts";
import { CallMatcher } from "../usage/match.ts";
import type { MergedCall } from "../usage/merged_call.ts";
import type { ModelCall } from "../usage/model_call.ts";

export interface LedgerOptions {
  table: LedgerTable;
  prices: () => PriceBook;
}

/** What a source has read, and how far. */
export interface Reading {
  calls: readonly ModelCall[];
  states?: readonly SourceState[];
  /** The reservation that a call of these ends. */
  settles?: string;
}

export class Ledger {
  readonly #options: LedgerOptions;
  /** By session; rebuilt from its rows when it is not there. */
  readonly #matchers = new Map<string, CallMatcher>();
  readonly #listeners = new Set<(owner: LedgerOwner) => void>();
  #writes = 0;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Changes with every stored change: sums read at the same number are still right. */
  get writes(): number {
    return this.#writes;
  }

  /** Calls back after rows of a session have changed. */
  onChange(listener: (owner: LedgerOwner) => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Stores calls and source states together, so that after a crash nothing is missing and nothing is there twice.
   * Calls that belong to another session (a forked or copied conversation repeats them) are left out.
   */
  record(owner: LedgerOwner, { calls, states = [], settles }: Reading): void {
    const own = calls.filter((call) => this.#isOwn(owner.sessionId, call));
    if (own.length === 0 && states.length === 0 && settles === undefined) return;
    const { upserted, removed } = this.#match(owner.sessionId, own);
    try {
      this.#options.table.write({
        owner,
        upserted: upserted.map((merged) => this.#price(owner, merged)),
        removed,
        states: [...states],
        ...(settles === undefined ? {} : { settles }),
      });
    } catch (cause) {
      // What was matched is not what is stored: forget it.
      this.#matchers.delete(owner.sessionId);
      throw cause;
    }
    if (upserted.length + removed.length === 0) return;
    this.noteWrite();
    for (const listener of this.#listeners) listener(owner);
  }

  /** To be called when rows were changed in another way. */
  noteWrite(): void {
    this.#writes += 1;
  }

  /** Forgets what can be read again. */
  release(sessionId: string): void {
    this.#matchers.delete(sessionId);
  }

  #isOwn(sessionId: string, { messageId, requestId }: ModelCall): boolean {
    if (messageId === undefined && requestId === undefined) return true;
    const ids = { ...(messageId && { messageId }), ...(requestId && { requestId }) };
    const holder = this.#options.table.findOwner(ids);
    return holder === undefined || holder === sessionId;
  }

  #match(sessionId: string, calls: readonly ModelCall[]): { upserted: MergedCall[]; removed: string[] } {
    const upserted = new Map<string, MergedCall>();
    const removed = new Set<string>();
    if (calls.length === 0) return { upserted: [], removed: [] };
    const matcher = this.#matcher(sessionId);
    for (const call of calls) {
      const change = matcher.upsert(call);
      for (const key of change.removed) {
        upserted.delete(key);
        removed.add(key);
      }
      for (const row of change.upserted) upserted.set(row.key, row);
    }
    return { upserted: [...upserted.values()], removed: [...removed] };
  }

  #matcher(sessionId: string): CallMatcher {
    const known = this.#matchers.get(sessionId);
    if (known) return known;
    const matcher = new CallMatcher();
    matcher.restore(this.#options.table.listCalls(sessionId));
    this.#matchers.set(sessionId, matcher);
    return matcher;
  }

  #price(owner: LedgerOwner, merged: MergedCall): PricedCall {
    const { nanoUsd, priceId, estimated } = this.#options.prices().cost(merged.call);
    // Characters of a build log are no model calls: they must not use up what agents share.
    const isShared = owner.kind !== "shell" || merged.call.source !== "estimate";
    return { ...merged, cost: { nanoUsd, priceId, estimated }, isShared };
  }
}
