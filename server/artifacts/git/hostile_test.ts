import assert from "node:assert/strict";
import { join } from "node:path";
import { createLog } from "../../log.ts";
import {
  layTrap,
  OUTSIDE_SECRET,
  type Trap,
  type Vector,
  VECTORS,
} from "../../testing/hostile_repositories.ts";
import { GitVault } from "./git_vault.ts";
import type { Capture, TreePair } from "./vault_api.ts";

const GIT = "/usr/bin/git";
/** Listed, but not read: it says when something was looked at. */
const LINK_MODE = "link";

async function withDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Content and mode of everything below a directory, links not followed. */
async function fingerprint(directory: string, under = ""): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name } of Deno.readDir(join(directory, under))) {
    const path = join(under, name);
    const info = await Deno.lstat(join(directory, path));
    if (info.isDirectory) { for (const entry of await fingerprint(directory, path)) found.set(...entry); }
    else if (info.isSymlink) found.set(path, `${LINK_MODE} ${await Deno.readLink(join(directory, path))}`);
    else {
      const bytes = await Deno.readFile(join(directory, path));
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
      found.set(path, `${info.mode} ${info.mtime?.getTime()} ${hash}`);
    }
  }
  return found;
}

function contentsOf(prints: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...prints].map(([path, print]) => [path, print.replace(/^(\d+) \d+ /, "$1 ")]));
}

async function listCanaries({ canaries }: Trap): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(canaries))).map(({ name }) => name).sort();
}

async function mustCapture(vault: GitVault, root: string, keep: string): Promise<Capture> {
  const capture = await vault.capture(root, { keep });
  assert.ok(!("failure" in capture), "failure" in capture ? capture.failure : "");
  return capture;
}

/** Everything that the vault says of two trees, as one text. */
async function readEverything(vault: GitVault, pair: TreePair): Promise<string> {
  const said: string[] = [];
  const comparison = await vault.compare(pair);
  said.push(JSON.stringify(comparison));
  for (const { id, oldId = id } of comparison.files) {
    said.push(JSON.stringify(await vault.diffFile(pair, { id, ignoreWhitespace: true })));
    for (const [tree, name] of [[pair.from, oldId], [pair.to, id]] as const) {
      const content = await vault.content(pair.store, { tree, id: name, maxBytes: 1 << 20 });
      if (content) said.push(new TextDecoder().decode(content.bytes));
    }
    said.push(await new Response(await vault.patch(pair, id)).text());
  }
  said.push(await new Response(await vault.patch(pair)).text());
  return said.join("\n");
}

async function change({ root }: Trap): Promise<void> {
  await Deno.writeTextFile(join(root, "a.txt"), "one\r\nTWO $Id$\n");
  await Deno.writeTextFile(join(root, "new.txt"), "new\n");
}

/** Takes, compares, reads and reverts as the program does, and checks that the repository is as it was. */
async function useEverything(
  trap: Trap,
  { directory, vector }: { directory: string; vector: Vector },
): Promise<void> {
  const vault = new GitVault({
    directory: join(directory, "data/git"),
    gitPath: GIT,
    now: Date.now,
    log: createLog("error", () => {}),
  });
  const place = vault.locate(join(trap.root, vector.inside ?? ""));
  assert.deepEqual(place, { root: trap.root });
  const original = await fingerprint(trap.root);
  const outside = await fingerprint(trap.outside);
  const before = await mustCapture(vault, trap.root, "before");
  assert.deepEqual(await fingerprint(trap.root), original);
  await change(trap);
  await vector.attack?.(trap);
  const changed = await fingerprint(trap.root);
  const after = await mustCapture(vault, trap.root, "after");
  assert.equal(after.store, before.store);
  const pair = { store: after.store, from: before.tree, to: after.tree };
  const said = await readEverything(vault, pair);
  if (after.head !== undefined) await vault.commits(trap.root, { from: undefined, to: after.head });
  assert.deepEqual(await fingerprint(trap.root), changed);
  assert.ok(!said.includes(OUTSIDE_SECRET), "something outside was read");
  assert.match(said, /TWO \$Id\$/);
  const back = { store: pair.store, from: pair.to, to: pair.from };
  const { failed } = await vault.revert(trap.root, { pair: back, steps: await vault.planRevert(back) });
  assert.deepEqual(failed, []);
  assert.deepEqual(contentsOf(await fingerprint(trap.root)), contentsOf(original));
  await vault.release(pair.store, "before");
  await vault.release(pair.store, "after");
  await vault.tidy(pair.store);
  assert.deepEqual(await fingerprint(trap.outside), outside);
}

for (const vector of VECTORS) {
  Deno.test(`a hostile repository runs nothing and gets at nothing: ${vector.name}`, async () => {
    await withDirectory(async (directory) => {
      const trap = await layTrap(directory, vector);
      for (const name of await listCanaries(trap)) await Deno.remove(join(trap.canaries, name));
      await useEverything(trap, { directory, vector });
      assert.deepEqual(await listCanaries(trap), []);
      await vector.careless?.(trap);
      if (vector.careless) {
        assert.ok(
          (await listCanaries(trap)).length > 0,
          "the trap is none: careless use did not spring it either",
        );
      }
    });
  });
}
