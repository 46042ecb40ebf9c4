import assert from "node:assert/strict";
import type { StatusReading } from "./status_line.ts";
import {
  applyReading,
  type ReadingOutcome,
  sinceBaseline,
  startStatus,
  type StatusState,
} from "./status_totals.ts";
import { randomInt, seededRandom } from "./testdata/seeded_random.ts";

function follow(
  start: StatusState,
  readings: ReadonlyArray<Partial<StatusReading>>,
): { state: StatusState; outcomes: ReadingOutcome[] } {
  let state = start;
  const outcomes = readings.map((reading) => {
    const applied = applyReading(state, { format: "tagged", ...reading });
    state = JSON.parse(JSON.stringify(applied.state)) as StatusState; // it has to survive being stored
    return applied.outcome;
  });
  return { state, outcomes };
}

const FRESH = startStatus({ resumed: false });

Deno.test("applyReading only raises: a forged lower line changes nothing", () => {
  const { state, outcomes } = follow(FRESH, [
    { input: 100, output: 10, costNanoUsd: 5_000_000 },
    { input: 0, output: 0, costNanoUsd: 0 },
    { input: 99, output: 11, costNanoUsd: 1 },
  ]);
  assert.deepEqual(outcomes, ["accepted", "unchanged", "accepted"]);
  assert.deepEqual(state.totals, { input: 100, output: 11, cacheRead: 0, costNanoUsd: 5_000_000 });
});

Deno.test("applyReading takes a large jump when it is seen three times, and forgets one that goes away", () => {
  const jump = { input: 900_000, output: 50_000 };
  assert.deepEqual(follow(FRESH, [jump, jump, jump]).outcomes, ["unconfirmed", "unconfirmed", "accepted"]);
  const { state, outcomes } = follow(FRESH, [jump, jump, { input: 10 }, jump, jump]);
  assert.deepEqual(outcomes, ["unconfirmed", "unconfirmed", "accepted", "unconfirmed", "unconfirmed"]);
  assert.equal(state.totals.input, 10);
});

Deno.test("applyReading never takes what cannot have happened, however often it is seen", () => {
  const absurd = { input: 900_000_000, output: 10 };
  const { state, outcomes } = follow(FRESH, Array.from({ length: 20 }, () => absurd));
  assert.ok(outcomes.every((outcome) => outcome === "implausible"));
  assert.equal(state.totals.input, 0);
  assert.equal(follow(FRESH, [{ costNanoUsd: 5e12 }]).state.totals.costNanoUsd, 0);
});

Deno.test("applyReading takes Codex's summary at once", () => {
  const { outcomes } = follow(FRESH, [{ format: "summary", input: 207_187, output: 50_309 }]);
  assert.deepEqual(outcomes, ["accepted"]);
});

Deno.test("a resumed session counts only what is added to its first readings", () => {
  const { state } = follow(startStatus({ resumed: true }), [
    { input: 0, output: 0, costNanoUsd: 0 },
    { input: 50_000, output: 1000 },
    { input: 50_000, output: 1000, costNanoUsd: 2_000_000_000 },
    { input: 50_700, output: 1100, costNanoUsd: 2_100_000_000 },
  ]);
  assert.deepEqual(sinceBaseline(state), { input: 700, output: 100, cacheRead: 0, costNanoUsd: 100_000_000 });
});

Deno.test("a resumed session with a known baseline counts from there", () => {
  const baseline = { input: 50_000, output: 1000, cacheRead: 0, costNanoUsd: 169_000_000 };
  const { state } = follow(startStatus({ resumed: true, baseline }), [{
    input: 50_010,
    costNanoUsd: 170_000_000,
  }]);
  assert.deepEqual(sinceBaseline(state), { input: 10, output: 0, cacheRead: 0, costNanoUsd: 1_000_000 });
});

Deno.test("applyReading keeps the latest context, also of a reading that changes no total", () => {
  const { state } = follow(FRESH, [{ context: { percentUsed: 69 } }, { context: { percentUsed: 12 } }]);
  assert.deepEqual(state.context, { percentUsed: 12 });
});

Deno.test("no sequence of readings lowers a total or what counts since the baseline", () => {
  const random = seededRandom(7);
  for (let run = 0; run < 300; run++) {
    let state = startStatus({ resumed: random() < 0.5 });
    for (let step = 0; step < 40; step++) {
      const reading: StatusReading = { format: random() < 0.1 ? "summary" : "pipe" };
      if (random() < 0.8) reading.input = randomInt(random, 0, 10 ** randomInt(random, 1, 9));
      if (random() < 0.8) reading.output = randomInt(random, 0, 10 ** randomInt(random, 1, 7));
      if (random() < 0.8) reading.costNanoUsd = randomInt(random, 0, 10 ** randomInt(random, 1, 13));
      const next = applyReading(state, reading).state;
      for (const name of ["input", "output", "costNanoUsd"] as const) {
        assert.ok(next.totals[name] >= state.totals[name]);
        assert.ok(sinceBaseline(next)[name] >= sinceBaseline(state)[name]);
        assert.ok(sinceBaseline(next)[name] >= 0);
      }
      state = next;
    }
  }
});
