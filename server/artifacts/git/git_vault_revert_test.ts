// Reverts give back bytes, modes and links as they were, whatever the repository says about conversions.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { TestBench } from "./testing/git_repository.ts";
import { REPOSITORY_CASES } from "./testing/repository_cases.ts";
import type { Capture, RevertStep } from "./vault_api.ts";

/** Repositories inside a work tree are left alone by a revert. */
const UNREVERTABLE = ["submodule", "repository inside that is no submodule", "a tracked file becomes a pipe"];

for (const test of REPOSITORY_CASES.filter(({ name }) => !UNREVERTABLE.includes(name))) {
  Deno.test(`revert and undo: ${test.name}`, async () => {
    using bench = new TestBench();
    test.build(bench);
    const before = await bench.capture();
    test.edit(bench);
    const after = await bench.capture();
    const git = hashOfGit(bench);
    await revertAll(bench, { from: after, to: before });
    equal((await bench.capture()).tree, before.tree);
    await revertAll(bench, { from: before, to: after });
    equal((await bench.capture()).tree, after.tree);
    equal(hashOfGit(bench), git);
  });
}

async function revertAll(bench: TestBench, { from, to }: { from: Capture; to: Capture }): Promise<void> {
  const pair = { store: from.store, from: from.tree, to: to.tree };
  const steps = await bench.vault.planRevert(pair);
  const { failed, done } = await bench.vault.revert(bench.root, { pair, steps });
  deepEqual(failed, []);
  equal(done, steps.length);
}

/** Index, HEAD, references, objects and configuration. */
function hashOfGit(bench: TestBench): string {
  return bench.sh("find .git -type f -print0 2>/dev/null | sort -z | xargs -0 -r sha256sum | sha256sum");
}

/** Conversions of all kinds in one repository. */
function convertingRepository(bench: TestBench): Record<string, Uint8Array> {
  bench.init();
  bench.write(
    ".gitattributes",
    "*.crlf text eol=crlf\n*.id ident\n*.u16 text working-tree-encoding=UTF-16LE-BOM eol=crlf\n*.f filter=rot\n* text=auto\n",
  );
  bench.git(["config", "core.autocrlf", "true"]);
  bench.git(["config", "filter.rot.clean", "tr a-z b-za"]);
  bench.git(["config", "filter.rot.smudge", "tr b-za a-z"]);
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const files = {
    "a.crlf": text("mixed\r\nends\nhere\r"),
    "b.id": text("$Id: 1234 $ and $Id$\r\n"),
    "c.u16": new Uint8Array([0xff, 0xfe, 0x68, 0, 0x0a, 0, 0x69, 0, 0x0d, 0, 0x0a, 0]),
    "d.f": text("filtered\r\n"),
    "e.txt": text("one\r\ntwo\n"),
    "f.bin": new Uint8Array([0, 13, 10, 0, 255]),
  };
  for (const [name, bytes] of Object.entries(files)) bench.write(name, bytes);
  bench.git(["add", "-A"], { mayFail: true });
  bench.git(["commit", "-q", "-m", "converted"]);
  return files;
}

Deno.test("a revert restores byte for byte under every conversion that a repository can ask for", async () => {
  using bench = new TestBench();
  const files = convertingRepository(bench);
  const before = await bench.capture();
  for (const name of Object.keys(files)) bench.write(name, "changed by the agent\n");
  bench.remove("d.f");
  const after = await bench.capture();
  await revertAll(bench, { from: after, to: before });
  for (const [name, bytes] of Object.entries(files)) {
    deepEqual(new Uint8Array(Deno.readFileSync(join(bench.root, name))), bytes, name);
  }
});

Deno.test("a plan of one file says what happens and does only that", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("a.txt", "a\n");
  bench.write("b.txt", "b\n");
  const before = await bench.capture();
  bench.write("a.txt", "changed\n");
  bench.write("b.txt", "changed\n");
  bench.write("new.txt", "new\n");
  const after = await bench.capture();
  const pair = { store: after.store, from: after.tree, to: before.tree };
  deepEqual(await bench.vault.planRevert(pair, ["a.txt", "new.txt"]), [
    { id: "a.txt", path: "a.txt", action: "overwrite" },
    { id: "new.txt", path: "new.txt", action: "remove" },
  ]);
  const steps = await bench.vault.planRevert(pair, ["a.txt"]);
  deepEqual(await bench.vault.revert(bench.root, { pair, steps }), { done: 1, failed: [] });
  equal(bench.read("a.txt"), "a\n");
  equal(bench.read("b.txt"), "changed\n");
});

