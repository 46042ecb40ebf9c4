// The tab of changes in a browser: an agent edits, commits, adds and renames; the page follows, compares and puts back.
import assert from "node:assert/strict";
import { findProblems } from "./axe_problems.ts";
import { AGENT, diffOf, FIRST, listSnapshots, open, readTree, SECRET, untilTree } from "./changes_stage.ts";
import { browserTest, until } from "./harness.ts";

browserTest("the page follows edits, commits, new and renamed files without a reload", async (scene) => {
  const { tab, run, repository } = await open(scene);
  await run(AGENT);
  await untilTree(tab, ["M src/first.ts +1 −1", "R src/zweite.ts", "A tool.py +1"]);
  await tab.get("changes-commits").getByText("Sixty is made").waitFor();
  await tab.get("changes-commits").getByText("Another name").waitFor();
  const first = diffOf(tab, "src/first.ts");
  await first.locator("code.diff-new", { hasText: "sixty(60)" }).waitFor();
  assert.equal((await first.locator("code.diff-new .diff-mark").allTextContents()).join(""), "sixty()");
  assert.equal(await diffOf(tab, "src/zweite.ts").getByText("The same text under another name").count(), 1);
  await repository.write("tool.py", "print('again')\nprint('more')\n");
  await untilTree(tab, ["M src/first.ts +1 −1", "R src/zweite.ts", "A tool.py +2"]);
  await diffOf(tab, "tool.py").locator("code", { hasText: "more" }).waitFor();
  assert.equal((await repository.git("status", "--porcelain")).trim(), "?? tool.py");
});

browserTest("a refresh keeps the place; the watch ends with the tab", async (scene) => {
  const { tab, run, repository } = await open(scene, { height: 600 });
  await repository.write("src/first.ts", FIRST.replaceAll(" = ", " := "));
  await tab.page.locator("code.diff-new", { hasText: "value_0 := 0" }).waitFor();
  await tab.page.evaluate("document.querySelector('[data-testid=diff-scroll]').scrollTop = 1200");
  await tab.page.locator("code.diff-new", { hasText: "value_65 := 65" }).waitFor();
  const topLine = (): Promise<string> =>
    tab.page.evaluate<string>(`(() => {
      const { left, top } = document.querySelector("[data-testid=diff-scroll]").getBoundingClientRect();
      return document.elementsFromPoint(left + 120, top + 50).find((each) => each.matches("code"))?.textContent ?? "";
    })()`);
  const before = await topLine();
  assert.match(before, /value_\d+ = /);
  await run(
    "sed -i '1,5d' src/first.ts; printf 'a\\n' > a.txt; printf 'a\\n' > aaa.txt; mkdir -p aa; printf 'x\\ny\\n' > aa/new.txt",
  );
  await until(async () => (await readTree(tab)).length === 4, () => "the new files");
  await diffOf(tab, "src/first.ts").locator(".diff-head .line-removed", { hasText: "−120" }).waitFor();
  await until(async () => await topLine() === before, () => `the line ${before} in its place`);
  await tab.get("tab-details").click();
  await until(
    () =>
      tab.sent.some((sent) =>
        String(sent).includes('"watch_changes"') && String(sent).includes('"on":false')
      ),
    () => "the end of the watch",
  );
});

browserTest("any two snapshots are compared, step by step, by address too", async (scene) => {
  const { tab, repository, api, session } = await open(scene);
  for (const [count, text] of ["one", "two"].entries()) {
    await repository.write(`${text}.txt`, `${text}\n`);
    await until(async () => (await readTree(tab)).some((row) => row.includes(`${text}.txt`)), () => text);
    await tab.get("take-snapshot").click();
    await until(
      async () => (await listSnapshots(api, session)).items.length === count + 2,
      () => "the snapshot",
    );
  }
  const ids = (await listSnapshots(api, session)).items.map(({ id }) => id);
  await tab.get("changes-to").selectOption({ value: String(ids[1]) });
  await untilTree(tab, ["A one.txt +1"]);
  await tab.get("changes-step-on").click();
  await untilTree(tab, ["A two.txt +1"]);
  assert.equal(new URL(tab.page.url()).search, `?from=${ids[1]}&to=${ids[2]}`);
  await tab.page.reload();
  await untilTree(tab, ["A two.txt +1"]);
  await tab.get("changes-step-on").click();
  await tab.get("changes").getByText("Nothing differs").waitFor();
  await tab.page.getByRole("button", { name: "Compare everything" }).click();
  await untilTree(tab, ["A one.txt +1", "A two.txt +1"]);
  await api.call(`/api/sessions/${session.id}/stop`, { method: "POST" });
  await api.waitForEnd(session.id);
  await until(async () => (await listSnapshots(api, session)).items.length === 4, () => "the last snapshot");
  await repository.write("after_its_end.txt", "by the user\n");
  await tab.get("changes-to").selectOption({ value: "now" });
  await untilTree(tab, ["A after_its_end.txt +1", "A one.txt +1", "A two.txt +1"]);
});

