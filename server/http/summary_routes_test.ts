import assert from "node:assert/strict";
import type {
  BudgetList,
  LedgerRow,
  Page,
  SessionEvent,
  SessionView,
  SummaryList,
  SummaryPreview,
  SummarySettings,
} from "../protocol.ts";
import { FakeModels } from "../testing/fake_models.ts";
import { createTestApp, test, type TestApp, type TestPage } from "../testing/test_app.ts";

const GOOD = { text: '{"title":"Fixes the parser","summary":"It works now."}' };
const KEY = `sk-ant-api03-${"aB3dE6gH9k".repeat(4)}`;

/** An application with a LiteLLM proxy behind it. */
async function withModels(work: (t: TestApp, models: FakeModels) => Promise<void>): Promise<void> {
  const models = FakeModels.start(GOOD);
  const t = await createTestApp({
    environment: { LITELLM_BASE_URL: models.url, LITELLM_API_KEY: "sk-1234" },
  });
  try {
    await work(t, models);
  } finally {
    await t.close();
    await models.close();
  }
}

/** A running session in which something was typed. */
async function launch(t: TestApp, page: TestPage): Promise<SessionView> {
  const session = await page.call<SessionView>("/api/sessions", {
    method: "POST",
    body: { cwd: t.directory, command: "cat" },
    status: 201,
  });
  await t.sessions.write(session.id, new TextEncoder().encode(`token is ${KEY}\r`));
  return session;
}

Deno.test("a summary goes through the routes: preview, made as shown, title, search, cost beside the session's", () =>
  withModels(async (t, models) => {
    const page = await t.openPage();
    const { id } = await launch(t, page);
    const path = `/api/sessions/${id}/summaries`;
    const preview = await page.call<SummaryPreview>(`${path}/preview`);
    assert.equal(preview.host, models.host);
    assert.equal(preview.maskedSecrets, 1);
    assert.ok(!preview.text.includes(KEY));
    const begun = await page.call<SummaryList>(path, {
      method: "POST",
      body: { preview: preview.id },
      status: 202,
    });
    assert.equal(begun.generating?.model, "gpt-4.1-nano");
    await t.rooms.summaries.finished();
    const { items, provider } = await page.call<SummaryList>(path);
    assert.equal(items[0]?.title, "Fixes the parser");
    assert.equal(provider?.host, models.host);
    const session = await page.call<SessionView>(`/api/sessions/${id}`);
    assert.equal(session.aiTitle, "Fixes the parser");
    assert.equal(session.usage, undefined);
    assert.equal(session.summaryCostNanoUsd, items[0]?.costNanoUsd);
    const found = await page.call<Page<SessionView>>("/api/sessions?q=parser");
    assert.equal(found.items.length, 1);
    const ledger = await page.call<Page<LedgerRow>>(`/api/sessions/${id}/ledger`);
    assert.deepEqual(ledger.items.map(({ kind }) => kind), ["summary"]);
    const budgets = await page.call<BudgetList>(`/api/budgets?sessionId=${id}`);
    const spent = Object.fromEntries(budgets.items.map(({ scope, spent }) => [scope, spent.nanoUsd]));
    const cost = items[0]?.costNanoUsd;
    assert.deepEqual(spent, { day: cost, week: cost, month: cost, conversation: 0 });
    assert.deepEqual(t.store.ledger.check().problems, []);
    const artifacts = await page.call<Page<{ id: string; kind: string }>>(
      `/api/sessions/${id}/artifacts?kind=summary`,
    );
    assert.equal(artifacts.items.length, 1);
    await page.call(`/api/sessions/${id}`, { method: "PATCH", body: { title: "Mine" } });
    await page.call(path, { method: "POST", body: {}, status: 202 });
    await t.rooms.summaries.finished();
    assert.equal((await page.call<SessionView>(`/api/sessions/${id}`)).title, "Mine");
  }));

Deno.test("a used up day budget refuses a summary through the routes", () =>
  withModels(async (t, models) => {
    const page = await t.openPage();
    const { id } = await launch(t, page);
    await page.call("/api/budgets", { method: "PATCH", body: { scope: "day", limits: { usd: 0.0000001 } } });
    await page.call(`/api/sessions/${id}/summaries`, { method: "POST", body: {}, status: 202 });
    await t.rooms.summaries.finished();
    const { items } = await page.call<SummaryList>(`/api/sessions/${id}/summaries`);
    assert.match(items[0]?.error ?? "", /A summary may take up to .* today has/);
    assert.equal(models.questions.length, 0);
  }));

test("without a provider the list says how to set one up, and settings are checked", async (t) => {
  const page = await t.openPage();
  const { id } = await launch(t, page);
  const list = await page.call<SummaryList>(`/api/sessions/${id}/summaries`);
  assert.match(list.setup ?? "", /LITELLM_BASE_URL/);
  const refused = await page.request(`/api/sessions/${id}/summaries`, { method: "POST", body: {} });
  assert.equal(refused.status, 409);
  assert.deepEqual(await page.call<SummarySettings>("/api/summaries/settings"), {
    summaryProvider: "auto",
    summaryLitellmModel: "gpt-4.1-nano",
    summaryClaudeModel: "claude-haiku-4-5",
    summaryAtEnd: false,
  });
  for (
    const body of [{ summaryLitellmModel: "" }, { summaryLitellmModel: "a b" }, { summaryProvider: "x" }, {
      url: "y",
    }]
  ) {
    const answer = await page.request("/api/summaries/settings", { method: "PATCH", body });
    assert.equal(answer.status, 400);
  }
  assert.equal((await page.request("/api/summaries/models?provider=litellm")).status, 503);
  const none = "00000000-0000-7000-8000-ffffffffffff";
  for (const path of ["", "/preview"]) {
    assert.equal((await page.request(`/api/sessions/${none}/summaries${path}`)).status, 404);
  }
});

test("what was typed is masked where it looks like a key, and shown on request", async (t) => {
  const page = await t.openPage();
  const { id } = await launch(t, page);
  const typed = async (query: string): Promise<SessionEvent | undefined> => {
    const { items } = await page.call<Page<SessionEvent>>(`/api/sessions/${id}/events${query}`);
    return items.find(({ kind }) => kind === "input");
  };
  const masked = await typed("");
  assert.equal(masked?.text, `token is ${"•".repeat(KEY.length)}\\r`);
  assert.equal(masked?.secrets, 1);
  const shown = await typed("?secrets=show");
  assert.equal(shown?.text, `token is ${KEY}\\r`);
  assert.equal((await page.request(`/api/sessions/${id}/events?secrets=yes`)).status, 400);
});
