// How every view does for people who cannot see, point or tell colours apart, and whether its policy holds.
import assert from "node:assert/strict";
import { findProblems } from "./axe_problems.ts";
import { browserTest, signIn, Tab } from "./harness.ts";
import { launchSome, visitViews } from "./views.ts";

browserTest(
  "no view has a fault that axe finds, dark or light, and none breaks the content policy",
  async (scene) => {
    const program = await scene.start();
    await Deno.mkdir(`${scene.workDirectory}/folder`);
    const locked = new Tab(await (await scene.openLocked()).newPage());
    await locked.page.goto(program.address);
    await locked.get("locked").waitFor();
    const found = await findProblems(locked, "locked");
    const tab = await scene.open(program);
    await tab.get("first-steps").waitFor();
    found.push(...await findProblems(tab, "first steps"));
    const sessions = await launchSome(await signIn(program), scene.workDirectory);
    await visitViews(tab, { program, sessions, cwd: scene.workDirectory }, async (view) => {
      found.push(...await findProblems(tab, view));
    });
    assert.deepEqual(found, []);
  },
);

browserTest("nothing is out of reach on a phone", async (scene) => {
  const program = await scene.start();
  await Deno.mkdir(`${scene.workDirectory}/folder`);
  const tab = await scene.open(program, { width: 390, height: 780 });
  const sessions = await launchSome(await signIn(program), scene.workDirectory);
  const found: string[] = [];
  await visitViews(tab, { program, sessions, cwd: scene.workDirectory }, async (view) => {
    const wide = await tab.page.evaluate<string[]>(TOO_WIDE);
    found.push(...wide.map((part) => `${view}: ${part}`));
    if (view === "session-live") {
      const stop = await tab.get("stop").boundingBox();
      assert.ok(stop && stop.x >= 0 && stop.x + stop.width <= 390, "Stop is on the screen");
      assert.ok(stop.height >= 36, "Stop is large enough for a finger");
    }
  });
  assert.deepEqual(found, []);
});

/** Parts of the frame with content that is wider than they are. */
const TOO_WIDE = "[...document.querySelectorAll('body, .main, .page, .session, .session-header, dialog')]" +
  ".filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)" +
  ".map(({ tagName, className, scrollWidth }) => `${tagName} ${className} needs ${scrollWidth}`)";
