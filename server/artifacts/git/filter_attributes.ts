// Which files the repository would pass through a filter (LFS, for example), told by its attributes; no filter is run.
import { join } from "node:path";
import { setEntries } from "./index_update.ts";
import { findInTree, ObjectReader } from "./object_reader.ts";
import { type BytePath, joinNul, splitNul } from "./path_bytes.ts";
import type { PrivateStore } from "./private_store.ts";
import { unlessMissing } from "./small_files.ts";

const NAME = ".gitattributes";
/** Directories asked for attributes; more change at once only where nobody reads labels. */
const MAX_DIRECTORIES = 2000;

/** Paths with a `filter` attribute in the attribute files of a tree. */
export async function findFiltered(
  store: PrivateStore,
  { tree, paths }: { tree: string; paths: readonly BytePath[] },
): Promise<Set<BytePath>> {
  const files = await attributeFiles(store, { tree, paths });
  if (files.length === 0) return new Set();
  const directory = await Deno.makeTempDir({ dir: store.path, prefix: "attributes_" });
  try {
    const indexFile = join(directory, "index");
    await setEntries(store, { entries: files, indexFile });
    return await ask(store, { directory, indexFile, paths });
  } finally {
    unlessMissing(() => Deno.removeSync(directory, { recursive: true }));
  }
}

/** Asks with a git directory that lacks our own attributes, which would answer "no filter" for everything. */
async function ask(
  store: PrivateStore,
  { directory, indexFile, paths }: { directory: string; indexFile: string; paths: readonly BytePath[] },
): Promise<Set<BytePath>> {
  const git = store.bareView(directory);
  const args = ["check-attr", "--cached", "-z", "--stdin", "filter"];
  const fields = splitNul(await git.ask({ args, indexFile, input: joinNul(paths) }));
  const found = new Set<BytePath>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    if (!["unspecified", "unset", "set", ""].includes(fields[at + 2] ?? "")) found.add(fields[at] ?? "");
  }
  return found;
}

async function attributeFiles(
  store: PrivateStore,
  { tree, paths }: { tree: string; paths: readonly BytePath[] },
): Promise<{ path: BytePath; mode: string; oid: string }[]> {
  const directories = new Set(paths.flatMap(ancestorsOf));
  const files: { path: BytePath; mode: string; oid: string }[] = [];
  const trees = new Map<string, Uint8Array>();
  await using reader = new ObjectReader(store);
  for (const directory of [...directories].slice(0, MAX_DIRECTORIES)) {
    const path = directory + NAME;
    const found = await findInTree(reader, { tree, path, trees });
    if (found?.mode.startsWith("100")) files.push({ path, ...found });
  }
  return files;
}

/** The root as "", each other directory with its final slash. */
function ancestorsOf(path: BytePath): string[] {
  const parts = path.split("/").slice(0, -1);
  return ["", ...parts.map((_, index) => `${parts.slice(0, index + 1).join("/")}/`)];
}
