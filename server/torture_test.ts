// A short run of the torture; `deno task torture` does the long one.
import assert from "node:assert/strict";
import { torture } from "./testing/torture.ts";

Deno.test("lines survive kills of server and holder, in order and once, in recording and page", async () => {
  const report = await torture({ sessions: 4, serverKills: 6, holderKills: 2, seed: 1 });
  const { lines, pageReconnects, ...faults } = report;
  assert.ok(lines > 100 && pageReconnects > 3, JSON.stringify(report));
  assert.deepEqual(faults, {
    missing: 0,
    doubled: 0,
    disordered: 0,
    wrongEnds: 0,
    pageDifferences: 0,
    orphans: 0,
  });
});
