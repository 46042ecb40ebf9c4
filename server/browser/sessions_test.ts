// What is done to sessions on the page: stop, delete, rename, launch again, find, and go to by address.
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import type { SessionView } from "../protocol.ts";
import type { RunningProgram } from "../testing/running_program.ts";
import { browserTest, launch, type Scene, signIn, type Tab, until } from "./harness.ts";
import { makeRepository } from "./repository.ts";

/** Ignores every polite signal, and so does its child. Both write down who they are. */
const STUBBORN = `sh -c 'trap "" INT TERM HUP; sleep 1000 & echo $$ $! >pids; sleep 1000'`;
const STOP_WITHIN_MS = 10_000;

browserTest(
  "a program that ignores every signal but one is stopped with its children; the page says how far it is",
  async (scene) => {
    const program = await scene.start();
    const { id } = await launch(program, { cwd: scene.workDirectory, command: STUBBORN });
    const tab = await scene.open(program, { path: `/s/${id}` });
    const pids = await untilPids(`${scene.workDirectory}/pids`);
    await tab.get("stop").click();
    assert.ok(await isAlive(pids[0]), "the first click only asks");
    const startedAtMs = performance.now();
    await tab.get("stop-confirm").click();
    await tab.get("stop-progress").getByText(/process(es)? left/).waitFor();
    await tab.get("session-status").and(tab.page.locator("[data-status=stopped]")).waitFor();
    const tookMs = performance.now() - startedAtMs;
    assert.ok(tookMs < STOP_WITHIN_MS, `it took ${tookMs} ms`);
    for (const pid of pids) assert.equal(await isAlive(pid), false);
    await tab.get("relaunch").waitFor();
  },
);

browserTest("a session that is looked at before it runs becomes live by itself", async (scene) => {
  const { program, root, go } = await startWithSlowGit(scene);
  const tab = await scene.open(program);
  const launched = launch(program, { cwd: root, command: "cat", title: "Slow to start" });
  await tab.get("session-row").getByText("Slow to start").click();
  await tab.get("terminal-tab").waitFor();
  await go();
  await launched;
  await tab.get("live-terminal").waitFor();
  await until(async () => (await tab.terminalSize()) !== undefined, () => "a terminal");
  await tab.type("typed\r");
  await tab.untilText(/typed\s+typed/);
});

browserTest("a launch that keeps the repository's state first says so", async (scene) => {
  const { program, root, go } = await startWithSlowGit(scene);
  const tab = await scene.open(program, {
    path: `/new?${new URLSearchParams({ cwd: root, command: "cat" })}`,
  });
  const known = ["/api/settings/snapshots", "/api/launch-check"].map((path) =>
    tab.page.waitForResponse((response) => new URL(response.url()).pathname === path)
  );
  await tab.page.reload();
  await Promise.all(known);
  await tab.get("launch-submit").click();
  await tab.page.getByText("Keeping the state of the repository first").waitFor();
  await go();
  await tab.get("live-terminal").waitFor();
});

browserTest("stop all asks once, then stops everything", async (scene) => {
  const program = await scene.start();
  const api = await signIn(program);
  for (const command of ["sleep 1000", "cat"]) await api.launch({ cwd: scene.workDirectory, command });
  const tab = await scene.open(program);
  await until(async () => await tab.get("fleet-card").count() === 2, () => "two cards");
  await tab.page.keyboard.press("Control+Shift+X");
  await tab.get("stop-all-bar").getByText("Stop 2 running sessions?").waitFor();
  await tab.page.keyboard.press("Escape");
  await tab.get("stop-all-bar").waitFor({ state: "detached" });
  await tab.get("stop-all").click();
  await tab.get("stop-all-confirm").click();
  await tab.page.getByText("Nothing is running").waitFor();
  const { items } = await api.call<{ items: SessionView[] }>("/api/sessions");
  assert.deepEqual(items.map(({ endReason }) => endReason), ["user_stop", "user_stop"]);
});

