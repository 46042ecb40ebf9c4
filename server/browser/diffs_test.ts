// The diffs of the tab of changes in a browser: keys, gaps, white space, secrets, jumps, patches.
import assert from "node:assert/strict";
import { AGENT, diffOf, open, readTree, SECRET, untilTree } from "./changes_stage.ts";
import { browserTest, until } from "./harness.ts";

browserTest(
  "keys go from file to file and change to change, view and tick; the address names the file",
  async (scene) => {
    const { tab, run } = await open(scene, { height: 700 });
    await run(
      "sed -i 's/value_[159]0 =/changed =/' src/first.ts; printf 'new\\n' >> notes.md; printf 'x\\n' > src/a.ts",
    );
    await untilTree(tab, ["A src/a.ts +1", "M src/first.ts +3 −3", "M notes.md +1"]);
    await tab.page.locator("code.diff-new", { hasText: "changed" }).first().waitFor();
    const at = (): Promise<string | null> =>
      tab.page.locator('[data-testid=tree-file][aria-selected="true"]').getAttribute("data-path");
    const key = (name: string): Promise<void> => tab.page.keyboard.press(name);

    await key("]");
    await until(async () => await at() === "src/first.ts", () => "the next file");
    assert.equal(new URL(tab.page.url()).searchParams.get("file"), "src/first.ts");
    const marked = tab.page.locator(".diff-row-at");
    for (const value of ["10", "50", "90"]) {
      await key("n");
      await marked.filter({ hasText: `changed = ${value}` }).first().waitFor();
    }
    await key("p");
    await marked.filter({ hasText: "changed = 50" }).first().waitFor();
    await key("v");
    await diffOf(tab, "src/first.ts").locator(".diff-unified").waitFor();
    await key("v");
    await key("[");
    await until(async () => await at() === "src/a.ts", () => "the file before");
    await key("x");
    await diffOf(tab, "src/a.ts").and(tab.page.locator("[data-open=false]")).waitFor();
    await tab.page.locator('[data-path="src/a.ts"] .tree-viewed').waitFor();
    await until(async () => await at() === "src/first.ts", () => "the next file after a tick");
    await key("o");
    await diffOf(tab, "src/first.ts").and(tab.page.locator("[data-open=false]")).waitFor();
    await key("f");
    await tab.page.keyboard.type("notes");
    await untilTree(tab, ["M notes.md +1"]);
    await tab.page.keyboard.press("Escape");
    await untilTree(tab, ["A src/a.ts +1", "M src/first.ts +3 −3", "M notes.md +1"]);
    await tab.page.locator("[role=treeitem]:focus").waitFor();
    await tab.page.reload();
    await until(async () => await at() === "src/first.ts", () => "the same file after a reload");
    assert.equal(await tab.page.locator('[data-path="src/a.ts"] .tree-viewed').count(), 1);
  },
);

browserTest(
  "gaps open, white space can be left out, secrets show on a click, binaries are summarised",
  async (scene) => {
    const { tab, run, repository } = await open(scene);
    await run(
      `sed -i 's/^const value_60 =/  const value_60   =/; s/^const value_30 =/let value_30 =/' src/first.ts
    ln -s notes.md link; head -c 3000 /dev/urandom > data.bin; printf '{}\\n' > package-lock.json`,
    );
    await repository.write("settings.env", `AWS_SECRET_ACCESS_KEY=${SECRET}\n`);
    const first = diffOf(tab, "src/first.ts");
    await first.locator("code.diff-new", { hasText: "let" }).waitFor();
    assert.equal(await first.getByText("const value_0 = 0;").count(), 0);
    await first.getByTestId("gap-all").first().click();
    await first.locator("code", { hasText: "const value_0 = 0;" }).first().waitFor();
    assert.equal(await first.locator("code.diff-new", { hasText: "value_60" }).count(), 1);
    await tab.get("ignore-whitespace").click();
    await until(async () => await first.locator("code.diff-new").count() === 1, () => "one change left");
    await tab.get("ignore-whitespace").click();
    // What is below moves when it is back.
    await first.locator("code.diff-new", { hasText: "value_60" }).waitFor();

    await diffOf(tab, "package-lock.json").and(tab.page.locator("[data-open=false]")).waitFor();
    await tab.page.locator('[data-testid=tree-file][data-path="data.bin"]').click();
    await diffOf(tab, "data.bin").getByText("3.00 kB, new").waitFor();
    await diffOf(tab, "link").getByText("+ Link to notes.md").waitFor();
    await tab.page.locator('[data-testid=tree-file][data-path="settings.env"]').click();
    const settings = diffOf(tab, "settings.env");
    await settings.locator("code", { hasText: "••••" }).waitFor();
    assert.equal(await settings.getByText(SECRET).count(), 0);
    await settings.getByTestId("show-secrets").click();
    await settings.locator("code", { hasText: SECRET }).waitFor();
  },
);

