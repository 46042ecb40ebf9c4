import assert from "node:assert/strict";
import { BURN_WINDOW_MS, burnRateNanoUsdPerHour, timeToLimitMs } from "./burn_rate.ts";

const NOW_MS = 10_000_000_000;
const MINUTE_MS = 60_000;
const USD = 1_000_000_000;
const ago = (minutes: number, usd: number): { atMs: number; nanoUsd: number } => ({
  atMs: NOW_MS - minutes * MINUTE_MS,
  nanoUsd: usd * USD,
});
const rate = (...samples: Array<{ atMs: number; nanoUsd: number }>): number =>
  burnRateNanoUsdPerHour(samples, { nowMs: NOW_MS }) / USD;

Deno.test("the burn rate is what the last quarter of an hour extrapolates to", () => {
  assert.equal(rate(ago(20, 100), ago(10, 1), ago(5, 2)), 12);
  assert.equal(rate(ago(20, 100)), 0);
  assert.equal(rate(), 0);
});

Deno.test("a session that has just begun is measured since its first call, and at least over a minute", () => {
  assert.equal(rate(ago(6, 1)), 10);
  assert.equal(rate(ago(0.01, 1)), 60);
});

Deno.test("calls dated after now do not count", () => {
  assert.equal(rate(ago(-5, 100), ago(6, 1)), 10);
  assert.equal(BURN_WINDOW_MS, 15 * MINUTE_MS);
});

Deno.test("the time to the limit is what is left at this rate", () => {
  assert.equal(timeToLimitMs(3 * USD, 12 * USD), 15 * MINUTE_MS);
  assert.equal(timeToLimitMs(0, 12 * USD), 0);
  assert.equal(timeToLimitMs(-1, 0), 0);
  assert.equal(timeToLimitMs(3 * USD, 0), undefined);
});
