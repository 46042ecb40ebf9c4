// Reads the holder's few small shapes by hand: a validation library would be a tenth of its memory. Each throws TypeError.

export function readRecord(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new TypeError("What should be a record is none");
}

export function readText(value: unknown, pattern = /(?:)/): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new TypeError("What should be a text is none, or another one");
}

export function readInteger(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new TypeError("What should be a whole number is none");
}
