// Facts, limits, diffs, patches and housekeeping of the store of snapshots.
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { GIT, silentLog, TestBench } from "./testing/git_repository.ts";
import { GitVault } from "./git_vault.ts";
import { readUserExcludes } from "./user_excludes.ts";
import type { TreePair } from "./vault_api.ts";

/** Two snapshots around an edit. */
async function twoTrees(bench: TestBench, edit: () => void): Promise<TreePair> {
  const before = await bench.capture({ keep: "before" });
  edit();
  const after = await bench.capture({ keep: "after" });
  return { store: after.store, from: before.tree, to: after.tree };
}

Deno.test("a snapshot carries commit, branch, upstream, stashes and submodules", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("a", "1\n");
  bench.commit();
  bench.git(["clone", "-q", "work", "clone"], { in: "." });
  bench.root = join(bench.directory, "clone");
  bench.write("a", "2\n");
  bench.git(["stash", "-q"]);
  bench.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../work", "lib"]);
  const capture = await bench.capture();
  const head = bench.git(["rev-parse", "HEAD"]).trim();
  deepEqual(
    [capture.head, capture.branch, capture.upstream, capture.stashCount],
    [head, "main", "origin/main", 1],
  );
  deepEqual(capture.submodules, [{ path: "lib", commit: head }]);
});

Deno.test("a detached HEAD has no branch, a new repository no commit", async () => {
  using bench = new TestBench();
  bench.init();
  const fresh = await bench.capture();
  deepEqual([fresh.head, fresh.branch], [undefined, "main"]);
  bench.commit();
  bench.git(["checkout", "-q", "--detach"]);
  const detached = await bench.capture();
  deepEqual([detached.head, detached.branch], [bench.git(["rev-parse", "HEAD"]).trim(), undefined]);
});

Deno.test("the work tree is found from a directory inside, and its absence is said", () => {
  using bench = new TestBench();
  bench.write("deep/er/file", "x");
  const nothing = bench.vault.locate(join(bench.root, "deep/er"));
  ok("reason" in nothing && nothing.reason === "no_repository");
  bench.init();
  deepEqual(bench.vault.locate(join(bench.root, "deep/er")), { root: bench.root });
  const without = new GitVault({
    directory: bench.stores,
    gitPath: undefined,
    now: Date.now,
    log: silentLog,
  });
  const answer = without.locate(bench.root);
  ok("reason" in answer && answer.reason === "no_git");
});

Deno.test("a pointer to nowhere is refused", () => {
  using bench = new TestBench();
  bench.write(".git", "gitdir: /nowhere/at/all\n");
  const answer = bench.vault.locate(bench.root);
  ok("reason" in answer && answer.reason === "refused");
  match(answer.message, /points to no git repository/);
});

Deno.test("too many new bytes stop a snapshot and name the heavy directories", async () => {
  using bench = new TestBench({ limits: { newBytes: 1_000_000 } });
  bench.init();
  bench.sh("mkdir -p build/out small; truncate -s 3M build/out/big; echo x > small/x");
  const answer = await bench.vault.capture(bench.root);
  ok("failure" in answer);
  equal(answer.failure, "Snapshot stopped: 3.1 MB of untracked or changed files; ignore these: build/out/");
});

Deno.test("too many new files stop a snapshot", async () => {
  using bench = new TestBench({ limits: { newFiles: 100 } });
  bench.init();
  bench.sh("mkdir cache; for i in $(seq 150); do echo > cache/$i; done");
  const answer = await bench.vault.capture(bench.root);
  ok("failure" in answer);
  match(answer.failure, /^Snapshot stopped: 150 untracked or changed files; ignore these: cache\/$/);
});

Deno.test("time that runs out is said, and the next snapshot is fine", async () => {
  using bench = new TestBench({ limits: { captureMs: 1 } });
  bench.init();
  bench.sh("for i in $(seq 50); do echo > $i; done");
  const answer = await bench.vault.capture(bench.root);
  ok("failure" in answer);
  match(answer.failure, /^Snapshot stopped after/);
  const patient = new GitVault({ directory: bench.stores, gitPath: GIT, now: Date.now, log: silentLog });
  ok("tree" in await patient.capture(bench.root));
});

