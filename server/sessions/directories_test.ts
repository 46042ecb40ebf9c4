import assert from "node:assert/strict";
import { resolveDirectory, suggestDirectories } from "./directories.ts";
import { findRepository } from "./repository.ts";

async function withTree(work: (root: string) => void | Promise<void>): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${root}/app/.git`, { recursive: true });
    await Deno.writeTextFile(`${root}/app/.git/HEAD`, "ref: refs/heads/feature/x\n");
    await Deno.mkdir(`${root}/app/src/deep`, { recursive: true });
    await Deno.mkdir(`${root}/apple`);
    await Deno.mkdir(`${root}/.hidden`);
    await Deno.symlink(`${root}/app`, `${root}/link`);
    await Deno.symlink(`${root}/nowhere`, `${root}/broken`);
    await work(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("a link is resolved to where it leads, and ~ to the home directory", () =>
  withTree((root) => {
    const rules = { homeDirectory: root, dataDirectory: "/nowhere" };
    assert.equal(resolveDirectory(`${root}/link`, rules), `${root}/app`);
    assert.equal(resolveDirectory("~/app/", rules), `${root}/app`);
    assert.throws(() => resolveDirectory(`${root}/broken`, rules), /does not exist/);
  }));

Deno.test("our own data directory is refused, its neighbour with the same beginning is not", () =>
  withTree((root) => {
    const rules = { homeDirectory: root, dataDirectory: `${root}/app` };
    assert.throws(() => resolveDirectory(`${root}/app/src`, rules), /belongs to Agents Fleet/);
    assert.equal(resolveDirectory(`${root}/apple`, rules), `${root}/apple`);
  }));

Deno.test("completion offers directories, repositories first, hidden ones only when asked", () =>
  withTree((root) => {
    const rules = { homeDirectory: root, dataDirectory: "/nowhere" };
    const paths = (prefix: string): string[] =>
      suggestDirectories(prefix, rules).map(({ path }) => path.slice(root.length + 1));
    assert.deepEqual(paths(`${root}/`), ["app", "link", "apple"]);
    assert.deepEqual(paths(`${root}/APP`), ["app", "apple"]);
    assert.deepEqual(paths(`${root}/.`), [".hidden"]);
    assert.deepEqual(paths("~/app/s"), ["app/src"]);
    assert.deepEqual([paths("/no/such/"), paths("relative")], [[], []]);
    assert.deepEqual(suggestDirectories(`${root}/app`, rules)[0]?.branch, "feature/x");
  }));

Deno.test("a repository is found from below, through a work tree's file, and without a branch", () =>
  withTree(async (root) => {
    assert.deepEqual(findRepository(`${root}/app/src/deep`), {
      root: `${root}/app`,
      name: "app",
      branch: "feature/x",
    });
    await Deno.writeTextFile(`${root}/apple/.git`, "gitdir: ../app/.git\n");
    assert.equal(findRepository(`${root}/apple`)?.branch, "feature/x");
    await Deno.writeTextFile(`${root}/app/.git/HEAD`, "0123456789012345678901234567890123456789\n");
    assert.deepEqual(findRepository(`${root}/app`), { root: `${root}/app`, name: "app" });
  }));
