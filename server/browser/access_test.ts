// Who gets in: the printed address, a reload, a stranger, a pasted code.
import assert from "node:assert/strict";
import { browserTest } from "./harness.ts";

browserTest(
  "the printed address signs a browser in, the code leaves the address, a reload stays in",
  async (scene) => {
    const program = await scene.start();
    const page = await (await scene.openLocked()).newPage();
    await page.goto(program.printedUrl);
    await page.getByTestId("fleet-view").waitFor();
    assert.equal(page.url(), `${program.address}/`);
    assert.equal(await page.evaluate("history.length"), 2, "going back must not bring the code back");
    await page.reload();
    await page.getByTestId("fleet-view").waitFor();
    assert.equal(await page.getByTestId("locked").count(), 0);
  },
);

browserTest("the printed address also opens a tab that shows the locked page", async (scene) => {
  const program = await scene.start();
  const page = await (await scene.openLocked()).newPage();
  await page.goto(program.address);
  await page.getByTestId("locked").waitFor();
  await page.goto(program.printedUrl);
  await page.getByTestId("fleet-view").waitFor();
  assert.equal(page.url(), `${program.address}/`);
});

browserTest(
  "a browser without credentials sees the locked page at every address; a pasted code opens it once",
  async (scene) => {
    const program = await scene.start();
    const stranger = await (await scene.openLocked()).newPage();
    for (const path of ["/", "/new", "/settings", "/s/0198c0de-0000-7000-8000-000000000000"]) {
      await stranger.goto(program.address + path);
      await stranger.getByTestId("locked").waitFor();
    }
    const url = await program.freshUrl();
    await stranger.getByTestId("login-code").fill(url);
    await stranger.getByTestId("login-submit").click();
    await stranger.getByTestId("session-missing").waitFor();

    const another = await (await scene.openLocked()).newPage();
    await another.goto(program.address);
    await another.getByTestId("login-code").fill(new URL(url).hash.slice("#k=".length));
    await another.getByTestId("login-submit").click();
    await another.getByText(/used|expired|not valid|unknown/i).waitFor();
    await another.reload();
    await another.getByTestId("locked").waitFor();
  },
);