Deno.test("many snapshots asked for at once all come, and equal trees are equal", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("a", "1\n");
  const trees = await Promise.all(Array.from({ length: 6 }, () => bench.capture()));
  equal(new Set(trees.map(({ tree }) => tree)).size, 1);
});

Deno.test("a spoilt private index is made anew", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("a", "1\n");
  const { store, tree } = await bench.capture();
  Deno.writeTextFileSync(join(bench.stores, store, "index"), "no index");
  equal((await bench.capture()).tree, tree);
});

Deno.test("our own data is no part of a snapshot of the directory that holds it", async () => {
  using bench = new TestBench();
  bench.git(["init", "-q"], { in: "." });
  bench.write("a", "1\n");
  bench.root = bench.directory;
  await bench.capture();
  const pair = await twoTrees(bench, () => bench.write("b", "2\n"));
  deepEqual((await bench.vault.compare(pair)).files.map(({ path }) => path), ["b"]);
});

Deno.test("what becomes ignored leaves the snapshots unless it is tracked", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("tracked.log", "1\n");
  bench.commit();
  bench.write("cache/x", "1\n");
  const pair = await twoTrees(bench, () => bench.write(".gitignore", "cache/\n*.log\n"));
  const { files } = await bench.vault.compare(pair);
  deepEqual(files.map(({ status, path }) => `${status} ${path}`), ["A .gitignore", "D cache/x"]);
});

Deno.test("the user's own ignore rules hold, and a repository's win over them", async () => {
  const bench = new TestBench();
  using vaulted = new TestBench({
    userExcludes: () => readUserExcludes({ home: join(bench.directory, "home") }),
  });
  using _home = bench;
  Deno.mkdirSync(join(bench.directory, "home/.config/git"), { recursive: true });
  Deno.writeTextFileSync(join(bench.directory, "home/.config/git/ignore"), "*.swp\n*.orig\n");
  vaulted.init();
  vaulted.write(".git/info/exclude", "!*.orig\n");
  const pair = await twoTrees(
    vaulted,
    () => ["a.swp", "a.orig", "a.txt"].forEach((name) => vaulted.write(name, "x\n")),
  );
  deepEqual((await vaulted.vault.compare(pair)).files.map(({ path }) => path), ["a.orig", "a.txt"]);
});

Deno.test("commits in between are listed newest first", async () => {
  using bench = new TestBench();
  bench.init();
  bench.commit("zero");
  const from = bench.git(["rev-parse", "HEAD"]).trim();
  const env = { GIT_AUTHOR_DATE: "2024-01-02T03:04:05Z" };
  bench.git(["commit", "-q", "--allow-empty", "-m", "one\n\nbody"], { env });
  bench.git(["commit", "-q", "--allow-empty", "-m", "zwö"]);
  const to = bench.git(["rev-parse", "HEAD"]).trim();
  const commits = await bench.vault.commits(bench.root, { from, to });
  deepEqual(commits.map(({ subject, authorName }) => [subject, authorName]), [["zwö", "Ann"], [
    "one",
    "Ann",
  ]]);
  equal(commits[1]?.authoredAtMs, Date.parse("2024-01-02T03:04:05Z"));
  equal(commits[0]?.hash, to);
  equal((await bench.vault.commits(bench.root, { from: undefined, to })).length, 3);
});

Deno.test("commits of a shallow clone end where it ends", async () => {
  using bench = new TestBench();
  bench.init();
  bench.commit("one");
  bench.commit("two");
  bench.git(["clone", "-q", "--depth=1", `file://${bench.root}`, "clone"], { in: "." });
  bench.root = join(bench.directory, "clone");
  const to = bench.git(["rev-parse", "HEAD"]).trim();
  const commits = await bench.vault.commits(bench.root, { from: undefined, to });
  deepEqual(commits.map(({ subject }) => subject), ["two"]);
});

