import assert from "node:assert/strict";
import type {
  BudgetList,
  BudgetView,
  FleetSettings,
  LedgerRow,
  Notice,
  Page,
  PricesView,
  RepriceResult,
  ResumeRequest,
  SessionView,
} from "../protocol.ts";
import { TEST_ORIGIN } from "../testing/test_app.ts";
import type { FakeCall } from "../testing/fake_agents.ts";
import { SummaryMoney } from "../money/summary_money.ts";
import { NO_TOKENS } from "../usage/model_call.ts";
import { DIME, launch, test } from "../testing/money_page.ts";

test("nothing is limited at first, and a day's budget is offered until the user decides", async ({ call }) => {
  const { items, suggestedDayUsd } = await call<BudgetList>("/api/budgets");
  assert.deepEqual(items.map(({ scope, limits }) => [scope, limits.usd, limits.tokens]), [
    ["day", null, null],
    ["week", null, null],
    ["month", null, null],
  ]);
  assert.equal(suggestedDayUsd, 20);
  const day = await call<BudgetView>("/api/budgets", {
    method: "PATCH",
    body: { scope: "day", limits: { usd: 20 } },
  });
  assert.deepEqual(day.limits, { usd: 20, tokens: null });
  assert.equal((await call<BudgetList>("/api/budgets")).suggestedDayUsd, undefined);
});

for (const limits of [{ usd: 0 }, { usd: -1 }, { usd: "5" }, { tokens: 1.5 }, { usd: 1e9 }, { eur: 1 }]) {
  test(`a limit of ${JSON.stringify(limits)} is refused`, async ({ call }) => {
    await call("/api/budgets", { method: "PATCH", body: { scope: "day", limits }, status: 400 });
  });
}

test("a budget warns once at 80 %, again after a raise, and stops at 100 % with its name", async (page) => {
  const { t, call, report } = page;
  const { id, conversationId } = await launch(page, { budget: { usd: 1 } });
  const kinds = async (): Promise<string[]> =>
    (await call<Page<Notice>>("/api/notices")).items.map(({ kind }) => kind);
  const dimes = (from: number, count: number): FakeCall[] =>
    Array.from({ length: count }, (_, index) => ({ ...DIME, requestId: `req_${from + index}` }));
  await report(id, ...dimes(0, 7));
  assert.deepEqual(await kinds(), []);
  await report(id, ...dimes(7, 1));
  await report(id, ...dimes(8, 1));
  assert.deepEqual(await kinds(), ["budget_warning"]);
  const change = { scope: "conversation", conversationId, limits: { usd: 1.1 } };
  await call("/api/budgets", { method: "PATCH", body: change });
  assert.deepEqual(await kinds(), ["budget_warning", "budget_warning"]);
  await report(id, ...dimes(9, 2));
  await t.sessions.stopsFinished();
  const ended = t.sessions.get(id);
  assert.deepEqual([ended.lifecycle, ended.endReason], ["ended", "budget"]);
  assert.deepEqual(await kinds(), ["budget_stop", "budget_warning", "budget_warning"]);
  const sent = t.messages.flatMap((message) => message.type === "notice" ? [message.notice.kind] : []);
  assert.deepEqual(sent, ["budget_warning", "budget_warning", "budget_stop"]);
  assert.equal(ended.budgets?.[0]?.rules, true);
  assert.equal(ended.budgets?.[0]?.name, "this conversation");
});

test("a changed limit is in the history of the sessions it holds for", async (page) => {
  const { t, call } = page;
  const { id, conversationId } = await launch(page, { budget: { usd: 1 } });
  const shell = await launch(page, { command: "sh" });
  const change = (body: unknown): Promise<BudgetView> => call("/api/budgets", { method: "PATCH", body });
  await change({ scope: "conversation", conversationId, limits: { usd: 2.5, tokens: 1000 } });
  await change({ scope: "day", limits: { usd: 20 } });
  await change({ scope: "day", limits: { usd: null } });
  const texts = (session: string): string[] =>
    t.store.events.listKind(session, "budget_changed").map(({ text }) => text);
  assert.deepEqual(texts(id), [
    "This conversation: $2.50 and 1,000 tokens",
    "Today: $20.00",
    "Today: no limit",
  ]);
  assert.deepEqual(texts(shell.id), []);
});

