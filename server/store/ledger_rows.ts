// A row of the ledger: what its columns are, and how it becomes a call or what the page shows.
import type { LedgerRow, SessionKind, UsageSource } from "../protocol.ts";
import type { MergedCall } from "../usage/merged_call.ts";
import type { ModelCall, ModelPass } from "../usage/model_call.ts";
import type { SpendingRow } from "./spending.ts";

/** Who made a call: the session, or this program in order to sum it up. */
export type LedgerKind = SessionKind | "summary";

/** Whose call it is. */
export interface LedgerOwner {
  sessionId: string;
  conversationId: string;
  kind: LedgerKind;
  repositoryRoot: string | null;
  branch: string | null;
}

export interface RowCost {
  nanoUsd: number;
  priceId: string;
  estimated: boolean;
}

export interface PricedCall extends MergedCall {
  cost: RowCost;
  /** False where only the session's own budget counts it. */
  isShared: boolean;
}

/** A row as stored. */
export interface StoredRow extends SpendingRow {
  id: number;
  key: string;
  kind: LedgerKind;
  branch: string | null;
  model: string;
  reasoning: number;
  serverToolUses: number | null;
  webSearches: number | null;
  serviceTier: string | null;
  speed: string | null;
  inferenceGeo: string | null;
  passes: string | null;
  subagent: string | null;
  purpose: string | null;
  requestId: string | null;
  messageId: string | null;
  requestBytes: number | null;
  requestSha256: string | null;
  priceId: string;
  members: string;
  source: UsageSource;
  confidence: ModelCall["confidence"];
  incomplete: "interrupted" | "unfinished" | null;
}

/** Columns by the names that rows have in code. */
export const LEDGER_COLUMNS: Record<Exclude<keyof StoredRow, "id">, string> = {
  sessionId: "session_id",
  conversationId: "conversation_id",
  key: "key",
  kind: "kind",
  repositoryRoot: "repository_root",
  branch: "branch",
  atMs: "at_ms",
  model: "model",
  input: "input",
  cacheRead: "cache_read",
  cacheWrite5m: "cache_write_5m",
  cacheWrite1h: "cache_write_1h",
  output: "output",
  reasoning: "reasoning",
  serverToolUses: "server_tool_uses",
  webSearches: "web_searches",
  serviceTier: "service_tier",
  speed: "speed",
  inferenceGeo: "inference_geo",
  passes: "passes",
  subagent: "subagent",
  purpose: "purpose",
  requestId: "request_id",
  messageId: "message_id",
  requestBytes: "request_bytes",
  requestSha256: "request_sha256",
  costNanoUsd: "cost_nano_usd",
  priceId: "price_id",
  priceEstimated: "price_estimated",
  reportedCostNanoUsd: "reported_cost_nano_usd",
  source: "source",
  confidence: "confidence",
  incomplete: "incomplete",
  members: "members",
  isShared: "is_shared",
};
export const LEDGER_NAMES = Object.keys(LEDGER_COLUMNS) as (keyof typeof LEDGER_COLUMNS)[];
/** What is stored of a priced call. */
export function toRow(
  owner: LedgerOwner,
  { key, call, members, cost, isShared }: PricedCall,
): Omit<StoredRow, "id"> {
  return {
    ...owner,
    key,
    atMs: call.atMs,
    model: call.model,
    input: call.input,
    cacheRead: call.cacheRead,
    cacheWrite5m: call.cacheWrite5m,
    cacheWrite1h: call.cacheWrite1h,
    output: call.output,
    reasoning: call.reasoning,
    serverToolUses: call.serverToolUses ?? null,
    webSearches: call.webSearches ?? null,
    serviceTier: call.serviceTier ?? null,
    speed: call.speed ?? null,
    inferenceGeo: call.inferenceGeo ?? null,
    passes: call.passes === undefined ? null : JSON.stringify(call.passes),
    subagent: call.subagent ?? null,
    purpose: call.purpose ?? null,
    requestId: call.requestId ?? null,
    messageId: call.messageId ?? null,
    requestBytes: call.requestBytes ?? null,
    requestSha256: call.requestSha256 ?? null,
    costNanoUsd: cost.nanoUsd,
    priceId: cost.priceId,
    priceEstimated: Number(cost.estimated),
    reportedCostNanoUsd: call.reportedCostNanoUsd ?? null,
    source: call.source,
    confidence: call.confidence,
    incomplete: call.incomplete ?? null,
    members: JSON.stringify(members),
    isShared: Number(isShared),
  };
}

/** The call of a row, without its place in the ledger. */
export function callOf(row: StoredRow): ModelCall {
  const { source, confidence, model, atMs, reasoning, input, output, cacheRead, cacheWrite5m, cacheWrite1h } =
    row;
  const optional = {
    requestId: row.requestId,
    messageId: row.messageId,
    requestBytes: row.requestBytes,
    requestSha256: row.requestSha256,
    serverToolUses: row.serverToolUses,
    webSearches: row.webSearches,
    serviceTier: row.serviceTier,
    speed: row.speed,
    inferenceGeo: row.inferenceGeo,
    passes: row.passes === null ? null : readPasses(row.passes),
    subagent: row.subagent,
    purpose: row.purpose,
    reportedCostNanoUsd: row.reportedCostNanoUsd,
    incomplete: row.incomplete,
  };
  const counts = { input, output, cacheRead, cacheWrite5m, cacheWrite1h };
  return { source, key: row.key, model, atMs, reasoning, confidence, ...counts, ...withoutNulls(optional) };
}

/** The call as its session's matcher knows it. */
export function toMerged(row: StoredRow): MergedCall {
  const members: MergedCall["members"] = JSON.parse(row.members);
  const sources = [...new Set(members.map(({ source }) => source))];
  return { key: row.key, call: callOf(row), sources, members };
}

/** The row as the page sees it. */
export function viewRow(row: StoredRow): LedgerRow {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning } = row;
  const { key: _key, messageId: _id, webSearches: _searches, ...call } = callOf(row);
  const { input: _i, output: _o, cacheRead: _r, cacheWrite5m: _5, cacheWrite1h: _1, reasoning: _t, ...rest } =
    call;
  return {
    ...rest,
    id: row.id,
    ...(row.kind === "summary" ? { kind: row.kind } : {}),
    tokens: { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning },
    costNanoUsd: row.costNanoUsd,
    priceId: row.priceId,
    priceEstimated: row.priceEstimated === 1,
    sources: toMerged(row).sources,
  };
}

function readPasses(text: string): ModelPass[] {
  return JSON.parse(text);
}

function withoutNulls<Shape extends object>(
  value: Shape,
): { [Key in keyof Shape]?: Exclude<Shape[Key], null> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null)) as {
    [Key in keyof Shape]?: Exclude<Shape[Key], null>;
  };
}
