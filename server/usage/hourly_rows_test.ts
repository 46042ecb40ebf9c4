import assert from "node:assert/strict";
import { HourlyRows } from "./hourly_rows.ts";
import type { ModelCall } from "./model_call.ts";
import { randomInt, seededRandom } from "./testdata/seeded_random.ts";

const HOUR_MS = 3_600_000;
const at = (hours: number): { atMs: number; model: string } => ({ atMs: hours * HOUR_MS, model: "unknown" });

Deno.test("HourlyRows gives each hour what the total grew by in it", () => {
  const rows = new HourlyRows({ source: "estimate" });
  assert.equal(rows.update({ input: 10, cacheRead: 4, output: 1 }, at(5)).input, 6);
  const same = rows.update({ input: 20, cacheRead: 4, output: 7 }, at(5.9));
  assert.deepEqual([same.key, same.input, same.cacheRead, same.output], ["hour:5", 16, 4, 7]);
  const next = rows.update({ input: 25, cacheRead: 6, output: 9 }, at(7.1));
  assert.deepEqual([next.key, next.input, next.cacheRead, next.output], ["hour:7", 3, 2, 2]);
});

Deno.test("the rows of HourlyRows add up to the total, whatever the clock does and after restarts", () => {
  const random = seededRandom(11);
  for (let run = 0; run < 100; run++) {
    let rows = new HourlyRows({ source: "screen" });
    const stored = new Map<string, ModelCall>();
    const total = { input: 0, cacheRead: 0, output: 0, costNanoUsd: 0 };
    for (let step = 0; step < 50; step++) {
      const cached = randomInt(random, 0, 100);
      total.input += cached + randomInt(random, 0, 100);
      total.cacheRead += cached;
      total.output += randomInt(random, 0, 50);
      total.costNanoUsd += randomInt(random, 0, 1e6);
      const row = rows.update({ ...total }, at(100 + step / 4 + randomInt(random, -2, 2)));
      stored.set(row.key, row);
      if (random() < 0.2) {
        rows = new HourlyRows({ source: "screen", state: JSON.parse(JSON.stringify(rows.state)) });
      }
    }
    const calls = [...stored.values()];
    const sum = (pick: (call: ModelCall) => number): number =>
      calls.reduce((all, call) => all + pick(call), 0);
    assert.equal(sum((call) => call.input + call.cacheRead), total.input);
    assert.equal(sum((call) => call.cacheRead), total.cacheRead);
    assert.equal(sum((call) => call.output), total.output);
    assert.equal(sum((call) => call.reportedCostNanoUsd ?? 0), total.costNanoUsd);
    assert.ok(calls.every((call) => call.confidence === "reported"));
  }
});