browserTest("a session is renamed, launched again and deleted; every other tab follows", async (scene) => {
  const program = await scene.start();
  const { id } = await launch(program, { cwd: scene.workDirectory, command: "echo once" });
  const tab = await scene.open(program, { path: `/s/${id}` });
  const other = await tab.openSecond("/");
  await tab.show();
  await tab.untilText("once");
  await tab.get("rename").click();
  await tab.get("title-field").fill("A better name");
  await tab.get("title-field").press("Enter");
  await other.get("session-row").getByText("A better name").waitFor();

  await tab.get("relaunch").click();
  await tab.page.waitForURL((url) => url.pathname.startsWith("/s/") && !url.pathname.includes(id));
  await tab.untilText("once");
  await until(async () => await other.get("session-row").count() === 2, () => "two rows");

  await tab.get("session-status").and(tab.page.locator("[data-status=done]")).waitFor();
  await tab.get("session-menu").click();
  await tab.get("menu-delete").click();
  await tab.get("delete-confirm").click();
  await tab.page.waitForURL(`${program.address}/`);
  await until(async () => await other.get("session-row").count() === 1, () => "one row");
});

browserTest("several sessions are chosen and deleted together", async (scene) => {
  const program = await scene.start();
  const api = await signIn(program);
  for (const command of ["echo one", "echo two", "echo three"]) {
    await api.waitForEnd((await api.launch({ cwd: scene.workDirectory, command })).id);
  }
  const tab = await scene.open(program);
  await tab.page.getByLabel("Choose echo one").check();
  await tab.page.getByLabel("Choose echo three").check();
  await tab.get("bulk-delete").click();
  await tab.get("bulk-delete-confirm").click();
  await untilRows(tab, ["echo two"]);
});

browserTest("sessions are found by text, status and kind", async (scene) => {
  const program = await scene.start();
  const api = await signIn(program);
  const cwd = scene.workDirectory;
  await api.waitForEnd((await api.launch({ cwd, command: "echo apple" })).id);
  await api.waitForEnd((await api.launch({ cwd, command: "echo pear", title: "Fruit" })).id);
  await api.launch({ cwd, command: "sleep 1000" });
  const tab = await scene.open(program);
  await untilRows(tab, ["sleep 1000", "Fruit", "echo apple"]);
  await tab.page.keyboard.press("/");
  // What is typed before the field has the focus are shortcuts.
  await until(
    async () => await tab.page.evaluate("document.activeElement?.tagName") === "INPUT",
    () => "the search field to have the focus",
  );
  await tab.page.keyboard.type("PEAR");
  await untilRows(tab, ["Fruit"]);
  await tab.page.keyboard.press("Escape");
  await tab.get("open-filters").click();
  await tab.get("filter-status").selectOption("live");
  await untilRows(tab, ["sleep 1000"]);
  await tab.get("filter-status").selectOption("ended");
  await untilRows(tab, ["Fruit", "echo apple"]);
  await tab.get("filter-status").selectOption("all");
  await tab.get("filter-kind").selectOption("claude");
  await tab.page.getByText("Nothing matches").waitFor();
});

