import assert from "node:assert/strict";
import {
  budgetExplanation,
  budgetFigures,
  budgetTone,
  contextExplanation,
  contextLevel,
  moneyLeft,
  raiseLimit,
  remainingText,
  rowBudget,
  rulingLine,
  timeToLimitText,
} from "./budget_lines.ts";
import { makeLine } from "./testing/money.ts";
import { makeEnded, makeSession } from "./testing/sessions.ts";

Deno.test("a budget is amber from 80 % on and red once it is used up", () => {
  assert.deepEqual([0, 0.79, 0.8, 0.99, 1, 3].map(budgetTone), [
    "green",
    "green",
    "amber",
    "amber",
    "red",
    "red",
  ]);
});

Deno.test("figures are money with cents, or tokens in full while they fit", () => {
  assert.equal(budgetFigures(makeLine()), "$1.23 / $5.00");
  assert.equal(
    budgetFigures(makeLine({ unit: "tokens", limit: 100_000, used: 81_772 })),
    "total 81,772 / 100,000",
  );
  assert.equal(
    budgetFigures(makeLine({ unit: "tokens", limit: 20_000_000, used: 1_500_000 })),
    "total 1.50 M / 20.0 M",
  );
});

Deno.test("the explanation has exact amounts, says what is left or over, and which one rules", () => {
  assert.equal(
    budgetExplanation(makeLine({ rules: true })),
    "This conversation: $1.23 of $5.00 used (25 %), $3.77 left. The tightest limit: it rules",
  );
  assert.match(budgetExplanation(makeLine({ used: 5_100_000_000 })), /over by \$0\.10$/);
});

Deno.test("the ruling limit is the marked one, else the first", () => {
  const lines = [makeLine({ budgetId: "a" }), makeLine({ budgetId: "b", rules: true })];
  assert.equal(rulingLine(lines)?.budgetId, "b");
  assert.equal(rulingLine(lines.slice(0, 1))?.budgetId, "a");
  assert.equal(rulingLine(undefined), undefined);
});

Deno.test("what is left is the rest of the limit that rules", () => {
  const tokens = makeLine({ unit: "tokens", limit: 100_000, used: 60_000, rules: true });
  assert.equal(remainingText([makeLine(), tokens]), "40.0 K tokens left");
  assert.equal(remainingText([makeLine()]), "$3.77 left");
  assert.equal(remainingText([makeLine({ used: 6_000_000_000 })]), "budget of this conversation used up");
  assert.equal(remainingText(undefined), undefined);
});

Deno.test("an ended session shows only its own budget", () => {
  const day = makeLine({ budgetId: "day", scope: "day", rules: true });
  const budgets = [day, makeLine()];
  assert.equal(rowBudget(makeSession({ budgets }))?.scope, "day");
  assert.equal(rowBudget(makeEnded("s1", 1, { budgets }))?.scope, "conversation");
  assert.equal(rowBudget(makeEnded("s1", 1, { budgets: [day] })), undefined);
});

Deno.test("a raise starts from what was spent when that is more than the limit", () => {
  const add = { label: "+$1", add: 1 };
  const factor = { label: "+20 %", factor: 1.2 };
  assert.equal(raiseLimit(add, { unit: "usd", limit: 5, spent: 1 }), 6);
  assert.equal(raiseLimit(add, { unit: "usd", limit: 5, spent: 5.234 }), 6.24);
  assert.equal(raiseLimit(factor, { unit: "usd", limit: 5, spent: 0 }), 6);
  assert.equal(raiseLimit(factor, { unit: "tokens", limit: 501, spent: 0 }), 602);
  assert.equal(raiseLimit(add, { unit: "usd", limit: null, spent: 0 }), 1);
});

Deno.test("a window is amber from 70 % on and red from 90, by the percent shown", () => {
  const level = (percentUsed: number): [number, string] => {
    const { percent, tone } = contextLevel({ percentUsed });
    return [percent, tone];
  };
  assert.deepEqual(level(69.4), [69, "green"]);
  assert.deepEqual(level(69.6), [70, "amber"]);
  assert.deepEqual(level(89.4), [89, "amber"]);
  assert.deepEqual(level(90), [90, "red"]);
});

Deno.test("the window's explanation has what is known of it", () => {
  assert.equal(contextExplanation({ percentUsed: 41.25 }), "41.3 % of the model's window");
  assert.match(
    contextExplanation({ percentUsed: 50, usedTokens: 100_000, sizeTokens: 200_000 }),
    /100,000 of 200,000 tokens/,
  );
});

Deno.test("what is left is the least of all dollars, else of all tokens, after the end only of its own", () => {
  const tokens = makeLine({ scope: "day", unit: "tokens", limit: 100_000, used: 18_228, rules: true });
  const day = makeLine({ scope: "day", limit: 20_000_000_000, used: 19_000_000_000 });
  const budgets = [tokens, makeLine(), day];
  assert.deepEqual(moneyLeft(makeSession({ budgets })), { line: day, left: "$1.00", of: "$20.00" });
  const left = moneyLeft(makeSession({ budgets: [tokens] }));
  assert.deepEqual([left?.left, left?.of], ["81.8 K tokens", "100 K"]);
  const ended = moneyLeft(makeEnded("e", 1, { budgets }));
  assert.deepEqual([ended?.left, ended?.of], ["$3.77", "$5.00"]);
  assert.equal(moneyLeft(makeSession({ budgets: [makeLine({ used: 6_000_000_000 })] }))?.left, "$0.00");
  assert.equal(moneyLeft(makeSession()), undefined);
});

Deno.test("when a limit comes is said only while something comes nearer to it", () => {
  const burn = { nanoUsdPerHour: 1, timeToLimitMs: 90_000 };
  const text = (patch: Parameters<typeof makeSession>[0]): string | undefined =>
    timeToLimitText(makeSession(patch), burn);
  assert.equal(text({ activity: "working" }), "limit in 1 m 30 s");
  assert.equal(text({}), "limit in 1 m 30 s");
  assert.equal(text({ activity: "idle" }), undefined);
  assert.equal(text({ held: true }), undefined);
  assert.equal(text({ paused: true }), undefined);
  assert.equal(timeToLimitText(makeSession(), { ...burn, timeToLimitMs: 0 }), "limit reached");
  assert.equal(timeToLimitText(makeSession(), { nanoUsdPerHour: 1 }), undefined);
});
