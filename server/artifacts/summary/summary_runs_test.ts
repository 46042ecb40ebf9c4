import assert from "node:assert/strict";
import type { Reply } from "../../testing/fake_models.ts";
import { GOOD_REPLY, makeSummary, SESSION_ID, SummaryScene, withScene } from "../../testing/summary_scene.ts";

const CLAUDE_KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789";

Deno.test("a summary is made by LiteLLM, kept, paid for and told", () =>
  withScene({ replies: [{ ...GOOD_REPLY, cached: 200, costUsd: 0.5 }] }, async (scene) => {
    const summary = await makeSummary(scene);
    assert.equal(summary.title, "Fixes the parser");
    assert.equal(summary.text, "The parser was fixed. Tests pass.");
    assert.equal(summary.host, scene.models.host);
    assert.deepEqual(summary.tokens, { input: 1000, output: 50 });
    // $0.10, $0.025 and $0.40 per million tokens.
    assert.equal(summary.costNanoUsd, 800 * 100 + 200 * 25 + 50 * 400);
    assert.deepEqual(scene.titles, ["Fixes the parser"]);
    const [row] = scene.store.ledger.list(SESSION_ID, { sort: "time", order: "asc", limit: 5 }).items;
    assert.equal(row?.kind, "summary");
    assert.equal(row?.requestId, "req_litellm_1");
    assert.equal(row?.reportedCostNanoUsd, 500_000_000);
    assert.deepEqual(scene.store.ledger.check(), { rows: 1, problems: [] });
    const told = scene.messages.filter(({ type }) => type === "summaries");
    assert.equal(told.length, 2);
    assert.ok("generating" in (told[0] ?? {}) && !("generating" in (told[1] ?? {})));
    const [question] = scene.models.questions;
    assert.equal(question?.path, "/v1/chat/completions");
    assert.equal(question?.headers["authorization"], "Bearer sk-1234");
    assert.equal(question?.headers["user-agent"], "agents-fleet");
    assert.equal(Object.keys(question?.headers ?? {}).some((name) => name.startsWith("x-stainless")), false);
  }));

Deno.test("the Claude API makes it where LiteLLM is not set up, or the setting says so", async () => {
  const scene = new SummaryScene({ replies: [GOOD_REPLY], environment: {} });
  assert.match(scene.desk.list(SESSION_ID).setup ?? "", /LITELLM_BASE_URL.*ANTHROPIC_API_KEY/);
  assert.throws(() => scene.desk.generate(SESSION_ID), /No model is set up/);
  const environment = {
    ANTHROPIC_API_KEY: CLAUDE_KEY,
    ANTHROPIC_BASE_URL: scene.models.url,
    ANTHROPIC_AUTH_TOKEN: "not-ours-to-send",
  };
  await withScene({ replies: [], environment }, async (claude) => {
    const summary = await makeSummary(claude);
    assert.equal(summary.provider, "claude");
    assert.equal(summary.model, "claude-haiku-4-5");
    const [question] = scene.models.questions;
    assert.equal(question?.path, "/v1/messages");
    const { "x-api-key": header, authorization } = question?.headers ?? {};
    assert.equal(header ?? authorization?.replace("Bearer ", ""), CLAUDE_KEY);
    assert.equal(JSON.stringify(question).includes("not-ours-to-send"), false);
  });
  await scene.close();
});

Deno.test("an answer of no use is asked for again, once, and both are paid for", () =>
  withScene({
    replies: [{ text: "Sure! Here is your summary." }, {
      text: "```json\n" + ("text" in GOOD_REPLY ? GOOD_REPLY.text : "") + "\n```",
    }],
  }, async (scene) => {
    const summary = await makeSummary(scene);
    assert.equal(summary.state, "done");
    assert.equal(summary.calls, 2);
    assert.deepEqual(summary.tokens, { input: 2000, output: 100 });
    assert.equal(scene.store.ledger.check().rows, 2);
    const { messages } = JSON.parse(scene.models.questions[1]?.body ?? "");
    assert.deepEqual(messages.map(({ role }: { role: string }) => role), [
      "system",
      "user",
      "assistant",
      "user",
    ]);
    assert.match(messages[3].content, /cannot be used: it is not JSON/);
  }));