browserTest("a file, then everything, is put back; both can be taken back", async (scene) => {
  const { tab, run, repository } = await open(scene);
  const read = (path: string): Promise<string> => Deno.readTextFile(`${repository.root}/${path}`);
  await run(AGENT + "printf 'changed\\r\\n' > notes.md");
  await until(async () => (await readTree(tab)).length === 4, () => "four files");
  const head = await repository.git("rev-parse", "HEAD");

  await diffOf(tab, "notes.md").getByTestId("diff-menu").click();
  await tab.get("revert-file").click();
  await tab.get("revert-plan").getByText("notes.md").waitFor();
  assert.equal(await tab.get("revert-confirm").isDisabled(), true, "a running session is confirmed first");
  await tab.get("revert-running").check();
  await tab.get("revert-confirm").click();
  await tab.get("revert-done").waitFor();
  assert.equal(await read("notes.md"), "# Notes\n");
  await untilTree(tab, ["M src/first.ts +1 −1", "R src/zweite.ts", "A tool.py +1"]);
  await tab.get("revert-undo").click();
  await tab.get("revert-done").getByText("taken back").waitFor();
  assert.equal(await read("notes.md"), "changed\r\n");

  await tab.get("revert-all").click();
  await tab.get("revert-running").check();
  await tab.get("revert-confirm").click();
  await tab.get("revert-done").getByText(/^5 files/).waitFor();
  assert.equal(await read("src/first.ts"), FIRST);
  assert.equal(await read("src/second.ts"), "export const two = 2;\n");
  await assert.rejects(Deno.stat(`${repository.root}/tool.py`), Deno.errors.NotFound);
  assert.equal(await repository.git("rev-parse", "HEAD"), head);
  await tab.get("revert-undo").click();
  await tab.get("revert-done").getByText("taken back").waitFor();
  assert.equal(await read("tool.py"), 'print("new")\n');
  assert.match(await read("src/first.ts"), /sixty/);
});

browserTest("a directory without a repository says so; a lost server leaves what is shown", async (scene) => {
  const { tab, run, api, address } = await open(scene);
  await run(AGENT);
  await diffOf(tab, "tool.py").locator("code", { hasText: "print" }).waitFor();
  await Deno.mkdir(`${scene.workDirectory}/plain`);
  const plain = await api.launch({ cwd: `${scene.workDirectory}/plain`, command: "cat" });
  const asked: string[] = [];
  tab.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await tab.page.goto(address.replace(/\/s\/.*/, `/s/${plain.id}/changes`));
  await tab.get("changes-unavailable").waitFor();
  assert.ok(!asked.includes(`/api/sessions/${plain.id}/changes`), "nothing to compare is not asked for");
  await tab.page.goto(address);
  await diffOf(tab, "tool.py").locator("code", { hasText: "print" }).waitFor();
  await scene.endPrograms();
  await tab.get("offline-banner").waitFor();
  assert.equal(await diffOf(tab, "tool.py").locator("code", { hasText: "print" }).count(), 1);
});

browserTest(
  "where no snapshot was taken at the start, one taken now begins the comparison",
  async (scene) => {
    const { tab, run, api, repository, address } = await open(scene);
    await api.call("/api/settings/snapshots", { method: "PATCH", body: { captureAtEnd: false } });
    const late = await api.launch({ cwd: repository.root, command: "cat" });
    await tab.page.goto(address.replace(/\/s\/.*/, `/s/${late.id}/changes`));
    await tab.get("changes-unavailable").getByText("switched off in Settings").waitFor();
    await run("echo before > before.txt");
    await tab.get("begin-snapshots").click();
    await tab.get("changes").getByText("Nothing differs").waitFor();
    await run("echo after > after.txt");
    await untilTree(tab, ["A after.txt +1"]);
  },
);

browserTest("the tab of changes has no fault that axe finds, and fits on a phone", async (scene) => {
  const { tab, run, repository } = await open(scene);
  await run(AGENT + "ln -s notes.md link; head -c 3000 /dev/urandom > data.bin");
  await repository.write("settings.env", `AWS_SECRET_ACCESS_KEY=${SECRET}\n`);
  await diffOf(tab, "src/first.ts").locator("code.diff-new span").first().waitFor();
  const found = await findProblems(tab, "changes");
  await tab.page.keyboard.press("v");
  await tab.get("revert-all").click();
  await tab.get("revert-plan").waitFor();
  found.push(...await findProblems(tab, "changes in one column, with a question"));
  await tab.page.keyboard.press("Escape");
  await tab.page.setViewportSize({ width: 390, height: 780 });
  await tab.page.locator("[data-testid=diff-file]").first().waitFor();
  found.push(...await findProblems(tab, "changes on a phone"));
  const tooWide = await tab.page.evaluate<string[]>(
    `[...document.querySelectorAll("body, .main, .session, .changes, .changes-bar, .diff-head")]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1).map(({ className }) => className)`,
  );
  assert.deepEqual([...found, ...tooWide], []);
});

browserTest("after the end the list stays as it was until now is compared with", async (scene) => {
  const { tab, run, repository, api, session } = await open(scene);
  await run("printf 'changed\\n' > notes.md; printf 'new\\n' > tool.py");
  await api.call(`/api/sessions/${session.id}/stop`, { method: "POST" });
  await api.waitForEnd(session.id);
  await tab.page.reload();
  await untilTree(tab, ["M notes.md +1 −1", "A tool.py +1"]);
  await diffOf(tab, "notes.md").getByTestId("diff-menu").click();
  await tab.get("revert-file").click();
  await tab.get("revert-confirm").click();
  await tab.get("revert-done").waitFor();
  assert.equal(await Deno.readTextFile(`${repository.root}/notes.md`), "# Notes\n");
  await untilTree(tab, ["M notes.md +1 −1", "A tool.py +1"]);
  await tab.get("compare-now").click();
  await untilTree(tab, ["A tool.py +1"]);
});
