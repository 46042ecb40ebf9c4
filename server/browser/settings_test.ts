// The settings: every part has an address, and is what one sees there.
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { browserTest, until } from "./harness.ts";

browserTest("an address of the settings shows its part; links lead from part to part", async (scene) => {
  const program = await scene.start();
  const tab = await scene.open(program, { path: "/settings/recordings" });
  const heading = (name: string): Locator => tab.page.getByRole("heading", { name, exact: true });
  const isAtTop = async (name: string): Promise<boolean> => {
    const box = await heading(name).boundingBox();
    return box !== null && box.y >= 0 && box.y < 120;
  };
  await tab.get("recordings-settings").getByText("agents-fleet backup FILE").waitFor();
  await until(() => isAtTop("Recordings"), () => "the recordings at the top");
  const parts = tab.page.getByRole("navigation", { name: "Parts of the settings" });
  await parts.getByRole("link", { name: "Prices" }).click();
  await until(() => isAtTop("Prices"), () => "the prices at the top");
  assert.equal(tab.page.url(), `${program.address}/settings/prices`);
  await tab.page.goBack();
  await until(() => isAtTop("Recordings"), () => "the recordings again");
  const main = await tab.page.locator("#main").boundingBox();
  assert.equal(main?.y, 0, "the frame around stays");
}, { withoutSessions: true });

browserTest("an address that is none leads to the fleet", async (scene) => {
  const program = await scene.start();
  const tab = await scene.open(program, { path: "/nowhere" });
  await tab.page.getByRole("button", { name: "Go to the fleet" }).click();
  await tab.get("fleet-view").waitFor();
  assert.equal(tab.page.url(), `${program.address}/`);
}, { withoutSessions: true });
