// Finds which rows of different sources are the same call, so that no call is counted twice.

import { parseModelId } from "./model_id.ts";
import { compareText, type MergedCall } from "./merged_call.ts";
import { type ModelCall, ownTokens, promptTokens } from "./model_call.ts";
import { createUnit, pairUnits, type Unit } from "./pair_units.ts";

/** What a row changed in the session's ledger. */
export interface LedgerChange {
  upserted: MergedCall[];
  /** Keys of rows that became part of another one, or that a better source replaced. */
  removed: string[];
}

/**
 * All calls of one session. Rows that share a request or message id are one call; rows without a common id are
 * one if another source has the same model, prompt and output size within the window, nearest in time first.
 * Screens and estimates know totals, not calls: they count only while nothing better has reported.
 * What `merged` returns depends on the rows alone, not on the order in which they came.
 */
export class CallMatcher {
  readonly #rows = new Map<string, ModelCall>();
  readonly #namesById = new Map<string, Set<string>>();
  readonly #placeByRow = new Map<string, { unit: Unit; bucket: string }>();
  /** Units by model and size: only within one of these can rows without a common id match. */
  readonly #buckets = new Map<string, Set<Unit>>();
  readonly #ledger = new Map<string, MergedCall>();
  readonly #keysByBucket = new Map<string, string[]>();

  /** The ledger rows of the session, by key. */
  get merged(): MergedCall[] {
    return [...this.#ledger.values()].sort((left, right) => compareText(left.key, right.key));
  }

  /** Takes a row in, in place of an earlier one of the same source and key. */
  upsert(call: ModelCall): LedgerChange {
    const bestBefore = this.#bestKind();
    const touched = this.#regroup(call);
    if (this.#bestKind() !== bestBefore) {
      touched.add("screen");
      touched.add("estimate");
    }
    return this.#recompute(touched);
  }

  /** Takes in ledger rows of an earlier matcher, before any source reports again. */
  restore(rows: readonly MergedCall[]): void {
    for (const row of rows) {
      for (const member of row.members) this.upsert({ ...row.call, ...member });
    }
  }

  /** Puts the row among those it shares ids with; returns the buckets that this changes. */
  #regroup(call: ModelCall): Set<string> {
    const name = nameOf(call);
    const old = this.#rows.get(name);
    const affected = new Set([name, ...this.#placeByRow.get(name)?.unit.rows.map(nameOf) ?? []]);
    if (old !== undefined) this.#index(old, (names) => names.delete(name));
    this.#rows.set(name, call);
    this.#index(call, (names) => names.add(name));
    for (const linked of this.#linkedTo(name)) affected.add(linked);
    const touched = new Set<string>();
    for (const row of affected) this.#dropUnit(row, touched);
    for (const row of affected) if (!this.#placeByRow.has(row)) this.#addUnit(row, touched);
    return touched;
  }

  #index(call: ModelCall, change: (names: Set<string>) => void): void {
    for (const id of idsOf(call)) {
      const names = this.#namesById.get(id) ?? new Set<string>();
      change(names);
      this.#namesById.set(id, names);
    }
  }

  /** The names of all rows that are the same call by their ids, `name` included. */
  #linkedTo(name: string): Set<string> {
    const linked = new Set([name]);
    // A set iterates over what is added to it meanwhile: this walks the whole group.
    for (const next of linked) {
      const call = this.#rows.get(next);
      if (call === undefined) continue;
      for (const id of idsOf(call)) {
        for (const other of this.#namesById.get(id) ?? []) linked.add(other);
      }
    }
    return linked;
  }

  #dropUnit(row: string, touched: Set<string>): void {
    const place = this.#placeByRow.get(row);
    if (place === undefined) return;
    touched.add(place.bucket);
    const units = this.#buckets.get(place.bucket);
    units?.delete(place.unit);
    if (units?.size === 0) this.#buckets.delete(place.bucket);
    for (const member of place.unit.rows) this.#placeByRow.delete(nameOf(member));
  }

  #addUnit(row: string, touched: Set<string>): void {
    const names = [...this.#linkedTo(row)];
    const unit = createUnit(names.flatMap((name) => this.#rows.get(name) ?? []));
    const bucket = bucketOf(unit.merged.call);
    for (const name of names) this.#placeByRow.set(name, { unit, bucket });
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? new Set<Unit>()).add(unit));
    touched.add(bucket);
  }

  #recompute(touched: Iterable<string>): LedgerChange {
    const before = new Map<string, MergedCall>();
    const after = new Map<string, MergedCall>();
    for (const bucket of touched) {
      for (const key of this.#keysByBucket.get(bucket) ?? []) {
        const row = this.#ledger.get(key);
        if (row !== undefined) before.set(key, row);
      }
      const rows = this.#mergeBucket(bucket);
      for (const row of rows) after.set(row.key, row);
      if (rows.length === 0) this.#keysByBucket.delete(bucket);
      else this.#keysByBucket.set(bucket, rows.map((row) => row.key));
    }
    for (const key of before.keys()) this.#ledger.delete(key);
    for (const [key, row] of after) this.#ledger.set(key, row);
    return {
      upserted: [...after.values()].filter((row) => !isSame(row, before.get(row.key))),
      removed: [...before.keys()].filter((key) => !after.has(key)),
    };
  }

  #mergeBucket(bucket: string): MergedCall[] {
    const units = [...this.#buckets.get(bucket) ?? []];
    const isTotals = bucket === "screen" || bucket === "estimate";
    if (isTotals && bucket !== this.#bestKind()) return [];
    return isTotals ? units.map((unit) => unit.merged) : pairUnits(units);
  }

  /** `calls` as soon as any source lists them; totals from a screen come before estimates. */
  #bestKind(): "calls" | "screen" | "estimate" {
    const totals = Number(this.#buckets.has("screen")) + Number(this.#buckets.has("estimate"));
    if (this.#buckets.size > totals) return "calls";
    return this.#buckets.has("screen") ? "screen" : "estimate";
  }
}

function nameOf(call: ModelCall): string {
  return `${call.source}:${call.key}`;
}

function idsOf(call: ModelCall): string[] {
  const ids: string[] = [];
  if (call.requestId !== undefined) ids.push(`request:${call.requestId}`);
  if (call.messageId !== undefined) ids.push(`message:${call.messageId}`);
  return ids;
}

function bucketOf(call: ModelCall): string {
  if (call.source === "screen" || call.source === "estimate") return call.source;
  const own = ownTokens(call);
  const size = promptTokens(own);
  // Rows without tokens have nothing to be matched by.
  if (size + own.output === 0) return `empty:${nameOf(call)}`;
  return `calls:${parseModelId(call.model).base}:${size}:${own.output}`;
}

function isSame(row: MergedCall, before: MergedCall | undefined): boolean {
  return row === before || before !== undefined && JSON.stringify(row) === JSON.stringify(before);
}
