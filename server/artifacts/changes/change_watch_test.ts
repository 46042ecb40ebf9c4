import assert from "node:assert/strict";
import { createLog } from "../../log.ts";
import type { ServerMessage } from "../../protocol.ts";
import { FakeVault } from "../../testing/fake_vault.ts";
import { ChangeWatch } from "./change_watch.ts";
import { followDirectories } from "./follow_directories.ts";
import { LiveTrees } from "./live_trees.ts";

const PATIENCE_MS = 30_000;

interface Scene {
  root: string;
  vault: FakeVault;
  watch: ChangeWatch;
  liveTrees: LiveTrees;
  /** Directories that are followed now. */
  followed: Set<string>;
  /** Lets the file system say that something changed. */
  notice: (...paths: string[]) => void;
  /** Delays asked for, and what is to happen then. */
  laters: { work: () => void; delayMs: number }[];
  page: { send: (message: ServerMessage) => void; told: string[] };
}

async function createScene({ directories }: { directories: string[] | undefined }): Promise<Scene> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(`${root}/sub`);
  const vault = new FakeVault();
  const notices = new Set<(paths: string[]) => void>();
  const scene: Omit<Scene, "watch" | "liveTrees"> = {
    root,
    vault,
    followed: new Set(),
    notice: (...paths) => notices.forEach((notice) => notice(paths)),
    laters: [],
    page: {
      told: [],
      send: (message) => message.type === "changes" && scene.page.told.push(message.sessionId),
    },
  };
  const liveTrees: LiveTrees = new LiveTrees({
    vault,
    isCurrent: (root) => watch.isCurrent(root),
    onLitter: () => {},
  });
  const watch: ChangeWatch = new ChangeWatch({
    liveTrees,
    rootOf: () => root,
    listDirectories: () => Promise.resolve(directories),
    follow: (paths, onNotice) => {
      paths.forEach((path) => scene.followed.add(path));
      notices.add(onNotice);
      return () => {
        paths.forEach((path) => scene.followed.delete(path));
        notices.delete(onNotice);
      };
    },
    now: () => 0,
    later: (work, delayMs) => {
      const later = { work, delayMs };
      scene.laters.push(later);
      return () => scene.laters.splice(scene.laters.indexOf(later), 1);
    },
    log: createLog("error", () => {}),
  });
  return { ...scene, liveTrees, watch };
}

async function until(condition: () => boolean): Promise<void> {
  const giveUpAtMs = Date.now() + PATIENCE_MS;
  while (!condition()) {
    assert.ok(Date.now() < giveUpAtMs, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Lets time pass until the next look, and the look be done. */
async function look(t: Scene): Promise<number> {
  await until(() => t.laters.length > 0);
  const [later] = t.laters.splice(0);
  later?.work();
  await until(() => t.laters.length > 0);
  return t.laters[0]?.delayMs ?? NaN;
}

Deno.test("pages are told of a change, once, when the file system notices one", async () => {
  const t = await createScene({ directories: ["sub"] });
  t.watch.set(t.page, { sessionId: "s", on: true });
  await look(t);
  t.page.told.length = 0;
  assert.ok(t.followed.has(t.root) && t.followed.has(`${t.root}/sub`));
  t.vault.files = { "a.txt": "new" };
  t.notice();
  t.notice();
  assert.deepEqual(t.laters.map(({ delayMs }) => delayMs), [300]);
  await look(t);
  assert.deepEqual(t.page.told, ["s"]);
  t.notice();
  await look(t);
  assert.deepEqual(t.page.told, ["s"]);
  t.watch.close();
  await Deno.remove(t.root, { recursive: true });
});

Deno.test("a directory that was removed and comes back is followed anew", async () => {
  const t = await createScene({ directories: ["sub"] });
  t.watch.set(t.page, { sessionId: "s", on: true });
  await look(t);
  await look(t);
  t.followed.clear();
  t.notice(`${t.root}/sub`);
  await look(t);
  assert.deepEqual([...t.followed], [`${t.root}/sub`]);
  t.watch.close();
  await Deno.remove(t.root, { recursive: true });
});

Deno.test("without notices the work tree is looked at now and then", async () => {
  const t = await createScene({ directories: undefined });
  t.watch.set(t.page, { sessionId: "s", on: true });
  assert.equal(await look(t), 2000);
  t.page.told.length = 0;
  t.vault.files = { "a.txt": "new" };
  await look(t);
  assert.deepEqual([t.page.told, t.watch.isCurrent(t.root)], [["s"], false]);
  t.watch.close();
  await Deno.remove(t.root, { recursive: true });
});

Deno.test("nothing is looked at once nobody looks, and a page that goes takes its wishes with it", async () => {
  const t = await createScene({ directories: [] });
  const other = { send: () => {} };
  t.watch.set(t.page, { sessionId: "s", on: true });
  t.watch.set(other, { sessionId: "t", on: true });
  await look(t);
  assert.equal(t.watch.size, 1);
  t.watch.set(t.page, { sessionId: "s", on: false });
  assert.equal(t.followed.size > 0, true);
  t.watch.leave(other);
  assert.deepEqual([t.watch.size, t.followed.size, t.laters.length], [0, 0, 0]);
  await Deno.remove(t.root, { recursive: true });
});

Deno.test("while nothing is noticed, now is what was last seen", async () => {
  const t = await createScene({ directories: [] });
  t.watch.set(t.page, { sessionId: "s", on: true });
  await look(t);
  await until(() => t.watch.isCurrent(t.root));
  const before = t.vault.log.length;
  await t.liveTrees.get(t.root);
  assert.equal(t.vault.log.length, before);
  t.notice();
  await t.liveTrees.get(t.root);
  assert.equal(t.vault.log.length, before + 1);
  t.watch.close();
  await Deno.remove(t.root, { recursive: true });
});

Deno.test("real files that change are noticed", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(`${root}/sub`);
  await Deno.writeTextFile(`${root}/sub/a.txt`, "1");
  let notices = 0;
  const end = followDirectories([root, `${root}/sub`], () => notices++);
  await Deno.writeTextFile(`${root}/marker`, "");
  await until(() => notices > 0);
  notices = 0;
  await Deno.writeTextFile(`${root}/sub/a.txt`, "2");
  await until(() => notices > 0);
  end();
  await Deno.remove(root, { recursive: true });
});
