// Takes the picture of the README from the running program: sessions of several kinds, and vim live in front.
import { Scene, signIn, until } from "../server/browser/harness.ts";
import { showIn } from "../server/browser/views.ts";
import type { LaunchRequest, SessionView } from "../server/protocol.ts";
import { launchBrowser } from "../server/testing/browser.ts";
import { endHolders } from "../server/testing/running_program.ts";

const PICTURE = new URL("../.github/page.png", import.meta.url).pathname;
const SHOWN_FILE = "server/http/guard.ts";
/** Instead of what the machine's own files would set. */
const VIMRC = [
  "set nocompatible termguicolors background=dark number noruler laststatus=2",
  "filetype on",
  "syntax on",
  "colorscheme habamax",
  "highlight Normal guibg=NONE",
  "highlight LineNr guifg=#5b6472 guibg=NONE",
].join("\n");

const root = await Deno.realPath(await Deno.makeTempDir());
const found = await launchBrowser();
if ("skipped" in found) throw new Error(found.skipped);
const scene = new Scene(found.browser, { dataDirectory: `${root}/data`, workDirectory: `${root}/work` });
try {
  await Deno.writeTextFile(`${root}/vimrc`, VIMRC);
  await git("clone", "-q", "-b", "main", new URL("..", import.meta.url).pathname, `${root}/agents-fleet`);
  await git("init", "-q", "-b", "main", `${root}/website`);
  await takePicture(`${root}/agents-fleet`);
} finally {
  await found.browser.close();
  await scene.endPrograms();
  await endHolders(scene.dataDirectory);
  await Deno.remove(root, { recursive: true });
}

async function git(...args: string[]): Promise<void> {
  const { success } = await new Deno.Command("git", { args }).output();
  if (!success) throw new Error(`Cannot run git ${args[0]}`);
}

async function takePicture(cwd: string): Promise<void> {
  const program = await scene.start();
  const api = await signIn(program);
  const ended: LaunchRequest[] = [
    { cwd, command: "git --no-pager log --graph --oneline" },
    { cwd, command: "git --no-pager diff --stat HEAD~3", title: "What changed today" },
    { cwd: `${root}/website`, command: "sh -c 'exit 2'", title: "Publish the website" },
  ];
  for (const request of ended) await api.waitForEnd((await api.launch(request)).id);
  await api.launch({ cwd: `${root}/website`, command: "bash" });
  await api.launch({ cwd, command: "tail -f README.md", title: "Follow the log" });
  const shown = await api.launch({ cwd, command: `vim -u ../vimrc ${SHOWN_FILE}`, title: "Read the guard" });
  await photograph(shown);

  async function photograph({ id }: SessionView): Promise<void> {
    const tab = await scene.open(program, { path: `/s/${id}` });
    await tab.untilText("import");
    await until(async () => (await tab.terminalSize())?.cols !== 120, () => "the size of the pane");
    await showIn(tab, "dark");
    await tab.type("22Gzz");
    await tab.page.mouse.move(800, 500);
    await until(async () => !/^~$/m.test(await tab.text()), () => "a full screen");
    await tab.page.screenshot({ path: PICTURE });
  }
}
