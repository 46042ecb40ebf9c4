import assert from "node:assert/strict";
import type { BudgetView, SummaryView } from "../../protocol.ts";
import type { Reply } from "../../testing/fake_models.ts";
import { changeOf, SESSION, SESSION_ID, SummaryScene } from "../../testing/summary_scene.ts";

const GOOD: Reply = { text: '{"title":"Fixes the parser","summary":"The parser was fixed. Tests pass."}' };
const CLAUDE_KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789";

interface SceneOptions {
  replies: Reply[];
  environment?: Record<string, string>;
  timeoutMs?: number;
}

async function withScene(options: SceneOptions, run: (scene: SummaryScene) => Promise<void>): Promise<void> {
  const scene = new SummaryScene(options);
  try {
    await run(scene);
  } finally {
    await scene.close();
  }
}

/** Makes one and answers it. */
async function make(scene: SummaryScene, request: { preview?: string } = {}): Promise<SummaryView> {
  scene.desk.generate(SESSION_ID, request);
  await scene.desk.finished();
  const [newest] = scene.desk.list(SESSION_ID).items;
  assert.ok(newest);
  return newest;
}

Deno.test("a summary is made by LiteLLM, kept, paid for and told", () =>
  withScene({ replies: [{ ...GOOD, cached: 200, costUsd: 0.5 }] }, async (scene) => {
    const summary = await make(scene);
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
  const scene = new SummaryScene({ replies: [GOOD], environment: {} });
  assert.match(scene.desk.list(SESSION_ID).setup ?? "", /LITELLM_BASE_URL.*ANTHROPIC_API_KEY/);
  assert.throws(() => scene.desk.generate(SESSION_ID), /No model is set up/);
  const environment = {
    ANTHROPIC_API_KEY: CLAUDE_KEY,
    ANTHROPIC_BASE_URL: scene.models.url,
    ANTHROPIC_AUTH_TOKEN: "not-ours-to-send",
  };
  await withScene({ replies: [], environment }, async (claude) => {
    const summary = await make(claude);
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

Deno.test("what leaves the machine is what was shown, byte by byte, without keys and escape sequences", () =>
  withScene({ replies: [GOOD] }, async (scene) => {
    const password = "hunter2hunter2";
    scene.session = { ...SESSION, command: "claude --api-key sk-proj-abcdefghijklmnop0123456789" };
    scene.inputs = [
      "\\e[200~use \\e[31mAKIAIOSFODNN7EXAMPLE\\e[0m\\e[201~\\r",
      "\\e[<0;10;10Mexport DB_PASSWORD=" + password + "\\r",
      "my proxy key is sk-1234, oops\\x7f\\x7f\\x7f\\x7f\\r [12 bytes typed without echo]",
    ];
    const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----";
    scene.files = [
      {
        change: changeOf("src/\u202eparser.ts"),
        patch: `@@ -1 +1,4 @@\n-old\n+new\n+${pem.replaceAll("\n", "\n+")}\n`,
      },
      { change: changeOf(".env"), patch: "+PLAIN_VALUE_THAT_NO_PATTERN_KNOWS\n" },
      { change: changeOf("deno.lock", { generated: true }), patch: "+locked\n" },
    ];
    scene.screen =
      "\u001b[2J\u001b]0;title\u0007done \u001b[32mghp_abcdefghijklmnopqrstuvwxyz0123456789\u001b[0m\u0007";
    const preview = await scene.desk.preview(SESSION_ID);
    await make(scene, { preview: preview.id });
    const [question] = scene.models.questions;
    const { messages, ...rest } = JSON.parse(question?.body ?? "");
    assert.deepEqual(rest, { model: "gpt-4.1-nano", max_tokens: 1000 });
    assert.deepEqual(messages.map(({ role }: { role: string }) => role), ["system", "user"]);
    const dots = (count: number): string => "•".repeat(count);
    const user = [
      "## Session",
      "Program: the coding agent claude",
      `Command: claude --api-key ${dots(34)}`,
      "Repository: repo, branch main",
      "End: it is still running",
      "",
      "## Typed by the user",
      `use ${dots(20)}`,
      `export DB_PASSWORD=${dots(14)}`,
      `my proxy key is ${dots(7)}, `,
      "",
      "## Changed files",
      "M src/parser.ts (+1 -1)",
      "M .env (+1 -1)",
      "M deno.lock (+1 -1)",
      "",
      "## Diff",
      "@@ -1 +1,4 @@",
      "-old",
      "+new",
      "+-----BEGIN PRIVATE KEY-----",
      `+${dots(32)}`,
      "+-----END PRIVATE KEY-----",
      "",
      "",
      "## Last screen",
      `done ${dots(40)}`,
      "",
    ].join("\n").replace(", \n", ",\n");
    assert.equal(messages[1].content, user);
    assert.equal(preview.text, `${messages[0].content}\n\n${user}`);
    assert.equal(preview.bytes, new TextEncoder().encode(preview.text).length);
    assert.equal(preview.maskedSecrets, 6);
    // The whole body, escapes and headers included: nothing hidden is in any of it.
    const wire = question?.body ?? "";
    for (const secret of ["AKIA", password, "MIIE", "ghp_", "sk-proj", "sk-1234", "PLAIN_VALUE", "locked"]) {
      assert.equal(wire.includes(secret), false, secret);
    }
    assert.doesNotMatch(wire, /\\u00(?!a0)|\\u202e|\\e|\[31m|200~/);
    assert.equal(new TextEncoder().encode(wire).length < 4000, true);
  }));

Deno.test("long input is cut after it was masked, and says so", () =>
  withScene({ replies: [GOOD] }, async (scene) => {
    const key = "sk-ant-api03-" + "a1B2".repeat(10);
    scene.inputs = Array.from({ length: 300 }, (_, line) => `line ${line} ${key}\\r`);
    scene.files = [{ change: changeOf("a.ts"), patch: `+${key}\n`.repeat(5000) }];
    scene.screen = `${key}\n`.repeat(1000);
    const preview = await scene.desk.preview(SESSION_ID);
    assert.deepEqual(preview.parts.map(({ name, shortened }) => [name, shortened]), [
      ["Session", false],
      ["Typed by the user", true],
      ["Changed files", false],
      ["Diff", true],
      ["Last screen", true],
    ]);
    assert.match(preview.text, /line 0 •+\n/);
    assert.match(preview.text, /line 299 •+\n/);
    assert.doesNotMatch(preview.text, /a1B2|sk-ant/);
    assert.ok(preview.bytes < 64 * 1024, `${preview.bytes}`);
  }));

Deno.test("an answer of no use is asked for again, once, and both are paid for", () =>
  withScene({
    replies: [{ text: "Sure! Here is your summary." }, {
      text: "```json\n" + ("text" in GOOD ? GOOD.text : "") + "\n```",
    }],
  }, async (scene) => {
    const summary = await make(scene);
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
    const summary = await make(scene);
    assert.equal(summary.state, "failed");
    assert.match(summary.error ?? "", /did not answer as it was asked to, twice/);
    assert.equal(summary.calls, 2);
    assert.deepEqual(scene.titles, []);
    assert.equal(scene.store.ledger.check().rows, 2);
  }));

Deno.test("an answer without usage is counted by its bytes, and says that it is an estimate", () =>
  withScene({ replies: [{ ...GOOD, withoutUsage: true }] }, async (scene) => {
    const summary = await make(scene);
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
    withScene({ replies: [reply, GOOD] }, async (scene) => {
      const failed = await make(scene);
      assert.equal(failed.state, "failed");
      assert.match(failed.error ?? "", words);
      assert.doesNotMatch(failed.error ?? "", /sk-1234/);
      assert.equal(failed.costNanoUsd, 0);
      assert.equal((await make(scene)).state, "done");
      assert.equal(scene.desk.list(SESSION_ID).items.length, 2);
    }));
}

Deno.test("a provider that does not answer is given up after a while", () =>
  withScene({ replies: [{ hang: true }], timeoutMs: 200 }, async (scene) => {
    assert.match((await make(scene)).error ?? "", /did not answer within 0\.2 s/);
  }));

Deno.test("a provider that is not there is said in words", () =>
  withScene({ replies: [], environment: { LITELLM_BASE_URL: "http://127.0.0.1:1" } }, async (scene) => {
    assert.match((await make(scene)).error ?? "", /127\.0\.0\.1:1 cannot be reached/);
  }));

Deno.test("one is made at a time, and can be given up", () =>
  withScene({ replies: [{ hang: true }] }, async (scene) => {
    const hangs = scene.models.hangs();
    assert.ok(scene.desk.generate(SESSION_ID).generating);
    assert.throws(() => scene.desk.generate(SESSION_ID), /is being made/);
    await hangs;
    const { items, generating } = await scene.desk.cancel(SESSION_ID);
    assert.deepEqual({ items, generating }, { items: [], generating: undefined });
  }));

Deno.test("a used up budget of the fleet refuses before anything is sent", () =>
  withScene({ replies: [GOOD] }, async (scene) => {
    const line = { budgetId: "day", scope: "day", name: "today", unit: "usd", rules: true } as const;
    const day: BudgetView = {
      id: "day",
      scope: "day",
      name: "today",
      limits: { usd: 1, tokens: null },
      spent: { nanoUsd: 1e9, tokens: 0 },
      lines: [{ ...line, limit: 1e9, used: 1e9, remaining: 0, fraction: 1 }],
    };
    scene.budgets = [day];
    assert.match((await scene.desk.preview(SESSION_ID)).refused ?? "", /budget of today is used up/);
    assert.match((await make(scene)).error ?? "", /budget of today is used up/);
    assert.deepEqual(scene.models.received, []);
  }));

Deno.test("what was shown must still be known", () =>
  withScene({ replies: [GOOD] }, async (scene) => {
    const first = await scene.desk.preview(SESSION_ID);
    await scene.desk.preview(SESSION_ID);
    assert.throws(() => scene.desk.generate(SESSION_ID, { preview: first.id }), /look at it again/);
  }));

Deno.test("a session that left nothing is not summed up", () =>
  withScene({ replies: [GOOD] }, async (scene) => {
    scene.inputs = ["\\e[A", "[3 bytes typed without echo]"];
    scene.screen = " \n";
    await assert.rejects(scene.desk.preview(SESSION_ID), /nothing to sum up/);
    scene.settings = { ...scene.settings, summaryAtEnd: true };
    scene.desk.sessionChanged({ ...SESSION, lifecycle: "ended" });
    await scene.desk.finished();
    assert.deepEqual(scene.desk.list(SESSION_ID).items, []);
  }));

Deno.test("at its end a session is summed up once, after its last snapshot, if the setting says so", () =>
  withScene({ replies: [GOOD] }, async (scene) => {
    const ended = { ...SESSION, lifecycle: "ended" } as const;
    scene.desk.sessionChanged(SESSION);
    scene.desk.sessionChanged(ended);
    await scene.desk.finished();
    assert.deepEqual(scene.desk.list(SESSION_ID).items, []);
    scene.settings = { ...scene.settings, summaryAtEnd: true };
    let snapshotsAreTaken = (): void => {};
    scene.snapshotsFinished = () => new Promise((resolve) => snapshotsAreTaken = resolve);
    scene.desk.sessionChanged(SESSION);
    scene.desk.sessionChanged(ended);
    scene.desk.sessionChanged(ended);
    assert.deepEqual(scene.models.received, []);
    snapshotsAreTaken();
    await scene.desk.finished();
    const { items } = scene.desk.list(SESSION_ID);
    assert.deepEqual(items.map(({ state, trigger }) => [state, trigger]), [["done", "end"]]);
    assert.equal(scene.models.questions.length, 1);
  }));

Deno.test("a failure at the end is a note on the list", () =>
  withScene({ replies: [], environment: {} }, async (scene) => {
    scene.settings = { ...scene.settings, summaryAtEnd: true };
    scene.desk.sessionChanged({ ...SESSION, lifecycle: "ended" });
    await scene.desk.finished();
    const [note] = scene.desk.list(SESSION_ID).items;
    assert.equal(note?.trigger, "end");
    assert.match(note?.error ?? "", /No model is set up/);
  }));

Deno.test("models are those that the provider lists", () =>
  withScene({ replies: [] }, async (scene) => {
    assert.deepEqual(await scene.desk.targets.listModels("litellm"), ["gpt-4.1-nano", "gpt-fake"]);
    await assert.rejects(scene.desk.targets.listModels("claude"), /ANTHROPIC_API_KEY/);
  }));
