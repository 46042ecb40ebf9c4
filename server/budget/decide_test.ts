import assert from "node:assert/strict";
import { randomInt, seededRandom } from "../usage/testdata/seeded_random.ts";
import { type Budget, type BudgetLine, decideBudgets, type Decision, type WarningRecord } from "./decide.ts";
import { budgetTokens } from "./spend.ts";

const USD = 1_000_000_000;

function decide(
  budgets: Array<Partial<Budget> & { id: string; used?: number; usedTokens?: number }>,
  warned: readonly WarningRecord[] = [],
): Decision {
  return decideBudgets({
    budgets: budgets.map((budget) => ({ scope: "conversation", nanoUsd: null, tokens: null, ...budget })),
    spent: new Map(
      budgets.map(({ id, used, usedTokens }) => [id, { nanoUsd: used ?? 0, tokens: usedTokens ?? 0 }]),
    ),
    warned,
  });
}

const named = (lines: readonly BudgetLine[]): string[] =>
  lines.map((line) => `${line.budgetId}:${line.unit}`);

Deno.test("decideBudgets says ok below 80 %, warns from there, and exceeds at the limit itself", () => {
  const kindAt = (used: number): string => decide([{ id: "c", nanoUsd: 10 * USD, used }]).verdict.kind;
  assert.deepEqual([0, 8 * USD - 1, 8 * USD, 10 * USD - 1, 10 * USD, 11 * USD].map(kindAt), [
    "ok",
    "ok",
    "warn",
    "warn",
    "exceeded",
    "exceeded",
  ]);
});

Deno.test("decideBudgets decides tokens as it decides money, and ignores what has no limit", () => {
  assert.equal(decide([{ id: "c", tokens: 200, usedTokens: 200, used: 99 * USD }]).verdict.kind, "exceeded");
  const { lines, verdict, tightest } = decide([{ id: "c", usedTokens: 1e12, used: 1e15 }]);
  assert.deepEqual([lines, verdict, tightest], [[], { kind: "ok" }, {}]);
});

Deno.test("decideBudgets names the budget that rules: the most used, of equals the narrowest", () => {
  const { verdict, tightest, lines } = decide([
    { id: "month", scope: "month", nanoUsd: 100 * USD, used: 100 * USD },
    { id: "repo", scope: "repository", nanoUsd: 10 * USD, used: 12 * USD },
    { id: "conv", nanoUsd: 5 * USD, used: 1 * USD, tokens: 1000, usedTokens: 100 },
  ]);
  assert.ok(verdict.kind === "exceeded");
  assert.equal(verdict.ruling.budgetId, "repo");
  assert.deepEqual(named(verdict.exceeded), ["repo:usd", "month:usd"]);
  assert.equal(tightest.usd?.remaining, -2 * USD);
  assert.equal(tightest.tokens?.remaining, 900);
  assert.deepEqual(named(lines), ["repo:usd", "month:usd", "conv:usd", "conv:tokens"]);
  const equal = decide([{ id: "day", scope: "day", nanoUsd: USD, used: USD }, {
    id: "c",
    nanoUsd: USD,
    used: USD,
  }]);
  assert.equal(equal.verdict.kind === "exceeded" && equal.verdict.ruling.budgetId, "c");
});

Deno.test("decideBudgets warns once per budget and unit", () => {
  const budget = { id: "c", nanoUsd: 10 * USD, used: 9 * USD, tokens: 100, usedTokens: 85 };
  const first = decide([budget]).verdict;
  assert.ok(first.kind === "warn");
  assert.deepEqual(named(first.warnings), ["c:usd", "c:tokens"]);
  const money = first.warnings.filter((line) => line.unit === "usd");
  const second = decide([budget], money).verdict;
  assert.ok(second.kind === "warn");
  assert.deepEqual(named(second.warnings), ["c:tokens"]);
  assert.equal(decide([budget], first.warnings).verdict.kind, "ok");
});

