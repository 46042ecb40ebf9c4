// A session's summary in a real browser: what is shown before it is sent, failures, history, and the title everywhere.
import assert from "node:assert/strict";
import { FakeModels, type Reply } from "../testing/fake_models.ts";
import type { SummarySettings } from "../protocol.ts";
import { findProblems } from "./axe_problems.ts";
import { browserTest, type Scene, signIn, type Tab, until } from "./harness.ts";

const KEY = `sk-ant-api03-${"aB3dE6gH9k".repeat(9)}`;

function answer(title: string): Reply {
  return { text: JSON.stringify({ title, summary: `${title}. It went well.` }) };
}

/** A session that ended, with a repository around it, in which something was typed and changed. */
async function leaveSomething(scene: Scene, env: Record<string, string>): Promise<{ tab: Tab; id: string }> {
  const { workDirectory: cwd } = scene;
  for (
    const args of [["init", "-q"], [
      "-c",
      "user.name=a",
      "-c",
      "user.email=a@b",
      "commit",
      "-q",
      "--allow-empty",
      "-m",
      "x",
    ]]
  ) {
    const { success } = await new Deno.Command("git", { args, cwd }).output();
    assert.ok(success);
  }
  const program = await scene.start({ env });
  const api = await signIn(program);
  const { id } = await api.launch({
    cwd,
    command: "sh -c 'read line; echo \"$line\" > notes.txt; echo written'",
  });
  const terminal = await api.openTerminal(id);
  terminal.type(`export API_KEY=${KEY}\r`);
  await api.waitForEnd(id);
  await terminal.close();
  const tab = await scene.open(program, { path: `/s/${id}/artifacts` });
  return { tab, id };
}

async function send(tab: Tab): Promise<void> {
  await tab.get("summary-generate").click();
  await tab.get("summary-send").and(tab.page.locator(":enabled")).click();
}

browserTest(
  "a summary is shown before it is sent, fails in words, is made anew and gives its title",
  async (scene) => {
    const models = FakeModels.start({ status: 500, body: '{"error":{"message":"out of order"}}' });
    const { tab, id } = await leaveSomething(scene, {
      LITELLM_BASE_URL: models.url,
      LITELLM_API_KEY: "sk-1234",
    });
    await tab.get("summary-generate").click();
    await tab.get("summary-facts").getByText(models.host).waitFor();
    await tab.get("summary-exact").click();
    const shown = await tab.get("summary-exact-text").textContent() ?? "";
    assert.match(shown, /export API_KEY=•{50}/);
    assert.match(shown, /notes\.txt/);
    assert.ok(!shown.includes("aB3dE6"));
    assert.equal(models.questions.length, 0, "nothing is sent before it was shown");
    assert.deepEqual(await findProblems(tab, "summary dialog"), []);
    await tab.get("summary-send").click();
    await tab.get("summary").getByText("out of order").waitFor();
    const { messages } = JSON.parse(models.questions[0]?.body ?? "");
    assert.equal(`${messages[0].content}\n\n${messages[1].content}`, shown);

    models.replies = [{ text: "not json" }, { text: "no json either" }];
    await send(tab);
    await tab.get("summary").getByText("did not answer as it was asked to, twice").waitFor();
    models.replies = [{ text: "not json" }, answer("Writes down a key")];
    await send(tab);
    await tab.get("summary-text").getByText("It went well.").waitFor();
    await tab.get("session-row").getByText("Writes down a key").waitFor();
    assert.equal(await tab.get("session-title").textContent(), "Writes down a key");
    models.replies = [answer("Keeps a secret in a file")];
    await send(tab);
    await tab.get("session-row").getByText("Keeps a secret in a file").waitFor();
    await tab.get("summary-history").locator("summary").click();
    await tab.get("summary-history").getByText("Writes down a key").first().waitFor();
    await tab.get("summary-history").getByText("out of order").waitFor();
    assert.deepEqual(await findProblems(tab, "summary"), []);

    await tab.page.goto(new URL("/", tab.page.url()).href);
    await tab.get("session-search").fill("secret in a file");
    await until(
      async () => await tab.get("session-row").count() === 1,
      () => "the session, found by its title",
    );
    await tab.get("session-search").fill("no such title");
    await until(async () => await tab.get("session-row").count() === 0, () => "nothing");
    await tab.page.keyboard.press("Control+K");
    await tab.get("palette-input").fill("keeps a secret");
    await tab.get("palette").getByText("Keeps a secret in a file").waitFor();
    await tab.page.keyboard.press("Escape");

    await tab.page.goto(new URL(`/s/${id}/ledger`, tab.page.url()).href);
    await tab.get("ledger-row").getByText("summary", { exact: true }).first().waitFor();
    await tab.get("ledger-summaries").waitFor();
    await models.close();
  },
);

browserTest(
  "a title given by hand stays; the Claude API makes one; what does not answer is given up",
  async (scene) => {
    const models = FakeModels.start({ hang: true });
    const { tab } = await leaveSomething(scene, {
      LITELLM_BASE_URL: "",
      ANTHROPIC_API_KEY: KEY,
      ANTHROPIC_BASE_URL: models.url,
    });
    await tab.get("session-title").dblclick();
    await tab.get("title-field").fill("My own title");
    await tab.get("title-field").press("Enter");
    await tab.get("session-row").getByText("My own title").waitFor();
    const hangs = models.hangs();
    await send(tab);
    await hangs;
    await tab.get("summary-cancel").click();
    await tab.get("summary-generate").waitFor();
    models.replies = [answer("Made by Claude")];
    await send(tab);
    await tab.get("summary-text").getByText("Made by Claude", { exact: true }).waitFor();
    assert.equal(models.questions.at(-1)?.path, "/v1/messages");
    assert.equal(await tab.get("session-title").textContent(), "My own title");
    await tab.get("session-row").getByText("My own title").waitFor();
    await models.close();
  },
);

browserTest(
  "without a model the page says how to set one up; settings choose it, its model and the end",
  async (scene) => {
    const models = FakeModels.start(answer("Made at the end"));
    const env = { LITELLM_BASE_URL: "", ANTHROPIC_API_KEY: "" };
    const { tab } = await leaveSomething(scene, env);
    await tab.get("summary-setup").getByText("Set LITELLM_BASE_URL").waitFor();
    await tab.get("summary-setup").getByRole("link").click();
    await tab.get("summary-settings").getByText("LiteLLM is not set up").waitFor();
    await scene.endPrograms();
    const program = await scene.start({ env: { ...env, LITELLM_BASE_URL: models.url } });
    const api = await signIn(program);
    const second = await scene.open(program, { path: "/settings/summaries" });
    await second.get("summary-model-litellm-list-button").click();
    await second.get("summary-settings").getByText("gpt-fake").waitFor();
    await second.get("summary-model-litellm").fill("gpt-fake");
    await second.get("summary-model-litellm").press("Enter");
    await second.get("summary-at-end").click();
    await until(async () => {
      const saved = await api.call<SummarySettings>("/api/summaries/settings");
      return saved.summaryAtEnd === true && saved.summaryLitellmModel === "gpt-fake";
    }, () => "saved settings");
    await api.launch({ cwd: scene.workDirectory, command: "echo something to sum up" });
    await second.page.goto(program.address);
    await second.get("session-row").getByText("Made at the end").waitFor();
    assert.equal(JSON.parse(models.questions[0]?.body ?? "").model, "gpt-fake");
    await models.close();
  },
);
