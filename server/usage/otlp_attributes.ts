// The envelope of OTLP http/json: nested lists of records, each with typed attributes, read without trust.

import * as z from "zod";
import { shortText } from "./usage_fields.ts";

export type AttributeValue = string | number | boolean;
export type Attributes = ReadonlyMap<string, AttributeValue>;

/** One log record of a body, not yet interpreted. */
export interface OtlpRecord {
  /** The event's name without its vendor prefix (`api_request`, `sse_event`), "" when it has none. */
  event: string;
  /** Codex names itself in its events' names. */
  isCodex: boolean;
  /** Undefined when neither the record nor its receipt has a time. */
  atMs?: number;
  attributes: Attributes;
}

/** More than any exporter batches; the rest of a longer body is left out and counted. */
export const MAX_RECORDS = 10_000;
const MAX_ATTRIBUTES = 200;

const anyValue = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.string(), z.number()]).optional(),
  doubleValue: z.union([z.string(), z.number()]).optional(),
  boolValue: z.boolean().optional(),
});
const attributeSchema = z.object({ key: shortText, value: anyValue });
const nanoTime = z.union([z.string().regex(/^\d{1,20}$/), z.number().nonnegative()]);
const recordSchema = z.object({
  timeUnixNano: nanoTime.optional(),
  observedTimeUnixNano: nanoTime.optional(),
  eventName: z.string().optional(),
  body: z.object({ stringValue: z.string().optional() }).nullish(),
  attributes: z.array(z.unknown()).max(MAX_ATTRIBUTES).optional(),
});

/** The objects found by following `path` through nested lists, e.g. resourceLogs, scopeLogs, logRecords. */
export function* listNested(body: unknown, path: readonly string[]): Generator<Record<string, unknown>> {
  const [name, ...rest] = path;
  if (!isObject(body)) return;
  if (name === undefined) {
    yield body;
    return;
  }
  const items = body[name];
  if (Array.isArray(items)) { for (const item of items) yield* listNested(item, rest); }
}

/** A record of `/v1/logs` in our terms; undefined when it is not one. */
export function readRecord(fields: Record<string, unknown>): OtlpRecord | undefined {
  const parsed = recordSchema.safeParse(fields);
  if (!parsed.success) return undefined;
  const { timeUnixNano, observedTimeUnixNano, eventName, body } = parsed.data;
  const attributes = readAttributes(parsed.data.attributes);
  const name = String(attributes.get("event.name") ?? eventName ?? body?.stringValue ?? "");
  const atMs = nanoToMs(timeUnixNano) ?? nanoToMs(observedTimeUnixNano);
  return {
    event: name.replace(/^(?:claude_code|codex)\./, ""),
    isCodex: name.startsWith("codex."),
    ...(atMs === undefined ? {} : { atMs }),
    attributes,
  };
}

/** Attributes by name; what is not one is left out, the last of a name wins. */
export function readAttributes(list: unknown): Attributes {
  const attributes = new Map<string, AttributeValue>();
  if (!Array.isArray(list)) return attributes;
  for (const item of list.slice(0, MAX_ATTRIBUTES)) {
    const parsed = attributeSchema.safeParse(item);
    const value = parsed.success ? plainValue(parsed.data.value) : undefined;
    if (parsed.success && value !== undefined) attributes.set(parsed.data.key, value);
  }
  return attributes;
}

function plainValue(value: z.output<typeof anyValue>): AttributeValue | undefined {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  const figure = value.intValue ?? value.doubleValue;
  return figure === undefined ? undefined : toNumber(figure);
}

function nanoToMs(nano: string | number | undefined): number | undefined {
  if (nano === undefined || Number(nano) === 0) return undefined;
  return typeof nano === "string" ? Number(BigInt(nano) / 1_000_000n) : Math.trunc(nano / 1e6);
}

/** The figure that a string or a number states; NaN when it states none. */
export function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\s*-?\d/.test(value) ? Number(value) : NaN;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
