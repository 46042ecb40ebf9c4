import assert from "node:assert/strict";
import { randomInt, seededRandom } from "../usage/testdata/seeded_random.ts";
import { type Period, periodWindow, type Weekday } from "./period.ts";

const HOUR_MS = 3_600_000;

function windowOf(
  period: Period,
  now: string,
  timeZone: string,
  weekStartsOn?: Weekday,
): [start: string, hours: number] {
  const nowMs = Date.parse(now);
  const { startMs, endMs } = periodWindow(period, {
    nowMs,
    timeZone,
    ...(weekStartsOn ? { weekStartsOn } : {}),
  });
  return [new Date(startMs).toISOString(), (endMs - startMs) / HOUR_MS];
}

Deno.test("a day is the local one, also when it is 23, 25 or 24.5 hours long", () => {
  assert.deepEqual(windowOf("day", "2026-11-22T03:00:00Z", "America/New_York"), [
    "2026-11-21T05:00:00.000Z",
    24,
  ]);
  assert.deepEqual(windowOf("day", "2026-03-08T12:00:00Z", "America/New_York"), [
    "2026-03-08T05:00:00.000Z",
    23,
  ]);
  assert.deepEqual(windowOf("day", "2026-11-01T12:00:00Z", "America/New_York"), [
    "2026-11-01T04:00:00.000Z",
    25,
  ]);
  assert.deepEqual(windowOf("day", "2026-04-05T00:00:00Z", "Australia/Lord_Howe"), [
    "2026-04-04T13:00:00.000Z",
    24.5,
  ]);
  assert.deepEqual(windowOf("day", "2026-11-22T18:29:59Z", "Asia/Kolkata"), ["2026-11-21T18:30:00.000Z", 24]);
});

Deno.test("a day whose midnight does not exist starts at its first moment", () => {
  assert.deepEqual(windowOf("day", "2026-09-06T12:00:00Z", "America/Santiago"), [
    "2026-09-06T04:00:00.000Z",
    23,
  ]);
});

Deno.test("a week starts on Sunday unless told otherwise", () => {
  const now = "2026-11-25T12:00:00Z"; // a Wednesday
  assert.deepEqual(windowOf("week", now, "UTC"), ["2026-11-22T00:00:00.000Z", 168]);
  assert.deepEqual(windowOf("week", now, "UTC", 1), ["2026-11-23T00:00:00.000Z", 168]);
  assert.deepEqual(windowOf("week", now, "UTC", 3), ["2026-11-25T00:00:00.000Z", 168]);
  assert.deepEqual(windowOf("week", "2026-03-10T12:00:00Z", "Europe/Berlin"), [
    "2026-03-07T23:00:00.000Z",
    168,
  ]);
  assert.deepEqual(windowOf("week", "2026-03-27T12:00:00Z", "Europe/Berlin", 1), [
    "2026-03-22T23:00:00.000Z",
    167,
  ]);
});

Deno.test("a month is the calendar's", () => {
  assert.deepEqual(windowOf("month", "2028-02-29T23:00:00Z", "UTC"), ["2028-02-01T00:00:00.000Z", 29 * 24]);
  assert.deepEqual(windowOf("month", "2026-12-31T23:30:00Z", "Europe/Berlin"), [
    "2026-12-31T23:00:00.000Z",
    31 * 24,
  ]);
});

Deno.test("windows of a period hold their moment and join without gap or overlap, in any zone", () => {
  const random = seededRandom(31);
  const zones = [
    "UTC",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
    "Pacific/Apia",
  ];
  for (let run = 0; run < 1500; run++) {
    const timeZone = zones[randomInt(random, 0, zones.length - 1)] ?? "UTC";
    const period = (["day", "week", "month"] as const)[randomInt(random, 0, 2)] ?? "day";
    const weekStartsOn = randomInt(random, 1, 7) as Weekday;
    const nowMs = Date.UTC(2024, 0, 1) + randomInt(random, 0, 5 * 365 * 24) * HOUR_MS +
      randomInt(random, 0, HOUR_MS);
    const { startMs, endMs } = periodWindow(period, { nowMs, timeZone, weekStartsOn });
    assert.ok(startMs <= nowMs && nowMs < endMs);
    assert.equal(periodWindow(period, { nowMs: endMs, timeZone, weekStartsOn }).startMs, endMs);
    assert.equal(periodWindow(period, { nowMs: startMs - 1, timeZone, weekStartsOn }).endMs, startMs);
  }
});

Deno.test("a time zone that does not exist is refused", () => {
  assert.throws(() => periodWindow("day", { nowMs: 0, timeZone: "Mars/Olympus" }), RangeError);
});
