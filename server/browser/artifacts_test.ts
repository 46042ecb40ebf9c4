// What a session leaves, as the page shows it: live, by address, as a file, and where it happened.
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import type { ArtifactView, Page } from "../protocol.ts";
import type { ApiClient } from "../testing/api_client.ts";
import { Emitter } from "./emitter.ts";
import { browserTest, signIn, type Tab, until } from "./harness.ts";

const KEY = `sk-ant-api03-${"aB3dE6gH9k".repeat(9)}`;

function rows(tab: Tab, kind: string): Locator {
  return tab.page.locator(`[data-testid=artifact][data-kind=${kind}]`);
}

browserTest("what a session leaves appears as it happens, opens by address, and downloads", async (scene) => {
  const program = await scene.start();
  const api = await signIn(program);
  const emitter = new Emitter(scene.workDirectory);
  const { id } = await emitter.launch(api);
  const terminal = await api.openTerminal(id);
  const tab = await scene.open(program, { path: `/s/${id}/artifacts` });
  await rows(tab, "marker").getByText("Started").waitFor();

  await emitter.emit("\x07\x1b]9;Build \x1b\\");
  await emitter.emit(
    `\x1b]777;notify;Tests;all pass\x07\x1b]52;c;${btoa(`export ANTHROPIC_API_KEY=${KEY}`)}\x07`,
  );
  await rows(tab, "notification").getByText("Build").waitFor();
  await rows(tab, "notification").getByText("Tests: all pass").waitFor();
  await rows(tab, "clipboard").getByText("export ANTHROPIC_API_KEY=•••").waitFor();
  terminal.type("make it so\r");
  await rows(tab, "input").getByText("make it so").waitFor();
  assert.ok(!(await tab.page.content()).includes(KEY), "lists have no secrets");

  await rows(tab, "clipboard").locator(".artifact-head").click();
  await tab.get("artifact-content").getByText("•••").waitFor();
  const address = tab.page.url();
  assert.match(address, /\/artifacts\/event-\d+$/);
  const second = await tab.openSecond(address);
  await second.get("artifact-secrets").click();
  await second.get("artifact-content").getByText(KEY).waitFor();
  const [download] = await Promise.all([
    second.page.waitForEvent("download"),
    second.get("artifact-download-text").click(),
  ]);
  assert.match(download.suggestedFilename(), /^event-\d+-.*\.txt$/);
  assert.ok((await Deno.readTextFile(await download.path())).includes(KEY));
  await second.get("artifact-terminal").click();
  await second.page.waitForURL(/\/s\/[^/]+\?at=\d+$/);

  await tab.show();
  await api.call(`/api/sessions/${id}/stop`, { method: "POST", body: {} });
  await rows(tab, "end").getByText("You stopped it").waitFor();
  await rows(tab, "end").getByText("Program ended").waitFor();
  assert.equal(await tab.get("artifact-content").count(), 1, "what is open stays open");
  await terminal.close();
});

browserTest(
  "of a flood of notices a few are listed, and how many there were; kinds and words find",
  async (scene) => {
    const program = await scene.start();
    const api = await signIn(program);
    const emitter = new Emitter(scene.workDirectory);
    const { id } = await emitter.launch(api);
    await emitter.emit(Array.from({ length: 10_000 }, (_, index) => `\x1b]9;number ${index}\x07`).join(""));
    await emitter.end();
    await api.waitForEnd(id);
    const tab = await scene.open(program, { path: `/s/${id}/artifacts` });
    await tab.get("artifacts-notices").click();
    await rows(tab, "notification").getByText("more came too fast").first().waitFor();
    await untilAllCounted(api, id);
    assert.ok(await tab.get("artifact").count() < 30);
    await tab.get("artifacts-search").fill("NUMBER 19");
    await tab.get("artifact").nth(1).waitFor({ state: "detached" });
    await tab.get("artifact").getByText("number 19").waitFor();
    await tab.get("artifacts-search").fill("no such thing");
    await tab.page.getByText("Nothing matches").waitFor();
  },
);

/** Each of 10,000 notices was kept, or counted; how many times it was counted is up to the machine. */
async function untilAllCounted(api: ApiClient, id: string): Promise<void> {
  let counts: number[] = [];
  await until(async () => {
    const path = `/api/sessions/${id}/artifacts?kind=notification&limit=200`;
    const { items } = await api.call<Page<ArtifactView>>(path);
    counts = items.map(({ text }) => Number(/^([\d,]+) more/.exec(text)?.[1]?.replaceAll(",", "") ?? 1));
    return counts.reduce((sum, count) => sum + count, 0) === 10_000;
  }, () => `ten thousand; counted: ${counts}`);
}

browserTest("keys go from one to the next, open and close", async (scene) => {
  const program = await scene.start();
  const api = await signIn(program);
  const { id } = await api.launch({ cwd: scene.workDirectory, command: "echo done" });
  await api.waitForEnd(id);
  const tab = await scene.open(program, { path: `/s/${id}/artifacts` });
  const { keyboard } = tab.page;
  // The row may be there a moment before the keys are listened to: until then J goes to the list of sessions.
  await until(
    async () => {
      await rows(tab, "end").locator(".artifact-head").focus();
      await keyboard.press("j");
      return await rows(tab, "marker").locator(".artifact-head:focus").count() === 1;
    },
    () => "the focus on the start",
  );
  await keyboard.press("Enter");
  await tab.get("artifact-content").getByText("echo done").waitFor();
  await keyboard.press("k");
  await keyboard.press("Enter");
  await tab.get("artifact-content").getByText("exit code 0").waitFor();
  await keyboard.press("Escape");
  await tab.get("artifact-content").waitFor({ state: "detached" });
  assert.equal(new URL(tab.page.url()).pathname, `/s/${id}/artifacts`);
});
