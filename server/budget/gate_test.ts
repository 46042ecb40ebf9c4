import assert from "node:assert/strict";
import { randomInt, seededRandom } from "../usage/testdata/seeded_random.ts";
import { BudgetGate, type Decided, type GateRequest } from "./gate.ts";
import { amountFor, type CallBounds, outputWithin } from "./gate_step.ts";
import type { Amount } from "./spend.ts";

/** One nano-dollar and one token of input, one nano-dollar an output token: figures that can be done in the head. */
const BOUNDS: CallBounds = { input: { nanoUsd: 10, tokens: 10 }, outputPicoUsd: 1000 };

function ask(callId: string, change: Partial<GateRequest> = {}): GateRequest {
  return {
    callId,
    path: ["conv", "day"],
    bounds: BOUNDS,
    outputTokens: 40,
    minOutputTokens: 10,
    maxOutputTokens: 40,
    ...change,
  };
}

function gateWith(limits: Record<string, number | null>): BudgetGate {
  const gate = new BudgetGate();
  for (const [id, nanoUsd] of Object.entries(limits)) gate.setLimits(id, { nanoUsd, tokens: null });
  return gate;
}

const spend = (nanoUsd: number): Amount => ({ nanoUsd, tokens: nanoUsd });
const kinds = (decided: readonly Decided[]): string[] =>
  decided.map(({ callId, admission }) => `${callId} ${admission.kind}`);

Deno.test("a call holds its first step in every budget above it until it settles", () => {
  const gate = gateWith({ conv: 100, day: 1000 });
  assert.deepEqual(gate.reserve(ask("a")), { kind: "granted", outputTokens: 40 });
  assert.deepEqual([gate.node("conv").reserved.nanoUsd, gate.node("day").reserved.nanoUsd], [50, 50]);
  const { overrun } = gate.settle("a", spend(30));
  assert.deepEqual(overrun, { nanoUsd: 0, tokens: 0 });
  assert.deepEqual([gate.node("conv").spent, gate.node("day").reserved], [spend(30), {
    nanoUsd: 0,
    tokens: 0,
  }]);
});

Deno.test("a call waits for money that is only reserved, and is refused for money that is spent", () => {
  const gate = gateWith({ conv: 100, day: 90 });
  gate.reserve(ask("a"));
  assert.deepEqual(gate.reserve(ask("b")), { kind: "waits" });
  assert.deepEqual(kinds(gate.settle("a", spend(20)).decided), ["b granted"]);
  gate.settle("b", spend(50));
  assert.deepEqual(gate.reserve(ask("c")), { kind: "granted", outputTokens: 10 });
  gate.settle("c", spend(20));
  assert.deepEqual(gate.reserve(ask("d")), {
    kind: "refused",
    ruling: { nodeId: "day", unit: "usd", limit: 90, spent: 90, needed: 20 },
  });
});

Deno.test("a waiting call is refused as soon as settled money rules it out, and granted after a raise", () => {
  const gate = gateWith({ day: 60 });
  gate.reserve(ask("a"));
  gate.reserve(ask("b"));
  assert.deepEqual(kinds(gate.settle("a", spend(50)).decided), ["b refused"]);
  gate.reserve(ask("c", { outputTokens: 0, minOutputTokens: 0 }));
  assert.deepEqual(gate.reserve(ask("d", { outputTokens: 0 })), { kind: "waits" });
  assert.deepEqual(kinds(gate.setLimits("day", { nanoUsd: 200, tokens: null })), ["d granted"]);
});

Deno.test("limits on tokens are kept as limits on money are", () => {
  const gate = new BudgetGate();
  gate.setLimits("conv", { nanoUsd: null, tokens: 50 });
  assert.equal(gate.reserve(ask("a")).kind, "granted");
  assert.equal(gate.reserve(ask("b")).kind, "waits");
  gate.settle("a", { nanoUsd: 1, tokens: 45 });
  const refused = gate.reserve(ask("c"));
  assert.ok(refused.kind === "refused" && refused.ruling.unit === "tokens");
});