Deno.test("two answers of no use are a failure that is kept, paid for, and leaves the title alone", () =>
  withScene({ replies: [{ text: "no" }, { text: "" }] }, async (scene) => {
    const summary = await makeSummary(scene);
    assert.equal(summary.state, "failed");
    assert.match(summary.error ?? "", /did not answer as it was asked to, twice/);
    assert.equal(summary.calls, 2);
    assert.deepEqual(scene.titles, []);
    assert.equal(scene.store.ledger.check().rows, 2);
  }));

Deno.test("an answer without usage is counted by its bytes, and says that it is an estimate", () =>
  withScene({ replies: [{ ...GOOD_REPLY, withoutUsage: true }] }, async (scene) => {
    const summary = await makeSummary(scene);
    assert.ok(summary.tokens.input > 0 && summary.tokens.output > 0);
    const [row] = scene.store.ledger.list(SESSION_ID, { sort: "time", order: "asc", limit: 5 }).items;
    assert.equal(row?.confidence, "estimated");
  }));

const FAILURES: [name: string, reply: Reply, words: RegExp][] = [
  [
    "a refused key",
    { status: 401, body: '{"error":{"message":"bad key sk-1234"}}' },
    /does not take the key \(401\): check LITELLM_API_KEY/,
  ],
  ["an unknown model", { status: 404, body: "{}" }, /does not know the model "gpt-4.1-nano"/],
  ["a limit of theirs", { status: 429, body: "{}" }, /takes no more requests/],
  [
    "an error that repeats our key",
    { status: 500, body: '{"error":{"message":"upstream died with sk-1234"}}' },
    /status 500: .*upstream died with •••••••/,
  ],
  [
    "a redirect",
    { status: 307, headers: { location: "https://example.com/v1/chat/completions" } },
    /redirect \(307\): it is not followed/,
  ],
  [
    "something else",
    { status: 200, body: "<html>", headers: { "content-type": "text/html" } },
    /something else than this API does/,
  ],
  ["an empty answer", {
    status: 200,
    body: '{"choices":[]}',
    headers: { "content-type": "application/json" },
  }, /something else than this API does/],
  [
    "an answer without an end",
    {
      status: 200,
      body: `{"a":"${"x".repeat(3 * 1024 * 1024)}"}`,
      headers: { "content-type": "application/json" },
    },
    /sent more than any answer has/,
  ],
];

for (const [name, reply, words] of FAILURES) {
  Deno.test(`${name} is said in words, and the next attempt works`, () =>
    withScene({ replies: [reply, GOOD_REPLY] }, async (scene) => {
      const failed = await makeSummary(scene);
      assert.equal(failed.state, "failed");
      assert.match(failed.error ?? "", words);
      assert.doesNotMatch(failed.error ?? "", /sk-1234/);
      assert.equal(failed.costNanoUsd, 0);
      assert.equal((await makeSummary(scene)).state, "done");
      assert.equal(scene.desk.list(SESSION_ID).items.length, 2);
    }));
}

Deno.test("a provider that does not answer is given up after a while", () =>
  withScene({ replies: [{ hang: true }], timeoutMs: 200 }, async (scene) => {
    assert.match((await makeSummary(scene)).error ?? "", /did not answer within 0\.2 s/);
  }));

Deno.test("a provider that is not there is said in words", () =>
  withScene({ replies: [], environment: { LITELLM_BASE_URL: "http://127.0.0.1:1" } }, async (scene) => {
    assert.match((await makeSummary(scene)).error ?? "", /127\.0\.0\.1:1 cannot be reached/);
  }));
