// Facts, limits, diffs, patches and housekeeping of the store of snapshots.
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { GIT, silentLog, TestBench } from "./testing/git_repository.ts";
import { GitVault } from "./git_vault.ts";
import { readUserExcludes } from "./user_excludes.ts";

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
  const pair = await bench.twoTrees(() => bench.write("b", "2\n"));
  deepEqual((await bench.vault.compare(pair)).files.map(({ path }) => path), ["b"]);
});

Deno.test("what becomes ignored leaves the snapshots unless it is tracked", async () => {
  using bench = new TestBench();
  bench.init();
  bench.write("tracked.log", "1\n");
  bench.commit();
  bench.write("cache/x", "1\n");
  const pair = await bench.twoTrees(() => bench.write(".gitignore", "cache/\n*.log\n"));
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
  const pair = await vaulted.twoTrees(() =>
    ["a.swp", "a.orig", "a.txt"].forEach((name) => vaulted.write(name, "x\n"))
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
  equal(bench.hashOfTree(first), bench.hashOfTree({ ...first }));
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
