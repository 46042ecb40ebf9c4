import assert from "node:assert/strict";
import { effect } from "@preact/signals";
import { ClockModel } from "./clock.ts";

Deno.test("the clock ticks only while somebody looks", () => {
  let now = 1000;
  const running = new Set<() => void>();
  const clock = new ClockModel({
    now: () => now,
    everySecond: (callback) => {
      running.add(callback);
      return () => running.delete(callback);
    },
  });
  assert.equal(running.size, 0);
  const seen: number[] = [];
  const stop = effect(() => {
    seen.push(clock.nowMs.value);
  });
  now = 2000;
  for (const tick of running) tick();
  stop();
  assert.equal(running.size, 0);
  assert.deepEqual(seen, [1000, 2000]);
});