Deno.test("a list of changes counts lines and marks what programs write", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("a.ts", "one\ntwo\n");
  const pair = await twoTrees(bench, () => {
    bench.write("a.ts", "one\n2\n3\n");
    bench.write("deno.lock", "{}\n");
    bench.write("made.ts", "// Code generated by a tool. DO NOT EDIT.\n");
  });
  const { files, totals } = await bench.vault.compare(pair);
  deepEqual(totals, { files: 3, additions: 4, deletions: 1 });
  deepEqual(files[0], {
    ...{ id: "a.ts", path: "a.ts", status: "M", kind: "text", additions: 2, deletions: 1 },
    ...{ oldMode: "100644", newMode: "100644", oldBytes: 8, newBytes: 8 },
  });
  deepEqual(files.map(({ generated }) => generated ?? false), [false, true, true]);
});

Deno.test("hunks are counted, not looked for: content may look like a diff", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("x.diff", "@@ -1 +1 @@\n-@@ -9 +9 @@\n same\n");
  const pair = await twoTrees(bench, () => bench.write("x.diff", "@@ -5 +5 @@\n-@@ -8 +8 @@\n same\nend"));
  const diff = await bench.vault.diffFile(pair, { id: "x.diff", ignoreWhitespace: false });
  deepEqual(diff, { kind: "text", hunks: [[1, 2, 1, 2], [3, 0, 4, 1]], oldBytes: 31, newBytes: 34 });
});

Deno.test("whitespace can be ignored; new, gone and empty files have whole hunks", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("space", "a b\nc\n");
  bench.write("gone", "x\ny\n");
  const pair = await twoTrees(bench, () => {
    bench.write("space", "a   b\nd\n");
    bench.remove("gone");
    bench.write("new", "1\n2\n3");
    bench.write("empty", "");
  });
  const hunks = async (id: string, ignoreWhitespace = false): Promise<unknown> =>
    (await bench.vault.diffFile(pair, { id, ignoreWhitespace })).hunks;
  deepEqual(await hunks("space"), [[1, 2, 1, 2]]);
  deepEqual(await hunks("space", true), [[2, 1, 2, 1]]);
  deepEqual(await hunks("gone"), [[1, 2, 0, 0]]);
  deepEqual(await hunks("new"), [[0, 0, 1, 3]]);
  deepEqual(await hunks("empty"), []);
});

Deno.test("binary, large, linked and unknown files say so", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("a", "x");
  const pair = await twoTrees(bench, () => {
    bench.write("bin", new Uint8Array([1, 0, 2]));
    bench.sh("yes 'a line of text' | head -c 17000000 > large; ln -s a link");
  });
  const diff = (id: string): ReturnType<typeof bench.vault.diffFile> =>
    bench.vault.diffFile(pair, { id, ignoreWhitespace: false });
  deepEqual(await diff("bin"), { kind: "binary", hunks: [], newBytes: 3 });
  deepEqual(await diff("large"), { kind: "large", hunks: [], newBytes: 17_000_000 });
  deepEqual(await diff("link"), { kind: "symlink", hunks: [], newBytes: 1, newValue: "a" });
  await rejects(diff("a"), { code: "not_found" });
});

Deno.test("a long file with thousands of small changes is compared line by line, as the list counted", async () => {
  using bench = new TestBench();
  bench.init();
  const rows = Array.from({ length: 200_000 }, (_, index) => `row ${index} of many\n`).join("");
  bench.write("rows", rows);
  const pair = await twoTrees(bench, () => bench.write("rows", rows.replaceAll("0 of", "0 off")));
  const { totals } = await bench.vault.compare(pair);
  const { kind, hunks } = await bench.vault.diffFile(pair, { id: "rows", ignoreWhitespace: false });
  deepEqual([kind, hunks.length, totals.additions], ["text", 20_000, 20_000]);
});