Deno.test("a call that would not fit whole gets what spent money leaves, if that is worth its prompt", () => {
  const gate = gateWith({ conv: 35 });
  assert.deepEqual(gate.reserve(ask("a")), { kind: "granted", outputTokens: 25 });
  assert.equal(gate.extend("a", 60), 25);
});

Deno.test("an extension takes what is free, ahead of calls that wait", () => {
  const gate = gateWith({ conv: 80 });
  gate.reserve(ask("a"));
  assert.equal(gate.reserve(ask("b")).kind, "waits");
  assert.equal(gate.extend("a", 55), 55);
  assert.equal(gate.extend("a", 500), 70);
  assert.equal(gate.extend("a", 1), 70);
  assert.deepEqual(kinds(gate.settle("a", spend(15)).decided), ["b granted"]);
});

Deno.test("money that comes free goes to answers that are short of it before calls that wait, the longest short first", () => {
  const gate = gateWith({ conv: 155 });
  for (const callId of ["a", "b", "c"]) assert.equal(gate.reserve(ask(callId)).kind, "granted");
  assert.equal(gate.reserve(ask("d")).kind, "waits");
  assert.deepEqual([gate.extend("b", 70), gate.extend("a", 70)], [45, 40]);
  assert.deepEqual(kinds(gate.settle("c", spend(10)).decided), []);
  assert.deepEqual([gate.extend("b", 70), gate.extend("a", 70)], [70, 55]);
  assert.deepEqual(kinds(gate.settle("b", spend(10)).decided), ["d granted"]);
  assert.equal(gate.extend("a", 0), 70);
});

Deno.test("a call is let in only if answers under way can go on for a while beside it", () => {
  const gate = gateWith({ conv: 40_000 });
  const endless = { maxOutputTokens: 1e9 };
  assert.equal(gate.reserve(ask("a", endless)).kind, "granted");
  for (const callId of ["b", "c", "d", "e"]) assert.equal(gate.reserve(ask(callId, endless)).kind, "granted");
  assert.equal(gate.reserve(ask("f", endless)).kind, "waits");
  assert.deepEqual(kinds(gate.settle("a", spend(50)).decided), ["f granted"]);
  for (const callId of ["b", "c", "d", "e"]) assert.equal(gate.extend(callId, 8000), 8000);
});

Deno.test("an answer that its own budget limits holds up nobody beside it", () => {
  const gate = gateWith({ one: 60, day: 1000 });
  gate.reserve(ask("a", { path: ["one", "day"] }));
  assert.equal(gate.extend("a", 500), 50);
  assert.equal(gate.reserve(ask("b", { path: ["two", "day"] })).kind, "granted");
});

Deno.test("the provider's own count of the prompt frees what the bound held too much", () => {
  const gate = gateWith({ conv: 95 });
  gate.reserve(ask("a"));
  assert.equal(gate.reserve(ask("b")).kind, "waits");
  assert.deepEqual(kinds(gate.refineInput("a", spend(5))), ["b granted"]);
});

Deno.test("a call that waits for its own conversation does not hold up others of the fleet", () => {
  const gate = gateWith({ one: 50, two: 50, day: 1000 });
  gate.reserve(ask("a", { path: ["one", "day"] }));
  assert.equal(gate.reserve(ask("b", { path: ["one", "day"] })).kind, "waits");
  assert.equal(gate.reserve(ask("c", { path: ["two", "day"] })).kind, "granted");
});

Deno.test("a large call that waits is not overtaken for ever by small ones", () => {
  const gate = gateWith({ day: 100 });
  gate.reserve(ask("a"));
  assert.equal(gate.reserve(ask("large", { outputTokens: 80 })).kind, "waits");
  assert.equal(gate.reserve(ask("small", { outputTokens: 10 })).kind, "waits");
  assert.deepEqual(kinds(gate.settle("a", spend(0)).decided), ["large granted"]);
  assert.deepEqual(kinds(gate.settle("large", spend(0)).decided), ["small granted"]);
});

