import assert from "node:assert/strict";
import type { BudgetChange, FleetSettings } from "../../server/protocol.ts";
import { raisesOf } from "../budget_lines.ts";
import { makeHeld } from "../testing/gate.ts";
import { makeBudget, makeLine } from "../testing/money.ts";
import { type Hold, HoldModel, isTooSmall, obstacleOf, raiseChange } from "./hold.ts";

const DAY = makeLine({
  budgetId: "day",
  scope: "day",
  name: "today",
  limit: 2_000_000_000,
  used: 1_900_000_000,
});

function setUp(options: { refuse?: string } = {}): {
  hold: Hold;
  changes: BudgetChange[];
  saved: FleetSettings["prices"][];
} {
  const changes: BudgetChange[] = [];
  const saved: FleetSettings["prices"][] = [];
  const hold = new HoldModel({
    change: (change) => {
      changes.push(change);
      return options.refuse === undefined
        ? Promise.resolve(makeBudget())
        : Promise.reject(new Error(options.refuse));
    },
    prices: () => ({ models: { known: { inputPer1M: 1, outputPer1M: 2 } } }),
    savePrices: (prices) => {
      saved.push(prices);
      return Promise.resolve(true);
    },
  });
  return { hold, changes, saved };
}

Deno.test("a raise changes the budget in the way, each scope by what names it", async () => {
  const { hold, changes } = setUp();
  await hold.raise(makeHeld(), { label: "+$1", add: 1 });
  assert.deepEqual(changes, [{ scope: "conversation", conversationId: "c1", limits: { usd: 2 } }]);
  assert.equal(hold.raised.value, "Raised to $2.00");
  const repository = { root: "/work/main", name: "main" };
  const raise = { label: "+20 %", factor: 1.2 };
  const line = makeLine({ scope: "repository", name: "main" });
  assert.deepEqual(raiseChange(makeHeld({ repository }), { line, raise }), {
    scope: "repository",
    repository: "/work/main",
    limits: { usd: 6 },
  });
  const tokens = makeLine({ scope: "day", unit: "tokens", limit: 100_000, used: 120_000 });
  assert.deepEqual(raiseChange(makeHeld(), { line: tokens, raise: { label: "+100 K", add: 100_000 } }), {
    scope: "day",
    limits: { tokens: 220_000 },
  });
});

Deno.test("once its limit is raised enough, the next one in the way is named", () => {
  const held = makeHeld();
  assert.equal(obstacleOf(held)?.scope, "conversation");
  const raised = makeLine({ limit: 2_000_000_000, used: 1_000_000_000 });
  assert.equal(obstacleOf({ ...held, budgets: [DAY, raised] })?.scope, "day");
  const roomy = { ...DAY, remaining: 5_000_000_000 };
  assert.equal(obstacleOf({ ...held, budgets: [roomy, raised] })?.limit, 2_000_000_000);
  assert.equal(obstacleOf({ ...held, hold: { sinceMs: 1, text: "", unpricedModel: "x" } }), undefined);
});

Deno.test("a raise that is not enough for the call is known before it is made", () => {
  const expensive = makeHeld();
  const hold = expensive.hold && { ...expensive.hold, needed: 3_000_000_000 };
  const session = { ...expensive, ...(hold === undefined ? {} : { hold }) };
  assert.deepEqual(raisesOf("usd").map((raise) => isTooSmall(session, raise)), [true, false, true]);
});

Deno.test("a refusal of the server is said, and a click meanwhile does nothing twice", async () => {
  const { hold, changes } = setUp({ refuse: "At most $1,000,000" });
  const raise = { label: "+$1", add: 1 };
  await Promise.all([hold.raise(makeHeld(), raise), hold.raise(makeHeld(), raise)]);
  assert.equal(changes.length, 1);
  assert.deepEqual([hold.error.value, hold.raised.value, hold.busy.value], [
    "At most $1,000,000",
    undefined,
    false,
  ]);
});

Deno.test("a price needs both figures, and joins those that are stated", async () => {
  const { hold, saved } = setUp();
  hold.inputPrice.value = "$3";
  assert.equal(hold.canSetPrice.value, false);
  await hold.setPrice("new-model");
  assert.deepEqual(saved, []);
  hold.outputPrice.value = "15.5";
  await hold.setPrice("new-model");
  assert.deepEqual(saved, [{
    models: {
      known: { inputPer1M: 1, outputPer1M: 2 },
      "new-model": { inputPer1M: 3, outputPer1M: 15.5 },
    },
  }]);
});
