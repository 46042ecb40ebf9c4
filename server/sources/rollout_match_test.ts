import assert from "node:assert/strict";
import { isClearlyOurs, type Seeker } from "./rollout_match.ts";

function seeker(createdAtMs: number, cwd = "/work"): Seeker {
  return { agentHome: "/home/me/.codex", cwd, createdAtMs };
}

Deno.test("a thread from before a session's start is not its own, one of its time is when nobody else seeks", () => {
  const ours = seeker(100_000);
  const elsewhere = seeker(100_000, "/other");
  assert.deepEqual(
    [90_000, 99_000, 101_000, 900_000].map((bornMs) => isClearlyOurs(bornMs, ours, [ours, elsewhere])),
    [false, true, true, true],
  );
});

Deno.test("of two sessions the one that has just started gets the thread, when the other one is clearly older", () => {
  const [older, newer] = [seeker(100_000), seeker(160_000)];
  const all = [older, newer];
  const whose = (bornMs: number): string =>
    all.map((each) => isClearlyOurs(bornMs, each, all)).map(Number).join("");
  assert.deepEqual([101_000, 150_000, 161_000].map(whose), ["10", "10", "01"]);
  assert.equal(whose(200_000), "00", "a later thread may be of either");
});

Deno.test("a thread that two sessions may have begun belongs to none", () => {
  const all = [seeker(100_000), seeker(103_000)];
  assert.deepEqual(all.map((each) => isClearlyOurs(104_000, each, all)), [false, false]);
});
