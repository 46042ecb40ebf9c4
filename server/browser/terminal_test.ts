// The live terminal: launched by hand, typed into, full-screen programs, sizes, several tabs.
import assert from "node:assert/strict";
import { browserTest, has, launch, type Tab, until } from "./harness.ts";

browserTest(
  "a session is launched by hand: paths complete, mistakes are named at their field, 42 is computed",
  async (scene) => {
    await Deno.mkdir(`${scene.workDirectory}/checkout`);
    const tab = await scene.open(await scene.start());
    await tab.page.keyboard.press("n");
    const [cwd, command] = [tab.get("launch-cwd"), tab.get("launch-command")];

    await cwd.fill(`${scene.workDirectory}/no-such-place`);
    await tab.get("launch-cwd-note").getByText("it does not exist").waitFor();
    await command.fill("surely-not-installed --flag");
    await tab.get("launch-command-note").getByText(/Cannot find the program "surely-not-installed"/)
      .waitFor();
    await command.fill("");
    await tab.get("launch-submit").click();
    await tab.get("launch-command-note").getByText("Choose a command to run").waitFor();

    await cwd.fill("");
    await cwd.pressSequentially(`${scene.workDirectory}/che`);
    await tab.page.getByRole("option", { name: /checkout/ }).waitFor();
    await cwd.press("Tab");
    await until(
      async () => await cwd.inputValue() === `${scene.workDirectory}/checkout/`,
      () => "the completed path",
    );
    await tab.get("launch-cwd-note").getByText("not in a git repository").waitFor();
    await command.fill("bash --norc --noprofile");
    await command.press("Enter");

    await tab.page.waitForURL(/\/s\/[0-9a-f-]{36}$/);
    await tab.untilText(/[$#] ?$/);
    await tab.type("echo $((6*7)); pwd\n");
    const text = await tab.untilText("checkout\n");
    assert.match(text, /^42$/m);
    await until(async () => (await tab.page.title()).includes("1 running"), () => "the title");
  },
);

browserTest("vim edits and saves a file", async (scene) => {
  const program = await scene.start();
  const file = `${scene.workDirectory}/notes.txt`;
  await Deno.writeTextFile(file, "first line\nlast line\n");
  const { id } = await launch(program, { cwd: scene.workDirectory, command: "vim -u NONE -N notes.txt" });
  const tab = await scene.open(program, { path: `/s/${id}` });
  await tab.untilText("last line");
  await tab.type("osecond: ünï — 界 👍");
  await tab.page.keyboard.press("Escape");
  await tab.untilText("second: ünï — 界 👍");
  await tab.type(":wq\n");
  await tab.get("session-status").and(tab.page.locator("[data-status=done]")).waitFor();
  assert.equal(await Deno.readTextFile(file), "first line\nsecond: ünï — 界 👍\nlast line\n");
}, { skip: await has("vim") ? undefined : "vim is not installed" });

/** Prints the terminal's size whenever it changed. */
const SIZE_WATCHER =
  `sh -c 'while :; do now=$(stty size); [ "$now" = "$last" ] || echo $now; last=$now; sleep 0.05; done'`;

browserTest(
  "the terminal follows the window; a second tab shows the same screen at once and can take its size over",
  async (scene) => {
    const program = await scene.start();
    const { id } = await launch(program, { cwd: scene.workDirectory, command: SIZE_WATCHER });
    const first = await scene.open(program, { path: `/s/${id}` });
    const wide = await agreedSize(first, () => true);

    await first.page.setViewportSize({ width: 900, height: 500 });
    const narrow = await agreedSize(first, ({ cols }) => cols < wide.cols);
    assert.ok(narrow.rows < wide.rows);

    await first.type("same in both tabs\n");
    const text = await first.untilText("same in both tabs");
    const second = await first.openSecond(`/s/${id}`);
    assert.equal(await second.untilText("same in both tabs"), text);
    assert.deepEqual(await second.terminalSize(), narrow);
    assert.equal(await first.get("take-over").count(), 0);

    await second.get("take-over").click();
    const taken = await agreedSize(second, ({ cols }) => cols !== narrow.cols);
    await (await first.show()).get("take-over").waitFor();
    assert.deepEqual(await first.terminalSize(), taken);
    await first.type("\n");
    assert.deepEqual(await agreedSize(first, ({ cols }) => cols === narrow.cols), narrow);
  },
);

/** Waits until the page shows a size as wanted and the program was told the same. */
async function agreedSize(
  tab: Tab,
  wanted: (size: { cols: number; rows: number }) => boolean,
): Promise<{ cols: number; rows: number }> {
  let size: { cols: number; rows: number } | undefined;
  let told: string | undefined;
  await until(
    async () => {
      size = await tab.terminalSize();
      told = (await tab.text()).match(/^\d+ \d+$/gm)?.at(-1);
      return size !== undefined && wanted(size) && told === `${size.rows} ${size.cols}`;
    },
    () => `one size; the page shows ${JSON.stringify(size)}, the program was told ${told}`,
  );
  return size ?? { cols: 0, rows: 0 };
}
