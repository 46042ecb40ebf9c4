// Every kind of repository: nothing in it is touched, the snapshot is the tree as it lies there, the changes are right.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { FileChange } from "../../protocol.ts";
import { fileIdOf } from "./path_bytes.ts";
import { TestBench } from "./testing/git_repository.ts";
import { REPOSITORY_CASES, type RepositoryCase } from "./testing/repository_cases.ts";
import type { Capture } from "./vault_api.ts";

for (const test of REPOSITORY_CASES) {
  Deno.test(`snapshots of a repository: ${test.name}`, () => checkCase(test));
}

async function checkCase(test: RepositoryCase): Promise<void> {
  using bench = new TestBench();
  test.build(bench);
  const before = await captureUntouched(bench);
  test.edit(bench);
  const after = await captureUntouched(bench);
  const { files } = await bench.vault.compare({ store: after.store, from: before.tree, to: after.tree });
  deepEqual(files.map(describe), test.expected);
  if (test.note) match(after.notes.join("\n"), test.note);
  else deepEqual(after.notes, []);
  deepEqual(after.conflicts, (test.conflicts ?? []).map(fileIdOf));
  checkTreeEqualsDisk(bench, { test, after });
}

/** Everything on the disk, times included, is the same after a snapshot. */
async function captureUntouched(bench: TestBench): Promise<Capture> {
  const status = bench.status();
  const disk = bench.everything();
  const capture = await bench.capture();
  equal(bench.everything(), disk);
  equal(bench.status(), status);
  return capture;
}

/** The snapshot comes out of our store alone, the repository's objects being gone. */
function checkTreeEqualsDisk(
  bench: TestBench,
  { test, after }: { test: RepositoryCase; after: Capture },
): void {
  if (test.isOpaque) return;
  const list = bench.listRealFiles();
  const expected = bench.hashFiles(list);
  bench.sh("find . -name .git -prune -exec rm -rf {} +", bench.directory);
  bench.sh("rm -rf work/.git clone/.git", bench.directory);
  const copy = bench.checkOut(after);
  equal(bench.hashFiles(bench.listFiles(copy), copy), expected);
  ok(Deno.statSync(join(bench.stores, after.store)).isDirectory);
}

function describe(file: FileChange): string {
  const words: string[] = [file.status];
  if (file.kind !== "text") words.push(file.kind);
  if (file.filtered) words.push("filtered");
  words.push(file.oldPath === undefined ? file.path : `${file.oldPath} -> ${file.path}`);
  return words.join(" ");
}