Deno.test("decideBudgets warns again after a raise that is reached anew, not after a lowering", () => {
  const warnedAt = (limit: number): WarningRecord[] => [{ budgetId: "c", unit: "usd", limit }];
  const kind = (limit: number, used: number, warned: WarningRecord[]): string =>
    decide([{ id: "c", nanoUsd: limit, used }], warned).verdict.kind;
  assert.equal(kind(20 * USD, 9 * USD, warnedAt(10 * USD)), "ok");
  assert.equal(kind(20 * USD, 16 * USD, warnedAt(10 * USD)), "warn");
  assert.equal(kind(20 * USD, 17 * USD, [...warnedAt(10 * USD), ...warnedAt(20 * USD)]), "ok");
  assert.equal(kind(9.5 * USD, 9 * USD, warnedAt(10 * USD)), "ok");
});

Deno.test("decideBudgets warns anew in a new period", () => {
  const budget = { id: "day", scope: "day" as const, nanoUsd: USD, used: 0.9 * USD };
  const warned: WarningRecord[] = [{ budgetId: "day", unit: "usd", limit: USD, periodStartMs: 1 }];
  assert.equal(decide([{ ...budget, periodStartMs: 1 }], warned).verdict.kind, "ok");
  assert.equal(decide([{ ...budget, periodStartMs: 2 }], warned).verdict.kind, "warn");
});

Deno.test("decideBudgets still gives the warning that a jump past the limit skipped", () => {
  const { verdict } = decide([{ id: "c", nanoUsd: USD, used: 5 * USD }]);
  assert.ok(verdict.kind === "exceeded");
  assert.deepEqual(named(verdict.warnings), ["c:usd"]);
});

Deno.test("decideBudgets refuses to decide without knowing what was spent", () => {
  const budget: Budget = { id: "c", scope: "conversation", nanoUsd: USD, tokens: null };
  const broken: Array<[budget: Budget, nanoUsd: number | undefined]> = [
    [budget, undefined],
    [budget, NaN],
    [budget, -1],
    [budget, Infinity],
    [{ ...budget, nanoUsd: 0 }, 0],
    [{ ...budget, nanoUsd: NaN }, 0],
    [{ ...budget, nanoUsd: Infinity }, 0],
  ];
  for (const [broke, nanoUsd] of broken) {
    const spent = new Map(nanoUsd === undefined ? [] : [["c", { nanoUsd, tokens: 0 }]]);
    assert.throws(() => decideBudgets({ budgets: [broke], spent, warned: [] }), RangeError);
  }
});

Deno.test("any tree: exceeded exactly if a limit is reached, each warning given at most once, order irrelevant", () => {
  const random = seededRandom(21);
  const scopes = ["conversation", "repository", "day", "week", "month"] as const;
  for (let run = 0; run < 2000; run++) {
    const budgets = scopes.map((scope) => ({
      id: scope,
      scope,
      nanoUsd: random() < 0.3 ? null : randomInt(random, 1, 50),
      tokens: random() < 0.5 ? null : randomInt(random, 1, 50),
      used: randomInt(random, 0, 60),
      usedTokens: randomInt(random, 0, 60),
    }));
    const { verdict, lines } = decide(budgets);
    const reached = budgets.some(({ nanoUsd, tokens, used, usedTokens }) =>
      (nanoUsd !== null && used >= nanoUsd) || (tokens !== null && usedTokens >= tokens)
    );
    assert.equal(verdict.kind === "exceeded", reached);
    const warnings = verdict.kind === "ok" ? [] : verdict.warnings;
    const due = lines.filter((line) => line.used * 5 >= line.limit * 4);
    assert.deepEqual(named(warnings), named(due));
    const again = decide(budgets, warnings).verdict;
    assert.deepEqual(again.kind === "ok" ? [] : again.warnings ?? [], []);
    assert.deepEqual(decide(budgets.toReversed()).verdict, verdict);
  }
});

Deno.test("budgetTokens counts cache reads only where the setting says so", () => {
  const counts = { input: 1, cacheRead: 10, cacheWrite5m: 100, cacheWrite1h: 1000, output: 10_000 };
  assert.equal(budgetTokens(counts, { countCacheReads: false }), 11_101);
  assert.equal(budgetTokens(counts, { countCacheReads: true }), 11_111);
});