Deno.test("content is read by the bytes of a name and cut where asked", async () => {
  using bench = new TestBench();
  bench.init();
  bench.sh("mkdir \"$(printf 'd\\377')\"; printf hello > \"$(printf 'd\\377/f')\"; ln -s nowhere link");
  const { store, tree } = await bench.capture();
  const read = async (id: string, maxBytes = 100): Promise<unknown> => {
    const found = await bench.vault.content(store, { tree, id, maxBytes });
    return found && [new TextDecoder().decode(found.bytes), found.totalBytes];
  };
  deepEqual(await read("d%FF/f"), ["hello", 5]);
  deepEqual(await read("d%FF/f", 2), ["he", 5]);
  for (const id of ["link", "d%FF", "d%FF/g", "missing/f", "../x"]) equal(await read(id), undefined);
});

Deno.test("a patch of everything, and of single files, applies to the old tree", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("old name.txt", "1\n2\n3\n4\n5\n");
  bench.write("bin", new Uint8Array([0, 1, 2]));
  bench.write("gone", "bye\n");
  bench.sh("printf x > \"$(printf 'n\\377')\"");
  const pair = await twoTrees(bench, () => {
    bench.sh("mv 'old name.txt' 'new name.txt'; sed -i s/3/three/ 'new name.txt'; rm gone; chmod +x bin");
    bench.write("bin", new Uint8Array([0, 1, 3]));
    bench.sh("printf y > \"$(printf 'n\\377')\"; ln -s bin link");
  });
  const { files } = await bench.vault.compare(pair);
  const whole = await bytesOf(await bench.vault.patch(pair));
  const single = await Promise.all(files.map(async ({ id }) => bytesOf(await bench.vault.patch(pair, id))));
  equal(applied(bench, { pair, patches: [whole] }), hashOfTree(bench, { ...pair, tree: pair.to }));
  equal(applied(bench, { pair, patches: single }), hashOfTree(bench, { ...pair, tree: pair.to }));
  match(new TextDecoder().decode(whole), /rename from old name\.txt/);
});

async function bytesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function hashOfTree(bench: TestBench, { store, tree }: { store: string; tree: string }): string {
  const copy = bench.checkOut({ store, tree });
  return bench.hashFiles(bench.listFiles(copy), copy);
}

function applied(bench: TestBench, { pair, patches }: { pair: TreePair; patches: Uint8Array[] }): string {
  const copy = bench.checkOut({ store: pair.store, tree: pair.from });
  for (const [index, patch] of patches.entries()) {
    const path = join(bench.directory, `${index}.patch`);
    Deno.writeFileSync(path, patch);
    bench.git(["apply", "--unsafe-paths", "--whitespace=nowarn", path], {
      in: copy.slice(bench.directory.length + 1),
    });
  }
  return bench.hashFiles(bench.listFiles(copy), copy);
}

Deno.test("releasing and tidying frees objects; the last release frees the store", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("keep", "kept\n");
  const first = await bench.capture({ keep: "session-1" });
  bench.sh("head -c 3000000 /dev/urandom > big");
  await bench.capture({ keep: "session-2" });
  bench.remove("big");
  await bench.capture();
  const path = join(bench.stores, first.store);
  const kilobytes = (): number => Number(bench.sh("du -sk .", path).split("\t")[0]);
  ok(kilobytes() > 2900);
  await bench.vault.release(first.store, "session-2");
  await bench.vault.tidy(first.store);
  ok(kilobytes() < 500);
  equal(hashOfTree(bench, first), hashOfTree(bench, { ...first }));
  equal((await bench.capture()).tree, first.tree);
  await bench.vault.release(first.store, "session-1");
  await bench.vault.tidy(first.store);
  deepEqual([...Deno.readDirSync(bench.stores)], []);
  await rejects(bench.vault.tidy(first.store), { code: "not_found" });
});

Deno.test("stores are private", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("a", "1\n");
  const { store } = await bench.capture({ keep: "x" });
  equal((Deno.statSync(bench.stores).mode ?? 0) & 0o077, 0);
  equal((Deno.statSync(join(bench.stores, store)).mode ?? 0) & 0o077, 0);
});
