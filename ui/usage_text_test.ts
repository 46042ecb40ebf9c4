import assert from "node:assert/strict";
import { makeLine, makeRow, makeUsage } from "./testing/money.ts";
import {
  caveatsOf,
  costDiffers,
  costExplanation,
  costText,
  rowTokens,
  shownUsage,
  sourcesText,
} from "./usage_text.ts";

Deno.test("costs carry ~ when a row is estimated or has no stated price", () => {
  assert.equal(costText(makeUsage()), "$1.23");
  assert.equal(costText(makeUsage({ confidence: "reported" })), "$1.23");
  assert.equal(costText(makeUsage({ confidence: "estimated" })), "~$1.23");
  assert.equal(costText(makeUsage({ unpricedCalls: 1 })), "~$1.23");
});

Deno.test("what a shell is guessed to cost shows only where its own budget counts it", () => {
  const guess = makeUsage({ confidence: "estimated", sources: { estimate: 2 } });
  assert.equal(shownUsage({ kind: "shell", usage: guess }), undefined);
  assert.equal(shownUsage({ kind: "shell", usage: guess, budgets: [makeLine({ scope: "day" })] }), undefined);
  assert.equal(shownUsage({ kind: "shell", usage: guess, budgets: [makeLine()] }), guess);
  assert.equal(shownUsage({ kind: "claude", usage: guess }), guess);
  const seen = makeUsage({ sources: { otlp: 1, estimate: 1 } });
  assert.equal(shownUsage({ kind: "shell", usage: seen }), seen);
});

Deno.test("sources are named best first with their calls", () => {
  assert.equal(
    sourcesText(makeUsage({ sources: { transcript: 3, otlp: 1 } })),
    "1 call by telemetry, 3 by transcript",
  );
  assert.equal(sourcesText(makeUsage({ sources: {} })), "");
});

Deno.test("the explanation has the exact sum, its source and how sure it is", () => {
  assert.equal(
    costExplanation(makeUsage()),
    "$1.23. Source: 2 calls by telemetry. Exact: the provider's own figures",
  );
  assert.match(costExplanation(makeUsage({ plan: "api_equivalent" })), /at API prices; a plan pays/);
});

Deno.test("caveats name guesses, cut answers and the CLI's other figure", () => {
  assert.deepEqual(caveatsOf(makeUsage()), []);
  const caveats = caveatsOf(makeUsage({
    unpricedCalls: 1,
    incompleteCalls: 2,
    reportedCost: { reportedNanoUsd: 2_000_000_000, ourNanoUsd: 1_230_000_000 },
  }));
  assert.equal(caveats.length, 3);
  assert.match(caveats[0] ?? "", /1 call priced at the default rate/);
  assert.match(caveats[1] ?? "", /2 calls cut off/);
  assert.match(caveats[2] ?? "", /\$2\.00 where our prices say \$1\.23/);
});

Deno.test("the CLI's own figure is flagged only beyond one percent", () => {
  assert.equal(costDiffers(makeRow()), false);
  assert.equal(costDiffers(makeRow({ costNanoUsd: 1000, reportedCostNanoUsd: 1009 })), false);
  assert.equal(costDiffers(makeRow({ costNanoUsd: 1000, reportedCostNanoUsd: 1011 })), true);
  assert.equal(costDiffers(makeRow({ costNanoUsd: 0, reportedCostNanoUsd: 0 })), false);
  assert.equal(costDiffers(makeRow({ costNanoUsd: 0, reportedCostNanoUsd: 5 })), true);
});

Deno.test("reasoning is part of the output and not counted twice", () => {
  assert.equal(rowTokens(makeRow()), 185);
});
