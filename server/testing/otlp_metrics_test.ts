import assert from "node:assert/strict";
import { otlpAttributes } from "./otlp_attributes.ts";
import { parseOtlpMetrics } from "./otlp_metrics.ts";

function metrics(name: string, aggregationTemporality: unknown, dataPoints: unknown[]): unknown {
  return {
    resourceMetrics: [{
      scopeMetrics: [{ metrics: [{ name, sum: { aggregationTemporality, dataPoints } }] }],
    }],
  };
}

Deno.test("parseOtlpMetrics adds deltas by class and refuses running totals", () => {
  const points = [
    { asInt: "4", attributes: otlpAttributes({ type: "input" }) },
    { asDouble: 98, attributes: otlpAttributes({ type: "cacheCreation" }) },
    { asDouble: -1, attributes: otlpAttributes({ type: "output" }) },
    { asDouble: 5, attributes: otlpAttributes({ type: "else" }) },
  ];
  const nothing = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, costUsd: 0, refused: 0 };
  const name = "claude_code.token.usage";
  assert.deepEqual(parseOtlpMetrics(metrics(name, 1, points)), {
    ...nothing,
    input: 4,
    cacheWrite: 98,
    refused: 2,
  });
  assert.deepEqual(parseOtlpMetrics(metrics(name, 2, points)), { ...nothing, refused: 1 });
  const cost = metrics("claude_code.cost.usage", "AGGREGATION_TEMPORALITY_DELTA", [{ asDouble: 0.25 }]);
  assert.deepEqual(parseOtlpMetrics(cost), { ...nothing, costUsd: 0.25 });
});