test("lowering a limit below what is spent stops at once; the tightest budget is named", async (page) => {
  const { t, call, report } = page;
  const { id } = await launch(page, { budget: { usd: 100 } });
  await report(id, { ...DIME, requestId: "r1" });
  await call("/api/budgets", { method: "PATCH", body: { scope: "week", limits: { usd: 0.05 } } });
  await t.sessions.stopsFinished();
  assert.equal(t.sessions.get(id).endReason, "budget");
  const [notice] = (await call<Page<Notice>>("/api/notices")).items;
  assert.match(notice?.title ?? "", /this week/);
  await call("/api/sessions", { method: "POST", body: { cwd: t.directory, command: "claude" }, status: 409 });
});

test("two resumes of one conversation share what is left of its budget", async (page) => {
  const { t, call, report } = page;
  const first = await launch(page, { budget: { usd: 0.5 } });
  await report(first.id, { ...DIME, requestId: "r1" });
  t.holder.exit(first.id);
  const resume = (): Promise<SessionView> =>
    call(`/api/sessions/${first.id}/resume`, { method: "POST", body: {}, status: 201 });
  const [second, third] = [await resume(), await resume()];
  await report(second.id, { ...DIME, requestId: "r2" }, { ...DIME, requestId: "r3" });
  await report(third.id, { ...DIME, requestId: "r4" });
  assert.equal(t.sessions.get(third.id).lifecycle, "running");
  await report(third.id, { ...DIME, requestId: "r5" });
  await t.sessions.stopsFinished();
  assert.deepEqual([second, third].map(({ id }) => t.sessions.get(id).endReason), ["budget", "budget"]);
  assert.equal(t.sessions.get(third.id).budgets?.[0]?.used, 500_000_000);
});

test("a resumed session is called what a model called the first", async (page) => {
  const { t, call } = page;
  const { id } = await launch(page, {});
  t.holder.exit(id);
  t.store.sessions.setAiTitle(id, "Tidy the kitchen");
  const resumed = await call<SessionView>(`/api/sessions/${id}/resume`, {
    method: "POST",
    body: {},
    status: 201,
  });
  assert.deepEqual([resumed.title, resumed.aiTitle], [undefined, "Tidy the kitchen"]);
});

test("a resume raises every limit in the way, and a refusal names them all", async (page) => {
  const { t, call, report } = page;
  const { id, conversationId } = await launch(page, { budget: { usd: 0.1 } });
  await call("/api/budgets", { method: "PATCH", body: { scope: "day", limits: { usd: 0.1 } } });
  await report(id, { ...DIME, requestId: "r1" });
  await t.sessions.stopsFinished();
  const resume = <Answer>(body: ResumeRequest, status: number): Promise<Answer> =>
    call(`/api/sessions/${id}/resume`, { method: "POST", body, status });
  const own = { budget: { usd: 5 } };
  const refused = await resume<{ error: { message: string } }>({}, 409);
  assert.match(refused.error.message, /this conversation is used up.*, and the budget for today is used up/);
  await resume({ ...own, above: [{ scope: "day", limits: { usd: -1 } }] }, 400);
  await resume({ ...own, above: [{ scope: "repository", limits: { usd: 1 } }] }, 400);
  const resumed = await resume<SessionView>({ ...own, above: [{ scope: "day", limits: { usd: 2 } }] }, 201);
  assert.deepEqual([resumed.lifecycle, resumed.conversationId], ["running", conversationId]);
  assert.deepEqual(resumed.budgets?.map(({ limit }) => limit), [2e9, 5e9]);
});

test("the ledger is paged, sorted, searched and downloaded", async (page) => {
  const { t, call, report } = page;
  const { id } = await launch(page);
  await report(
    id,
    ...[3, 1, 2].map((output) => ({ output, requestId: `r${output}`, model: `claude-opus-4-${output + 4}` })),
  );
  const list = (query: string): Promise<Page<LedgerRow>> => call(`/api/sessions/${id}/ledger?${query}`);
  const first = await list("sort=tokens&order=desc&limit=2");
  const second = await list(`sort=tokens&order=desc&limit=2&cursor=${encodeURIComponent(first.next ?? "")}`);
  assert.deepEqual([...first.items, ...second.items].map(({ tokens }) => tokens.output), [3, 2, 1]);
  assert.equal(second.next, undefined);
  assert.equal((await list("q=opus-4-6")).items.length, 1);
  const headers = await t.signIn();
  const csv = await (await t.app.request(`${TEST_ORIGIN}/api/sessions/${id}/ledger.csv`, { headers })).text();
  assert.equal(csv.trimEnd().split("\r\n").length, 4);
  assert.match(csv, /^time,model,input_tokens/);
  const json = await (await t.app.request(`${TEST_ORIGIN}/api/sessions/${id}/ledger.json`, { headers }))
    .json();
  assert.equal(json.length, 3);
  for (const cursor of ["x", "[1]", '{"a":1}', "[null,1]"]) {
    await call(`/api/sessions/${id}/ledger?cursor=${encodeURIComponent(cursor)}`, { status: 400 });
  }
});