browserTest(
  "patches of everything and of one file are saved, and apply to what was there before",
  async (scene) => {
    const { tab, run, repository } = await open(scene);
    await run(AGENT + "printf 'more\\n' >> notes.md");
    await until(async () => (await readTree(tab)).length === 4, () => "four files");
    const save = async (click: () => Promise<void>): Promise<string> => {
      const [download] = await Promise.all([tab.page.waitForEvent("download"), click()]);
      return await download.path();
    };
    const all = await save(() => tab.get("download-patch").click());
    const notes = await save(async () => {
      await diffOf(tab, "notes.md").getByTestId("diff-menu").click();
      await tab.page.getByText("Download patch", { exact: true }).click();
    });
    const clone = `${scene.workDirectory}/clone`;
    await repository.git("clone", "-q", ".", clone);
    await run(`cd "${clone}"; git reset -q --hard HEAD~2; git apply "${all}"
    grep -q sixty src/first.ts; test -e tool.py; test ! -e src/second.ts
    git apply -R "${notes}"; git diff --quiet notes.md`);
  },
);

browserTest(
  "a jump to a file shows where its lines begin; a changed mode is told in words",
  async (scene) => {
    const { tab, run } = await open(scene);
    await run("seq -s ' ' 1 3000 > long.txt; echo 3 > src/second.ts; chmod +x notes.md");
    await untilTree(tab, ["M src/second.ts +1 −1", "A long.txt +1", "M notes.md"]);
    await diffOf(tab, "notes.md").getByText("now executable").waitFor();
    await diffOf(tab, "long.txt").locator("code.diff-new").waitFor();
    const scroller = "document.querySelector('[data-testid=diff-scroll]')";
    await tab.page.evaluate(`${scroller}.scrollLeft = 900`);
    assert.equal(await tab.page.evaluate<number>(`${scroller}.scrollLeft`), 900);
    await tab.page.locator("[data-testid=tree-file][data-path='src/second.ts']").click();
    await until(
      () => tab.page.evaluate<boolean>(`${scroller}.scrollLeft === 0`),
      () => "the beginning of lines",
    );
  },
);

browserTest(
  "lines far down come after a jump; both views are drawn where they are as high",
  async (scene) => {
    const { tab, run } = await open(scene);
    await run("seq -f 'line %g' 1 5000 > long.txt; echo 'export const three = 3;' >> src/second.ts");
    await untilTree(tab, ["M src/second.ts +1", "A long.txt +5.0k"]);
    const second = diffOf(tab, "src/second.ts");
    await second.locator(".diff-split").waitFor();
    await second.locator("code.diff-new", { hasText: "three" }).waitFor();
    await tab.page.keyboard.press("v");
    await second.locator(".diff-unified").waitFor();
    await tab.page.keyboard.press("v");
    await second.locator(".diff-split").waitFor();
    await tab.page.evaluate("document.querySelector('[data-testid=diff-scroll]').scrollTop = 60000");
    await diffOf(tab, "long.txt").locator("code.diff-new", { hasText: "line 3000" }).waitFor();
  },
);