Deno.test("a call whose client has gone leaves the queue to the others", () => {
  const gate = gateWith({ day: 100 });
  gate.reserve(ask("a"));
  gate.reserve(ask("large", { outputTokens: 80 }));
  gate.reserve(ask("small", { outputTokens: 10 }));
  assert.deepEqual(kinds(gate.withdraw("large").decided), ["small granted"]);
  assert.equal(gate.withdraw("large").found, false);
});

Deno.test("lowering a limit keeps what calls hold, lets none in, and refuses what can never fit", () => {
  const gate = gateWith({ day: 100 });
  gate.reserve(ask("a"));
  gate.reserve(ask("b", { outputTokens: 80 }));
  assert.deepEqual(kinds(gate.setLimits("day", { nanoUsd: 15, tokens: null })), ["b refused"]);
  assert.equal(gate.node("day").reserved.nanoUsd, 50);
  assert.equal(gate.extend("a", 60), 40);
  assert.equal(gate.reserve(ask("c")).kind, "refused");
});

Deno.test("spending that bypassed the gate counts, also against calls that wait", () => {
  const gate = gateWith({ day: 60 });
  gate.reserve(ask("a"));
  gate.reserve(ask("b"));
  assert.deepEqual(kinds(gate.addSpent(["day"], spend(55))), ["b refused"]);
});

Deno.test("after a crash what was held counts as spent, for the calls that nobody runs any more", () => {
  const before = gateWith({ day: 200 });
  before.reserve(ask("a"));
  before.reserve(ask("b"));
  before.extend("b", 60);
  const gate = new BudgetGate(JSON.parse(JSON.stringify(before.snapshot)));
  assert.deepEqual(gate.snapshot, before.snapshot);
  const { swept } = gate.sweep((callId) => callId === "a");
  assert.deepEqual(swept, [{ callId: "b", amount: { nanoUsd: 70, tokens: 70 } }]);
  assert.deepEqual([gate.node("day").spent.nanoUsd, gate.node("day").reserved.nanoUsd], [70, 50]);
});

Deno.test("an answer that costs more than was held is reported as an overrun", () => {
  const gate = gateWith({ day: 200 });
  gate.reserve(ask("a"));
  assert.deepEqual(gate.settle("a", { nanoUsd: 57, tokens: 3 }).overrun, { nanoUsd: 7, tokens: 0 });
});

Deno.test("mistakes of the caller are RangeErrors", () => {
  const gate = gateWith({ day: 60 });
  gate.reserve(ask("a"));
  gate.reserve(ask("b"));
  assert.throws(() => gate.reserve(ask("a")), RangeError);
  assert.throws(() => gate.reserve(ask("b")), RangeError);
  for (const callId of ["b", "z"]) {
    assert.throws(() => gate.extend(callId, 50), RangeError);
    assert.throws(() => gate.settle(callId, spend(1)), RangeError);
  }
});

Deno.test("outputWithin is the largest answer whose amount fits", () => {
  const random = seededRandom(41);
  for (let run = 0; run < 3000; run++) {
    const bounds = {
      input: { nanoUsd: randomInt(random, 0, 50), tokens: randomInt(random, 0, 50) },
      outputPicoUsd: randomInt(random, 0, 3000),
    };
    const room = {
      nanoUsd: randomInt(random, -5, 150),
      tokens: randomInt(random, -5, 150),
      wanted: randomInt(random, 0, 100),
    };
    const fits = (output: number): boolean => {
      const { nanoUsd, tokens } = amountFor(bounds, output);
      return nanoUsd <= room.nanoUsd && tokens <= room.tokens;
    };
    let best = -1;
    for (let output = 0; output <= room.wanted; output++) if (fits(output)) best = output;
    assert.equal(outputWithin(bounds, room), best);
  }
});