Deno.test("a renamed file goes back to its old name", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("old.txt", "the same\nthree\nlines\n");
  const before = await bench.capture();
  bench.sh("mkdir deep; mv old.txt deep/new.txt");
  const after = await bench.capture();
  const pair = { store: after.store, from: after.tree, to: before.tree };
  const steps = await bench.vault.planRevert(pair, ["deep/new.txt"]);
  deepEqual(steps.map(({ action, path }) => `${action} ${path}`), ["remove deep/new.txt", "restore old.txt"]);
  await bench.vault.revert(bench.root, { pair, steps });
  equal(bench.read("old.txt"), "the same\nthree\nlines\n");
  equal(bench.sh("ls"), "old.txt\n");
});

Deno.test("a file that changed after the plan is left alone and told", async () => {
  using bench = new TestBench();
  bench.init();
  for (const name of ["a", "b", "c"]) bench.write(name, "1\n");
  const before = await bench.capture();
  for (const name of ["a", "b"]) bench.write(name, "2\n");
  bench.remove("c");
  const after = await bench.capture();
  const pair = { store: after.store, from: after.tree, to: before.tree };
  const steps = await bench.vault.planRevert(pair);
  bench.write("a", "3\n");
  bench.write("c", "new\n");
  const { done, failed } = await bench.vault.revert(bench.root, { pair, steps });
  equal(done, 1);
  deepEqual(failed.map(({ path }) => path).sort(), ["a", "c"]);
  match(failed[0]?.message ?? "", /changed since/);
  deepEqual(["a", "b", "c"].map((name) => bench.read(name)), ["3\n", "1\n", "new\n"]);
});

Deno.test("a revert never writes through a symbolic link", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("dir/file", "ours\n");
  const before = await bench.capture();
  bench.remove("dir/file");
  bench.write("other", "x\n");
  const after = await bench.capture();
  const pair = { store: after.store, from: after.tree, to: before.tree };
  const steps = await bench.vault.planRevert(pair);
  bench.sh("mkdir ../outside; rm -rf dir; ln -s ../outside dir");
  const { failed } = await bench.vault.revert(bench.root, { pair, steps });
  deepEqual(failed.map(({ path }) => path), ["dir/file"]);
  equal(bench.sh("ls -A ../outside"), "");
});

Deno.test("permissions of a private file stay private", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("key", "one\n");
  bench.sh("chmod 600 key");
  const before = await bench.capture();
  bench.write("key", "two\n");
  const after = await bench.capture();
  await revertAll(bench, { from: after, to: before });
  equal(bench.read("key"), "one\n");
  equal((Deno.statSync(join(bench.root, "key")).mode ?? 0) & 0o777, 0o600);
});

Deno.test("repositories inside are skipped, and forged steps do nothing", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("a", "1\n");
  const before = await bench.capture();
  bench.git(["init", "-q", "inner"]);
  bench.git(["commit", "-q", "--allow-empty", "-m", "x"], { in: "work/inner" });
  const after = await bench.capture();
  const pair = { store: after.store, from: after.tree, to: before.tree };
  const steps = await bench.vault.planRevert(pair);
  deepEqual(steps.map(({ action }) => action), ["skip"]);
  const forged: RevertStep[] = [
    { id: "inner", path: "inner", action: "remove" },
    { id: "a", path: "a", action: "remove" },
    { id: "../outside", path: "x", action: "overwrite" },
    { id: ".git/config", path: "x", action: "remove" },
  ];
  const { done, failed } = await bench.vault.revert(bench.root, { pair, steps: forged });
  equal(done, 0);
  equal(failed.length, 4);
  ok(bench.read(".git/config"));
});
