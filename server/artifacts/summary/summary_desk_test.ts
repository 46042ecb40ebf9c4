import assert from "node:assert/strict";
import type { BudgetView } from "../../protocol.ts";
import {
  changeOf,
  GOOD_REPLY,
  makeSummary,
  SESSION,
  SESSION_ID,
  withScene,
} from "../../testing/summary_scene.ts";

Deno.test("what leaves the machine is what was shown, byte by byte, without keys and escape sequences", () =>
  withScene({ replies: [GOOD_REPLY] }, async (scene) => {
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
    await makeSummary(scene, { preview: preview.id });
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
  withScene({ replies: [GOOD_REPLY] }, async (scene) => {
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
  withScene({ replies: [GOOD_REPLY] }, async (scene) => {
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
    assert.match((await makeSummary(scene)).error ?? "", /budget of today is used up/);
    assert.deepEqual(scene.models.received, []);
  }));

Deno.test("what was shown must still be known", () =>
  withScene({ replies: [GOOD_REPLY] }, async (scene) => {
    const first = await scene.desk.preview(SESSION_ID);
    await scene.desk.preview(SESSION_ID);
    assert.throws(() => scene.desk.generate(SESSION_ID, { preview: first.id }), /look at it again/);
  }));

Deno.test("a session that left nothing is not summed up", () =>
  withScene({ replies: [GOOD_REPLY] }, async (scene) => {
    scene.inputs = ["\\e[A", "[3 bytes typed without echo]"];
    scene.screen = " \n";
    await assert.rejects(scene.desk.preview(SESSION_ID), /nothing to sum up/);
    scene.settings = { ...scene.settings, summaryAtEnd: true };
    scene.desk.sessionChanged({ ...SESSION, lifecycle: "ended" });
    await scene.desk.finished();
    assert.deepEqual(scene.desk.list(SESSION_ID).items, []);
  }));

Deno.test("at its end a session is summed up once, after its last snapshot, if the setting says so", () =>
  withScene({ replies: [GOOD_REPLY] }, async (scene) => {
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
