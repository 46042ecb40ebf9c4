import assert from "node:assert/strict";
import { FakeTimers } from "../testing/fake_timers.ts";
import { TOAST_MS, type Toasts, ToastsModel } from "./toasts.ts";

function texts(toasts: Toasts): string[] {
  return toasts.items.value.map((toast) => toast.text);
}

Deno.test("a toast leaves after its time, later when the pointer rests on it", () => {
  const timers = new FakeTimers();
  const toasts = new ToastsModel(timers.start);
  toasts.show({ tone: "info", text: "one" });
  timers.advance(TOAST_MS - 1);
  const id = toasts.items.value[0]?.id ?? 0;
  toasts.hold(id);
  timers.advance(60_000);
  assert.deepEqual(texts(toasts), ["one"]);
  toasts.release(id);
  timers.advance(TOAST_MS);
  assert.deepEqual(texts(toasts), []);
});

Deno.test("the oldest toast gives way", () => {
  const timers = new FakeTimers();
  const toasts = new ToastsModel(timers.start);
  for (const text of ["1", "2", "3", "4", "5"]) toasts.show({ tone: "info", text });
  assert.deepEqual(texts(toasts), ["2", "3", "4", "5"]);
  assert.equal(timers.pending, 4);
  toasts[Symbol.dispose]();
  assert.equal(timers.pending, 0);
});
