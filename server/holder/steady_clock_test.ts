import assert from "node:assert/strict";
import { startSteadyClock } from "./steady_clock.ts";

const START_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;

Deno.test("a recording's time goes along with the clock, and on when that is set back", () => {
  let wallMs = START_MS;
  let monotonicMs = 5;
  const clock = startSteadyClock({ now: () => wallMs, monotonicMs: () => monotonicMs });
  const pass = (milliseconds: number, jumpMs = 0): number => {
    wallMs += milliseconds + jumpMs;
    monotonicMs += milliseconds;
    return clock() - START_MS;
  };
  assert.equal(pass(0), 0);
  assert.equal(pass(500), 500);
  assert.equal(pass(100, -DAY_MS), 600, "set back");
  assert.equal(pass(100), 700);
  assert.equal(pass(100, DAY_MS), 800, "right again");
  assert.equal(pass(100, 3 * DAY_MS), 3 * DAY_MS + 900, "set ahead, or slept");
  assert.equal(pass(100, -3), 3 * DAY_MS + 1000, "adjusted");
});
