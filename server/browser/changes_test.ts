// The tab of changes in a browser: an agent edits, commits, adds and renames; the page follows, compares and puts back.
import assert from "node:assert/strict";
import type { SessionView, SnapshotList } from "../protocol.ts";
import type { ApiClient } from "../testing/api_client.ts";
import { findProblems } from "./axe_problems.ts";
import { browserTest, type Scene, signIn, type Tab, until } from "./harness.ts";
import { makeRepository, type TestRepository } from "./repository.ts";

const SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYzzEXAMPLEKEY";
const FIRST = Array.from({ length: 120 }, (_, line) => `const value_${line} = ${line};`).join("\n") + "\n";

interface Stage {
  repository: TestRepository;
  session: SessionView;
  api: ApiClient;
  tab: Tab;
  /** Lines of the shell in the session. */
  run(script: string): Promise<void>;
  address: string;
}

/** A session in a repository with two files, and a tab that shows its changes. */
async function open(scene: Scene, size: { width?: number; height?: number } = {}): Promise<Stage> {
  const repository = await makeRepository(`${scene.workDirectory}/repo`);
  await repository.write("src/first.ts", FIRST);
  await repository.write("src/second.ts", "export const two = 2;\n");
  await repository.write("notes.md", "# Notes\n");
  await repository.git("add", "-A");
  await repository.git("commit", "-q", "-m", "Begin");
  const program = await scene.start();
  const api = await signIn(program);
  const session = await api.launch({ cwd: repository.root, command: "sh", title: "An agent" });
  await until(async () => (await snapshots(api, session)).items.length === 1, () => "the baseline");
  const address = `${program.address}/s/${session.id}/changes`;
  const tab = await scene.open(program, { ...size, path: `/s/${session.id}/changes` });
  await tab.get("changes").getByText("Nothing differs").waitFor();
  const run = async (script: string): Promise<void> => {
    const { success, stderr } = await new Deno.Command("sh", { args: ["-ec", script], cwd: repository.root })
      .output();
    assert.ok(success, new TextDecoder().decode(stderr));
  };
  return { repository, session, api, tab, run, address };
}

function snapshots(api: ApiClient, { id }: SessionView): Promise<SnapshotList> {
  return api.call(`/api/sessions/${id}/snapshots`);
}

/** `M src/first.ts +1 −1` and so on, as the tree shows it. */
async function tree({ page }: Tab): Promise<string[]> {
  return await page.evaluate<string[]>(
    `[...document.querySelectorAll("[data-testid=tree-file]")].map((row) =>
      [row.querySelector(".change-status [aria-hidden]").textContent, row.dataset.path,
       ...[...row.querySelectorAll(".line-added, .line-removed")].map((part) => part.textContent)].join(" "))`,
  );
}

async function untilTree(tab: Tab, wanted: string[]): Promise<void> {
  let seen: string[] = [];
  await until(
    async () => JSON.stringify(seen = await tree(tab)) === JSON.stringify(wanted),
    () => `the tree ${wanted.join(", ")}; it shows ${seen.join(", ")}`,
  );
}

function diffOf(tab: Tab, path: string): ReturnType<Tab["get"]> {
  return tab.page.locator(`[data-testid=diff-file][data-path="${path}"]`);
}

const AGENT = `
  sed -i 's/^const value_60 = 60;/const value_60 = sixty(60);/' src/first.ts
  git add -A && git commit -q -m "Sixty is made"
  git mv src/second.ts src/zweite.ts && git commit -q -m "Another name"
  printf 'print("new")\\n' > tool.py
`;

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
  await until(async () => (await tree(tab)).length === 4, () => "the new files");
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
    await until(async () => (await tree(tab)).some((row) => row.includes(`${text}.txt`)), () => text);
    await tab.get("take-snapshot").click();
    await until(async () => (await snapshots(api, session)).items.length === count + 2, () => "the snapshot");
  }
  const ids = (await snapshots(api, session)).items.map(({ id }) => id);
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
  await until(async () => (await snapshots(api, session)).items.length === 4, () => "the last snapshot");
  await repository.write("after_its_end.txt", "by the user\n");
  await tab.get("changes-to").selectOption({ value: "now" });
  await untilTree(tab, ["A after_its_end.txt +1", "A one.txt +1", "A two.txt +1"]);
});

browserTest("a file, then everything, is put back; both can be taken back", async (scene) => {
  const { tab, run, repository } = await open(scene);
  const read = (path: string): Promise<string> => Deno.readTextFile(`${repository.root}/${path}`);
  await run(AGENT + "printf 'changed\\r\\n' > notes.md");
  await until(async () => (await tree(tab)).length === 4, () => "four files");
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

browserTest(
  "patches of everything and of one file are saved, and apply to what was there before",
  async (scene) => {
    const { tab, run, repository } = await open(scene);
    await run(AGENT + "printf 'more\\n' >> notes.md");
    await until(async () => (await tree(tab)).length === 4, () => "four files");
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
