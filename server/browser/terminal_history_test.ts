// A session with much behind it: its present screen comes first, the lines above it later, and nothing moves or gets lost.
import assert from "node:assert/strict";
import type { SessionView } from "../protocol.ts";
import type { ApiClient } from "../testing/api_client.ts";
import type { RunningProgram } from "../testing/running_program.ts";
import { Emitter, expectedText, untilRecorded } from "./emitter.ts";
import { browserTest, type Scene, signIn, type Tab, until } from "./harness.ts";

/** Lines of different lengths; some are longer than any terminal of these tests is wide. */
function numbered(from: number, to: number): string {
  return Array.from(
    { length: to - from },
    (_, n) => `line ${from + n} ${"·".repeat((from + n) * 7 % 90)}\r\n`,
  ).join("");
}

/** Too long to be sent whole; short enough for the page to keep all of it. */
const LINES = 4000;
const LAST = `line ${LINES - 1} `;

interface Started {
  program: RunningProgram;
  api: ApiClient;
  session: SessionView;
  emitter: Emitter;
}

async function startLong(scene: Scene, text = numbered(0, LINES)): Promise<Started> {
  const program = await scene.start();
  const api = await signIn(program);
  const emitter = new Emitter(scene.workDirectory);
  const session = await api.launch({ cwd: scene.workDirectory, command: emitter.command });
  await emitter.emit(text);
  await untilRecorded(api, session, emitter);
  return { program, api, session, emitter };
}

/** Opens a session while what was recorded before is kept back until `release`. */
async function openHeld(
  scene: Scene,
  { program, session }: Started,
): Promise<{ tab: Tab; release: () => void }> {
  const tab = await scene.open(program);
  const { promise, resolve } = Promise.withResolvers<void>();
  await tab.page.route("**/output?*", async (route) => {
    await promise;
    await route.continue();
  });
  await tab.page.locator(`[data-session-id="${session.id}"] a`).click();
  await tab.untilText(LAST);
  return { tab, release: resolve };
}

function viewText(tab: Tab): Promise<string> {
  return tab.page.evaluate<string>("fleetTestHook.viewText()");
}

/** Waits until the terminal has all there is, as one has that was there from the first byte. */
async function untilAll(tab: Tab, { api, session }: Started): Promise<void> {
  let [shown, wanted] = ["", ""];
  await until(
    async () => {
      [shown, wanted] = [await tab.text(), await expectedText(api, session.id)];
      return shown === wanted;
    },
    () => `all of ${wanted.length} characters; there are ${shown.length}: ${shown.slice(0, 200)}`,
  );
}

async function scrollToTop(tab: Tab): Promise<void> {
  await tab.get("live-terminal").locator("textarea").focus();
  let [before, view] = ["", await viewText(tab)];
  while (view !== before) {
    for (let page = 0; page < 20; page++) await tab.page.keyboard.press("Shift+PageUp");
    [before, view] = [view, await viewText(tab)];
  }
}

browserTest(
  "the present screen comes first; the lines above come without moving what is in view, and are found",
  async (scene) => {
    const started = await startLong(scene);
    const { tab, release } = await openHeld(scene, started);
    const held = await tab.text();
    assert.doesNotMatch(held, /line 3000 /);

    await tab.page.keyboard.press("Control+Shift+F");
    await tab.get("terminal-search").fill("line 1234 ");
    await tab.get("search-results").getByText("none").waitFor();
    await scrollToTop(tab);
    await tab.get("history-awaited").waitFor();
    const view = await viewText(tab);
    release();
    await tab.get("search-results").getByText("1 of 1").waitFor();
    await untilAll(tab, started);
    await tab.get("history-awaited").waitFor({ state: "detached" });
    assert.equal(await viewText(tab), view);

    await tab.get("terminal-search").press("Enter");
    await until(async () => (await viewText(tab)).includes("line 1234 "), () => "the line that was found");
    await scrollToTop(tab);
    assert.match(await viewText(tab), /^line 0 /);
  },
);

