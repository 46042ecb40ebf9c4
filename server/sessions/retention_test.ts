import assert from "node:assert/strict";
import type { RecordingUse } from "../holder/api.ts";
import { decideRetention } from "./retention.ts";

const DAY_MS = 86_400_000;
const NOW_MS = 100 * DAY_MS;

function ended(session: string, daysAgo: number, more: Partial<RecordingUse> = {}): RecordingUse {
  const endedAtMs = NOW_MS - daysAgo * DAY_MS;
  return {
    session,
    startedAtMs: endedAtMs - 1000,
    endedAtMs,
    keep: false,
    storedBytes: 100,
    rawBytes: 1000,
    ...more,
  };
}

Deno.test("without limits nothing goes", () => {
  assert.deepEqual(decideRetention([ended("a", 99)], { policy: {}, nowMs: NOW_MS }), []);
});

Deno.test("what is older than the limit goes, exactly at the limit it stays", () => {
  const recordings = [ended("new", 1), ended("edge", 30), ended("old", 31)];
  assert.deepEqual(decideRetention(recordings, { policy: { maxAgeMs: 30 * DAY_MS }, nowMs: NOW_MS }), [
    { session: "old", reason: "age", bytes: 100 },
  ]);
});

Deno.test("over the total the oldest go until the rest fits", () => {
  const recordings = [ended("c", 1), ended("a", 3), ended("b", 2)];
  const sessions = (maxTotalBytes: number): string[] =>
    decideRetention(recordings, { policy: { maxTotalBytes }, nowMs: NOW_MS }).map(({ session }) => session);
  assert.deepEqual(sessions(300), []);
  assert.deepEqual(sessions(299), ["a"]);
  assert.deepEqual(sessions(100), ["a", "b"]);
  assert.deepEqual(sessions(0), ["a", "b", "c"]);
});

Deno.test("kept and running recordings stay, and count towards the total", () => {
  const recordings = [
    ended("kept", 50, { keep: true }),
    ended("running", 50, { endedAtMs: null }),
    ended("a", 2),
    ended("b", 1),
  ];
  const verdicts = decideRetention(recordings, {
    policy: { maxAgeMs: 10 * DAY_MS, maxTotalBytes: 300 },
    nowMs: NOW_MS,
  });
  assert.deepEqual(verdicts, [{ session: "a", reason: "size", bytes: 100 }]);
});

Deno.test("age goes before size, and what it frees counts", () => {
  const recordings = [ended("old", 40), ended("a", 2), ended("b", 1)];
  const verdicts = decideRetention(recordings, {
    policy: { maxAgeMs: 30 * DAY_MS, maxTotalBytes: 200 },
    nowMs: NOW_MS,
  });
  assert.deepEqual(verdicts.map(({ session, reason }) => [session, reason]), [["old", "age"]]);
});

Deno.test("a clock set back deletes nothing by age", () => {
  assert.deepEqual(decideRetention([ended("a", -5)], { policy: { maxAgeMs: DAY_MS }, nowMs: NOW_MS }), []);
});
