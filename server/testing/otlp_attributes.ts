// What agents post to a telemetry receiver, made by hand.

/** Attributes in the encoding of OTLP's JSON. */
export function otlpAttributes(fields: Record<string, unknown>): { key: string; value: unknown }[] {
  return Object.entries(fields).map(([key, value]) => ({
    key,
    value: typeof value === "string"
      ? { stringValue: value }
      : Number.isInteger(value)
      ? { intValue: value }
      : { doubleValue: value },
  }));
}