browserTest(
  "from the search of sessions Enter opens the first hit, the arrow goes into the list",
  async (scene) => {
    const program = await scene.start();
    const api = await signIn(program);
    const cwd = scene.workDirectory;
    for (const command of ["echo apple", "echo pear", "echo peach"]) {
      await api.waitForEnd((await api.launch({ cwd, command })).id);
    }
    const tab = await scene.open(program);
    await untilRows(tab, ["echo peach", "echo pear", "echo apple"]);
    const search = tab.get("session-search");
    await search.press("Enter");
    assert.equal(new URL(tab.page.url()).pathname, "/", "nothing is looked for");
    await search.fill("pea");
    await untilRows(tab, ["echo peach", "echo pear"]);
    await search.press("ArrowDown");
    const focused = (command: string): Promise<void> =>
      tab.page.locator(".row-link:focus", { hasText: command }).waitFor();
    await focused("echo peach");
    await tab.page.keyboard.press("ArrowDown");
    await focused("echo pear");
    await tab.page.keyboard.press("ArrowUp");
    await focused("echo peach");
    await search.fill("apple");
    await untilRows(tab, ["echo apple"]);
    await search.press("Enter");
    await tab.page.locator(".row-link[aria-current]", { hasText: "echo apple" }).waitFor();
    assert.match(new URL(tab.page.url()).pathname, /^\/s\//);
  },
);

browserTest("every place has an address; back, forward and reload stay where one is", async (scene) => {
  const program = await scene.start();
  const { id } = await launch(program, { cwd: scene.workDirectory, command: "echo here" });
  const tab = await scene.open(program);
  const { page } = tab;
  await tab.get("session-row").getByRole("link").click();
  await page.waitForURL(`**/s/${id}`);
  await page.getByRole("tab", { name: "Details" }).click();
  await page.waitForURL(`**/s/${id}/details`);
  await tab.get("rail-settings").click();
  await page.waitForURL("**/settings");
  await page.goBack();
  await tab.get("facts").waitFor();
  await page.reload();
  await tab.get("facts").waitFor();
  assert.equal(new URL(page.url()).pathname, `/s/${id}/details`);
  await page.goBack();
  await tab.untilText("here");
  await page.goBack();
  await tab.get("fleet-view").waitFor();
  await page.goForward();
  await tab.untilText("here");
  await page.goto(`${program.address}/nowhere`);
  await page.getByText("There is no such page").waitFor();
});

async function untilRows(tab: Tab, names: string[]): Promise<void> {
  let found: string[] = [];
  await until(
    async () => {
      found = await tab.page.locator(".row-title").allTextContents();
      return found.join("\n") === names.join("\n");
    },
    () => `the rows ${names}; there are ${found}`,
  );
}

/** Snapshots of its sessions wait for `go`. */
async function startWithSlowGit(
  scene: Scene,
): Promise<{ program: RunningProgram; root: string; go(): Promise<void> }> {
  const bin = `${scene.workDirectory}/bin`;
  const flag = `${scene.workDirectory}/go`;
  await Deno.mkdir(bin);
  const slowGit =
    `#!/bin/sh\n[ -z "$GIT_DIR" ] || until [ -e '${flag}' ]; do sleep 0.05; done\nexec /usr/bin/git "$@"\n`;
  await Deno.writeTextFile(`${bin}/git`, slowGit, { mode: 0o755 });
  const { root } = await makeRepository(`${scene.workDirectory}/repo`);
  const program = await scene.start({ env: { PATH: `${bin}:${Deno.env.get("PATH")}` } });
  return { program, root, go: () => Deno.writeTextFile(flag, "") };
}

async function untilPids(path: string): Promise<number[]> {
  let pids: number[] = [];
  await until(
    async () => {
      pids = (await Deno.readTextFile(path).catch(() => "")).trim().split(" ").map(Number);
      return pids.length === 2;
    },
    () => "process ids",
  );
  return pids;
}

/** A zombie is not alive. */
async function isAlive(pid: number | undefined): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return stat !== "" && !stat.includes(") Z");
}

browserTest(
  "every press of J is a row further, however fast; Enter on the open session goes to its terminal",
  async (scene) => {
    const program = await scene.start();
    const api = await signIn(program);
    for (let count = 0; count < 6; count++) await api.launch({ cwd: scene.workDirectory, command: "cat" });
    const tab = await scene.open(program);
    await until(async () => await tab.get("session-row").count() === 6, () => "six rows");
    const { keyboard } = tab.page;
    for (let press = 0; press < 4; press++) await keyboard.press("j");
    const fourth = tab.get("session-row").nth(3).locator(".row-link");
    const hasFocus = async (element: Locator): Promise<boolean> =>
      await element.and(tab.page.locator(":focus")).count() === 1;
    assert.ok(await hasFocus(fourth));
    await keyboard.press("Enter");
    const terminal = tab.get("live-terminal").locator("textarea");
    const isTyping = (): Promise<boolean> => hasFocus(terminal);
    await terminal.waitFor({ state: "attached" });
    await until(isTyping, () => "the focus in the terminal");
    await keyboard.press("Control+Shift+L");
    await until(async () => !await isTyping(), () => "the focus elsewhere");
    await fourth.focus();
    await keyboard.press("Enter");
    await until(isTyping, () => "the focus back in the terminal");
  },
);
