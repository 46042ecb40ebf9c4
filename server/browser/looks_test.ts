// How every view does for people who cannot see, point or tell colours apart, and whether its policy holds.
import assert from "node:assert/strict";
import axe from "axe-core";
import { browserTest, signIn, Tab } from "./harness.ts";
import { launchSome, showIn, visitViews } from "./views.ts";

interface Violation {
  id: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

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

/** The list and the rail are the same everywhere. */
const PLACES: Record<string, string> = { "first steps": "document", filters: "document" };

/** What differs between the colour schemes is only colours. */
const RUNS = {
  dark: "{ preload: false, resultTypes: ['violations'] }",
  light: "{ preload: false, runOnly: ['color-contrast'] }",
};

/** Sentences about what axe finds in either colour scheme. */
async function findProblems(tab: Tab, view: string): Promise<string[]> {
  const found: string[] = [];
  if (await tab.page.evaluate("globalThis.axe === undefined")) await tab.page.evaluate(axe.source);
  for (const colorScheme of ["dark", "light"] as const) {
    await showIn(tab, colorScheme);
    const violations = await tab.page.evaluate<Violation[]>(
      `axe.run(${PLACES[view] ?? "{ exclude: ['.list', '.rail'] }"}, ${
        RUNS[colorScheme]
      }).then(({ violations }) => violations)`,
    );
    for (const { id, nodes } of violations) {
      found.push(
        ...nodes.map((node) => `${view}, ${colorScheme}: ${id} at ${node.target}: ${node.failureSummary}`),
      );
    }
  }
  return found;
}
