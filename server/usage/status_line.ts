// Session totals out of the rows of a terminal screen: Claude's `[AF]` lines in every format, Codex's items.

import { optional } from "./usage_fields.ts";
import { usdToNanoUsd } from "./nano_usd.ts";

/** What one look at the screen shows; only the fields that the format has. */
export interface StatusReading {
  /** `summary` is Codex's line at its exit, with exact counts; `items` are rounded. */
  format: "tagged" | "pipe" | "items" | "summary";
  /** Running totals of the session; input includes what was read from and written to a cache. */
  input?: number;
  output?: number;
  /** The part of `input` that came from a cache. */
  cacheRead?: number;
  costNanoUsd?: number;
  context?: ContextReading;
}

/** How full the model's window is; `percentUsed` 0..100. */
export interface ContextReading {
  percentUsed: number;
  usedTokens?: number;
  sizeTokens?: number;
}

/** A status line stands at the bottom: rows further up are the conversation. */
const MAX_ROWS = 60;
const MAX_ROW_CHARS = 1000;
const MAX_FIGURE = 1e12;
const MAX_USD = 1e6;

/** The lowest row that is one of Claude's status formats, read. */
export function readClaudeStatus(rows: readonly string[]): StatusReading | undefined {
  return lowest(rows, readTagged) ?? undefined;
}

/** Codex's exit summary if it is on the screen, else the lowest row with its items. */
export function readCodexStatus(rows: readonly string[]): StatusReading | undefined {
  return lowest(rows, readSummary) ?? withContext(lowest(joinWrapped(rows), readItems), rows);
}

function lowest<Value>(rows: readonly string[], read: (row: string) => Value | undefined): Value | undefined {
  for (const row of rows.slice(-MAX_ROWS).toReversed()) {
    const value = read(row.slice(0, MAX_ROW_CHARS));
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Every row, and before it the row joined with the one it may have wrapped into. */
function joinWrapped(rows: readonly string[]): string[] {
  const bottom = rows.slice(-MAX_ROWS);
  return bottom.flatMap((row, index) => [`${row.trimEnd()} ${(bottom[index + 1] ?? "").trimStart()}`, row]);
}

function readTagged(row: string): StatusReading | undefined {
  const tagged = /\[AF\](.*?)(\[\/AF\]|$)/.exec(row);
  if (tagged !== null) {
    // Without its end the line was cut off, maybe inside of the last figure.
    const inside = tagged[2] === "" ? (tagged[1] ?? "").replace(/\S+\s*$/, "") : tagged[1] ?? "";
    return fromFields("tagged", inside);
  }
  const isPipe = /(?:^|\s)AF\|/.test(row) || /(?:^|[\s|])(?:ctx=|\d+\/\d+\(\d+%\))\S*[|\s]+in=\d/.test(row);
  if (isPipe || /(?:^|[\s|])in=\d+[|\s]+out=\d+[|\s]+cost=/.test(row)) return fromFields("pipe", row);
  const bare = /(?:^|[\s|])in=\d+[|\s]+out=\d+(?=[|\s]|$)/.exec(row);
  return bare === null ? undefined : fromFields("pipe", bare[0]);
}

/** The named figures of a line; `last_in` and its like are one answer's and no totals. */
function fromFields(format: "tagged" | "pipe", text: string): StatusReading | undefined {
  const field = (name: string): number | undefined =>
    toFigure(new RegExp(`(?:^|[\\s|])${name}=\\$?(\\d+(?:\\.\\d+)?)(?=[\\s|]|$)`).exec(text)?.[1]);
  const usd = field("cost");
  const reading: StatusReading = {
    format,
    ...optional("input", whole(field("in"))),
    ...optional("output", whole(field("out"))),
    ...optional("costNanoUsd", usd === undefined || usd > MAX_USD ? undefined : usdToNanoUsd(usd)),
    ...optional("context", readContextSize(text)),
  };
  return Object.keys(reading).length > 1 ? reading : undefined;
}

function readContextSize(text: string): ContextReading | undefined {
  const found = /(?:^|[\s|])(?:ctx=)?(\d+)\/(\d+)\((\d+(?:\.\d+)?)%\)/.exec(text);
  const [usedTokens, sizeTokens, percent] = [found?.[1], found?.[2], found?.[3]].map(toFigure);
  if (usedTokens === undefined || sizeTokens === undefined || percent === undefined) return undefined;
  return { usedTokens, sizeTokens, percentUsed: Math.min(100, percent) };
}

function readSummary(row: string): StatusReading | undefined {
  const found =
    /Token usage:\s*total=[\d,]+\s+input=([\d,]+)(?:\s*\(\+\s*([\d,]+)\s+cached\))?.*?\boutput=([\d,]+)/
      .exec(row);
  if (found === null) return undefined;
  const uncached = grouped(found[1]);
  const cacheRead = grouped(found[2]) ?? 0;
  const output = grouped(found[3]);
  if (uncached === undefined || output === undefined) return undefined;
  return { format: "summary", input: uncached + cacheRead, output, cacheRead };
}

function readItems(row: string): StatusReading | undefined {
  const found = /(\d+(?:\.\d+)?)([KM]?) in\s*(?:[·•|,]\s*)?(\d+(?:\.\d+)?)([KM]?) out\b/i.exec(row);
  if (found === null) return undefined;
  const input = scaled(found[1], found[2]);
  const output = scaled(found[3], found[4]);
  return input === undefined || output === undefined ? undefined : { format: "items", input, output };
}

function withContext(reading: StatusReading | undefined, rows: readonly string[]): StatusReading | undefined {
  const context = lowest(joinWrapped(rows), readContextPercent);
  return reading === undefined ? undefined : { ...reading, ...optional("context", context) };
}

function readContextPercent(row: string): ContextReading | undefined {
  const found = /\bcontext (\d{1,3})% (used|left)\b/i.exec(row) ??
    /\b(\d{1,3})% context (used|left)\b/i.exec(row);
  const percent = toFigure(found?.[1]);
  if (percent === undefined || percent > 100) return undefined;
  return { percentUsed: found?.[2]?.toLowerCase() === "used" ? percent : 100 - percent };
}

function toFigure(digits: string | undefined): number | undefined {
  const figure = digits === undefined ? NaN : Number(digits);
  return figure <= MAX_FIGURE ? figure : undefined;
}

function whole(figure: number | undefined): number | undefined {
  return figure !== undefined && Number.isInteger(figure) ? figure : undefined;
}

function grouped(digits: string | undefined): number | undefined {
  return toFigure(digits?.replaceAll(",", ""));
}

function scaled(digits: string | undefined, suffix: string | undefined): number | undefined {
  const figure = toFigure(digits);
  const factor = { K: 1000, M: 1_000_000 }[suffix?.toUpperCase() ?? ""] ?? 1;
  return figure === undefined ? undefined : Math.round(figure * factor);
}