browserTest(
  "while the lines above load, output goes on, keys arrive, a selection stays, and the size may change",
  async (scene) => {
    const started = await startLong(scene);
    const { tab, release } = await openHeld(scene, started);
    const { emitter } = started;
    await tab.type("typed early ");
    await emitter.emit(numbered(LINES, LINES + 200));
    await tab.untilText(`line ${LINES + 199} `);
    const wide = await tab.terminalSize();
    await tab.page.setViewportSize({ width: 900, height: 600 });
    await until(
      async () => ((await tab.terminalSize())?.cols ?? 0) < (wide?.cols ?? 0),
      () => "a narrower terminal",
    );
    await tab.get("live-terminal").dblclick({ position: { x: 20, y: 200 } });
    let selection = "[]";
    await until(
      async () => (selection = await selectionPlaces(tab)) !== "[]",
      () => "a selection that is drawn",
    );

    release();
    await untilAll(tab, started);
    assert.equal(await selectionPlaces(tab), selection);
    await tab.page.keyboard.type("and late");
    await emitter.emit("the end\r\n");
    await tab.untilText("the end");
    await untilAll(tab, started);
    const typed = tab.sent.flatMap((each) =>
      typeof each === "string" ? [] : [new TextDecoder().decode(each.slice(13))]
    );
    assert.equal(typed.join(""), "typed early and late");
  },
);

/** Where the marks of the selection are drawn. */
function selectionPlaces(tab: Tab): Promise<string> {
  return tab.page.evaluate<string>(
    `JSON.stringify([...document.querySelectorAll("[data-testid=live-terminal] .xterm-selection div")].map((each) => each.getAttribute("style")))`,
  );
}

browserTest("of very much the newest part comes, without a line missing in it", async (scene) => {
  const started = await startLong(scene, numbered(0, 40_000));
  const tab = await scene.open(started.program, { path: `/s/${started.session.id}` });
  await tab.untilText("line 39999 ");
  await until(async () => (await tab.text()).split("\n").length > 3000, () => "the lines above");
  const lines = (await tab.text()).split("\n").slice(1);
  const wanted = numbered(40_000 - lines.length, 40_000).trimEnd().split("\r\n");
  assert.deepEqual(lines.map((line) => line.trimEnd()), wanted.map((line) => line.trimEnd()));
});

browserTest("an ended session is shown from its end; the lines above come afterwards", async (scene) => {
  const started = await startLong(scene);
  await started.emitter.end();
  await started.api.waitForEnd(started.session.id);
  const tab = await scene.open(started.program, { path: `/s/${started.session.id}` });
  await tab.untilText(LAST);
  await untilAll(tab, started);
  await tab.page.reload();
  await untilAll(tab, started);
});

browserTest("switching quickly between sessions leaves nothing behind", async (scene) => {
  const started = await startLong(scene);
  const { program, api } = started;
  const others: string[] = [];
  for (const name of ["second", "third"]) {
    const directory = `${scene.workDirectory}/${name}`;
    Deno.mkdirSync(directory);
    const emitter = new Emitter(directory);
    const other = await api.launch({ cwd: directory, command: emitter.command });
    await emitter.emit(numbered(0, LINES).replaceAll("line", name));
    await untilRecorded(api, other, emitter);
    others.push(other.id);
  }
  const tab = await scene.open(program);
  for (let round = 0; round < 6; round++) {
    for (const id of [...others, started.session.id]) {
      await tab.page.locator(`[data-session-id="${id}"] a`).click();
    }
  }
  await tab.untilText(LAST);
  await untilAll(tab, started);
  assert.equal(await tab.page.locator(".xterm").count(), 1);
  const open = (): number => count(tab, "subscribe") - count(tab, "unsubscribe");
  await until(() => open() === 1, () => `one stream; there are ${open()}`);
  assert.ok(count(tab, "subscribe") > 3);
});

/** Messages of a type that the page has sent. */
function count(tab: Tab, type: string): number {
  return tab.sent.filter((each) => typeof each === "string" && JSON.parse(each).type === type).length;
}
