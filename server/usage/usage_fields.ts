// The zod pieces that every parser of usage shares: what a count, a time, an id may be, and why a row is refused.

import * as z from "zod";
import { usdToNanoUsd } from "./nano_usd.ts";

/** No single answer comes near it; above it a count is a defect or an attack. */
export const MAX_TOKENS_PER_CALL = 100_000_000;
/** The same for a price that a CLI states, per call or per session. */
export const MAX_REPORTED_USD = 1_000_000;
const MAX_ID_CHARS = 200;
/** Before any of these CLIs existed. */
const OLDEST_MS = Date.UTC(2020, 0, 1);
/** How far ahead of our clock a row may be: clocks are set while programs run. */
const MAX_CLOCK_SKEW_MS = 5 * 60_000;

export const tokenCount = z.number().int().min(0).max(MAX_TOKENS_PER_CALL);
/** A running total of a whole session. */
export const tokenTotal = z.number().int().min(0).max(MAX_TOKENS_PER_CALL * 1000);
export const shortText = z.string().min(1).max(MAX_ID_CHARS);
/** Decimal dollars in, nano-dollars out. */
export const reportedCost = z.number().min(0).max(MAX_REPORTED_USD).transform(usdToNanoUsd);

/** A field that is there in some versions only: null and absent both mean "not said". */
export function maybe<Schema extends z.ZodType>(schema: Schema): z.ZodOptional<z.ZodNullable<Schema>> {
  return schema.nullish();
}

/** Why a row was not counted. */
export type RejectReason = "not_json" | "wrong_shape" | "bad_count" | "bad_time";

/** Rows that were not counted, by reason. */
export class Rejections {
  readonly #counts = new Map<RejectReason, number>();

  add(reason: RejectReason): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** A copy, with the reasons that occurred only. */
  get counts(): Partial<Record<RejectReason, number>> {
    return Object.fromEntries(this.#counts);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }
}

/** The reason behind a failed parse: a bad figure is told from a row of another shape. */
export function rejectReason(error: z.ZodError): RejectReason {
  const path = (error.issues[0]?.path ?? []).join(".");
  return /usage|tokens|cost|count/i.test(path) ? "bad_count" : "wrong_shape";
}

/** Milliseconds if the time is one that a row may carry, given our clock. */
export function plausibleTimeMs(atMs: number, nowMs: number): number | undefined {
  return atMs >= OLDEST_MS && atMs <= nowMs + MAX_CLOCK_SKEW_MS ? Math.trunc(atMs) : undefined;
}

/** Milliseconds of an ISO timestamp, undefined when it is none or not plausible. */
export function parseTimeMs(text: string | null | undefined, nowMs: number): number | undefined {
  return typeof text === "string" && text.length <= 64 ? plausibleTimeMs(Date.parse(text), nowMs) : undefined;
}

/** The value of one JSON line, undefined when it is not an object. */
export function parseJsonObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined; // the caller counts it as not_json; a broken line has no further detail worth keeping
  }
}

/** `{ [name]: value }`, or nothing when the value is missing: optional fields are left out, never undefined. */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { [Key in Name]?: Value } {
  return (value === null || value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}
