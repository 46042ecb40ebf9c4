import assert from "node:assert/strict";
import type { BudgetView } from "../protocol.ts";
import { createPriceBook } from "../testing/loaded_prices.ts";
import { newSession } from "../testing/new_session.ts";
import { FleetStore } from "../store/fleet_store.ts";
import { NO_TOKENS } from "../usage/model_call.ts";
import { SummaryMoney } from "./summary_money.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 12);

interface Setup {
  store: FleetStore;
  money: SummaryMoney;
  session: ReturnType<FleetStore["sessions"]["create"]>;
  changes: () => number;
}

function setUp(fleet: BudgetView[] = []): Setup {
  const store = new FleetStore(":memory:");
  const session = store.sessions.create(newSession());
  const book = createPriceBook();
  let changes = 0;
  const money = new SummaryMoney({
    table: store.ledger,
    prices: () => book,
    budgets: { listFleet: () => fleet },
    changed: () => changes++,
    now: () => NOW_MS,
  });
  return { store, session, money, changes: () => changes };
}

Deno.test("a summary's call counts in the fleet's periods and in nothing of its session", () => {
  const { store, money, session, changes } = setUp();
  const cost = money.record(session, {
    key: "summary:1:1",
    call: {
      ...NO_TOKENS,
      source: "gateway",
      model: "gpt-4.1-nano",
      atMs: NOW_MS,
      input: 1000,
      output: 100,
      reasoning: 0,
      purpose: "summary",
      requestId: "req_1",
      confidence: "exact",
    },
  });
  // $0.10 and $0.40 per million tokens.
  assert.equal(cost.nanoUsd, 1000 * 100 + 100 * 400);
  const { spending } = store.ledger;
  assert.equal(spending.get("session", session.id).calls, 0);
  assert.equal(spending.get("conversation", "c1").calls, 0);
  assert.equal(spending.get("repository", "/repo").calls, 0);
  assert.equal(spending.get("summary", session.id).costNanoUsd, cost.nanoUsd);
  const day = { startMs: Date.UTC(2026, 10, 22), endMs: Date.UTC(2026, 10, 23) };
  assert.equal(spending.getPeriod(day).costNanoUsd, cost.nanoUsd);
  assert.deepEqual(store.ledger.check(), { rows: 1, problems: [] });
  const [row] = store.ledger.list(session.id, { sort: "time", order: "asc", limit: 5 }).items;
  assert.equal(row?.kind, "summary");
  assert.deepEqual(store.ledger.listCalls(session.id), []);
  assert.deepEqual(store.ledger.listCosts(session.id, 0), []);
  assert.equal(store.ledger.getLatestPrompt(session.id), undefined);
  assert.equal(store.ledger.findOwner({ requestId: "req_1" }), undefined);
  assert.equal(changes(), 1);
  store.close();
});

function budgetOf(line: { unit: "usd" | "tokens"; used: number; limit: number }): BudgetView {
  const view = { budgetId: "day", scope: "day", name: "today", rules: true } as const;
  return {
    id: "day",
    scope: "day",
    name: "today",
    limits: { usd: null, tokens: null },
    spent: { nanoUsd: 0, tokens: 0 },
    lines: [{ ...view, ...line, remaining: line.limit - line.used, fraction: line.used / line.limit }],
  };
}

Deno.test("a summary is refused when a budget of the fleet does not have its most left", () => {
  const needs = { nanoUsd: 2_000_000, tokens: 5000 };
  const refusal = (line: Parameters<typeof budgetOf>[0]): string | undefined =>
    setUp([budgetOf(line)]).money.refusal(needs);
  assert.equal(setUp().money.refusal(needs), undefined);
  assert.equal(refusal({ unit: "usd", used: 1e9, limit: 2e9 }), undefined);
  assert.match(
    refusal({ unit: "usd", used: 2e9, limit: 2e9 }) ?? "",
    /budget of today is used up \(\$2\.00 of \$2\.00\)/,
  );
  assert.match(
    refusal({ unit: "usd", used: 1_999_000_000, limit: 2e9 }) ?? "",
    /up to \$0\.0020, and today has \$0\.0010/,
  );
  assert.match(
    refusal({ unit: "tokens", used: 9000, limit: 10_000 }) ?? "",
    /5,000 tokens, and today has 1,000 tokens/,
  );
});

Deno.test("the most that a summary can cost counts a token for each byte", () => {
  const { money } = setUp();
  assert.equal(
    money.maxCostNanoUsd({ model: "gpt-4.1-nano", bytes: 10_000, maxTokens: 1000 }),
    10_000 * 100 + 1000 * 400,
  );
});
