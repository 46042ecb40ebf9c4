// A few runs of what `deno task bench gate` runs 200 times: many agents at once overspend nothing and use nearly all.
import assert from "node:assert/strict";
import { describeRuns, LOADS, runAgents } from "../testing/parallel_agents.ts";

const RUNS = 4;

for (const [name, load] of Object.entries(LOADS)) {
  Deno.test(`${name} overspend nothing, use at least 90 %, and are refused no money that is only reserved`, async () => {
    const results = await runAgents(load, RUNS);
    for (const result of results) {
      const about = describeRuns([result]);
      assert.equal(result.overshoot, 0, about);
      assert.ok(result.used >= 0.9, about);
      // An agent stops when it is refused, and only spent money refuses.
      assert.equal(result.refused, load.agents, about);
    }
  });
}
