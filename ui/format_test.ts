import assert from "node:assert/strict";
import {
  formatAge,
  formatBytes,
  formatClock,
  formatDay,
  formatDuration,
  formatPath,
  formatPlural,
} from "./format.ts";

Deno.test("formatBytes keeps three significant digits", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [812, "812 B"],
    [1000, "1.00 kB"],
    [12_345, "12.3 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [4_560_000, "4.56 MB"],
    [1_230_000_000, "1.23 GB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});

Deno.test("formatDuration names the two largest units", () => {
  assert.equal(formatDuration(-5), "0 s");
  assert.equal(formatDuration(42_900), "42 s");
  assert.equal(formatDuration(192_000), "3 m 12 s");
  assert.equal(formatDuration(2 * 3_600_000 + 5 * 60_000), "2 h 5 m");
  assert.equal(formatDuration(76 * 3_600_000), "3 d 4 h");
});

Deno.test("formatAge is short and turns into a date after a week", () => {
  const now = Date.UTC(2026, 5, 15, 12);
  assert.equal(formatAge(now + 500, now), "now");
  assert.equal(formatAge(now - 42_000, now), "42 s");
  assert.equal(formatAge(now - 3 * 60_000, now), "3 m");
  assert.equal(formatAge(now - 2 * 3_600_000, now), "2 h");
  assert.equal(formatAge(now - 5 * 86_400_000, now), "5 d");
  assert.match(formatAge(now - 30 * 86_400_000, now), /2026/);
});

Deno.test("formatDay goes by the calendar day, not by 24 hours", () => {
  const now = new Date(2026, 5, 15, 0, 30).getTime();
  assert.equal(formatDay(now, now), "Today");
  assert.equal(formatDay(now - 3_600_000, now), "Yesterday");
  assert.match(formatDay(now - 50 * 3_600_000, now), /12/);
});

Deno.test("formatClock shows hours only when there are some", () => {
  assert.equal(formatClock(7_000), "0:07");
  assert.equal(formatClock(760_000), "12:40");
  assert.equal(formatClock(3_723_000), "1:02:03");
});

Deno.test("formatPlural takes an irregular plural", () => {
  assert.equal(formatPlural(1, "session"), "1 session");
  assert.equal(formatPlural(1200, "process", "processes"), "1,200 processes");
});

Deno.test("formatPath shortens only the home directory itself", () => {
  assert.equal(formatPath("/home/me", "/home/me"), "~");
  assert.equal(formatPath("/home/me/code", "/home/me"), "~/code");
  assert.equal(formatPath("/home/melanie", "/home/me"), "/home/melanie");
  assert.equal(formatPath("/work", undefined), "/work");
});
