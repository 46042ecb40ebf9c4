// Claude Code's OTLP metrics: what recorded requests are held against; the program itself reads none.

import { listNested, readAttributes, toNumber } from "../usage/otlp_attributes.ts";
import { MAX_REPORTED_USD, MAX_TOKENS_PER_CALL } from "../usage/usage_fields.ts";

/** What one export adds: every figure is the difference to the export before. */
export interface MetricDeltas {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  costUsd: number;
  /** Sums in another temporality, and figures that are none: left out. */
  refused: number;
}

const TOKEN_CLASS = {
  input: "input",
  output: "output",
  cacheRead: "cacheRead",
  cacheCreation: "cacheWrite",
} as const;

/** The deltas in the body of a `/v1/metrics` request; running totals are refused, not added. */
export function parseOtlpMetrics(body: unknown): MetricDeltas {
  const deltas: MetricDeltas = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, costUsd: 0, refused: 0 };
  for (const metric of listNested(body, ["resourceMetrics", "scopeMetrics", "metrics"])) {
    if (metric.name !== "claude_code.token.usage" && metric.name !== "claude_code.cost.usage") continue;
    if (!isDelta(metric.sum)) {
      deltas.refused += 1;
      continue;
    }
    const points = listNested(metric.sum, ["dataPoints"]);
    for (const point of points) addPoint(deltas, { point, name: metric.name });
  }
  return deltas;
}

function isDelta(sum: unknown): boolean {
  const temporality = typeof sum === "object" && sum !== null && "aggregationTemporality" in sum
    ? sum.aggregationTemporality
    : undefined;
  return temporality === 1 || temporality === "AGGREGATION_TEMPORALITY_DELTA";
}

function addPoint(deltas: MetricDeltas, metric: { point: Record<string, unknown>; name: string }): void {
  const value = toNumber(metric.point.asInt ?? metric.point.asDouble);
  const isCost = metric.name === "claude_code.cost.usage";
  const type = isCost ? undefined : readAttributes(metric.point.attributes).get("type");
  const known = type === "input" || type === "output" || type === "cacheRead" || type === "cacheCreation";
  const isSane = value >= 0 && value <= (isCost ? MAX_REPORTED_USD : MAX_TOKENS_PER_CALL);
  if (!isSane || (!isCost && !known)) deltas.refused += 1;
  else if (isCost) deltas.costUsd += value;
  else if (known) deltas[TOKEN_CLASS[type]] += value;
}