test("prices of the settings win, and re-pricing shows before and after", async (page) => {
  const { t, call, report } = page;
  const { id } = await launch(page);
  await report(id, { ...DIME, requestId: "r1" }, { output: 1000, requestId: "r2", model: "my-own-model" });
  assert.equal(t.sessions.get(id).usage?.unpricedCalls, 1);
  const prices = { models: { "my-own-model": { inputPer1M: 1, outputPer1M: 2 } } };
  await call<FleetSettings>("/api/settings/fleet", { method: "PATCH", body: { prices } });
  const view = await call<PricesView>("/api/prices");
  assert.deepEqual(view.places.map(({ name, state }) => [name, state]), [
    ["PRICING_API_URL", "unused"],
    ["PRICING_JSON", "unused"],
    ["PRICING_JSON_PATH", "unused"],
    ["settings", "in_use"],
  ]);
  const reprice = (apply: boolean): Promise<RepriceResult> =>
    call("/api/prices/reprice", { method: "POST", body: { apply } });
  const preview = await reprice(false);
  assert.deepEqual([preview.changedCalls, preview.beforeNanoUsd, preview.afterNanoUsd], [
    1,
    100_000_000 + 15_000_000,
    100_000_000 + 2_000_000,
  ]);
  assert.equal(t.sessions.get(id).usage?.costNanoUsd, preview.beforeNanoUsd);
  await reprice(true);
  assert.equal(t.sessions.get(id).usage?.costNanoUsd, preview.afterNanoUsd);
  assert.equal(t.sessions.get(id).usage?.unpricedCalls, 0);
  assert.deepEqual(t.store.ledger.check().problems, []);
  assert.equal((await reprice(true)).changedCalls, 0);
});

test("a summary of the only session, which has ended, warns of the day's budget too", async (page) => {
  const { t, call } = page;
  const { id } = await launch(page);
  t.holder.exit(id);
  await call("/api/budgets", { method: "PATCH", body: { scope: "day", limits: { usd: 0.1 } } });
  const session = t.store.sessions.get(id);
  assert.ok(session);
  const summaries = new SummaryMoney({
    table: t.store.ledger,
    prices: () => t.rooms.prices.book,
    pricesReady: () => t.rooms.prices.ready(),
    budgets: t.rooms.money.budgets,
    changed: (sessionId) => t.rooms.money.rowsChanged(sessionId),
    now: () => 1_800_000_000_000,
  });
  const atMs = 1_800_000_000_000;
  await t.rooms.prices.ready();
  const made = {
    source: "gateway",
    confidence: "exact",
    model: "claude-opus-4-5",
    atMs,
    reasoning: 0,
  } as const;
  summaries.record(session, { key: "s1", call: { ...NO_TOKENS, ...made, output: 3500 } });
  const { items } = await call<Page<Notice>>("/api/notices");
  assert.deepEqual(items.map(({ kind, budget }) => [kind, budget?.scope]), [["budget_warning", "day"]]);
});

test("notices stay until they are seen", async (page) => {
  const { call, report } = page;
  const { id } = await launch(page, { budget: { usd: 0.12 } });
  await report(id, { ...DIME, requestId: "r1" });
  const [notice] = (await call<Page<Notice>>("/api/notices")).items;
  assert.equal(notice?.seen, false);
  await call("/api/notices/seen", { method: "POST", body: { upTo: notice?.id } });
  assert.equal((await call<Page<Notice>>("/api/notices")).items[0]?.seen, true);
});

test("what a deleted session has spent stays spent", async (page) => {
  const { t, call, report } = page;
  const { id } = await launch(page);
  await report(id, { ...DIME, requestId: "r1" });
  t.holder.exit(id);
  await t.rooms.metering.finished();
  await call(`/api/sessions/${id}`, { method: "DELETE" });
  assert.deepEqual((await call<BudgetList>("/api/budgets")).items.map(({ spent }) => spent.nanoUsd), [
    100_000_000,
    100_000_000,
    100_000_000,
  ]);
  await call(`/api/sessions/${id}/ledger`, { status: 404 });
});
