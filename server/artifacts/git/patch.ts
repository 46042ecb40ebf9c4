// Writes patches that `git apply` takes, of everything or of one file, as a stream.
import { join } from "node:path";
import { setEntries } from "./index_update.ts";
import { checkTree, type PrivateStore } from "./private_store.ts";
import type { DiffEntry, DiffSide } from "./raw_diff.ts";
import { unlessMissing } from "./small_files.ts";

const OPTIONS = [
  "-r",
  "-p",
  "--binary",
  "--full-index",
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "-M",
];

/** The patch from one tree to another; it ends early, with an error, when git fails. */
export function streamPatch(
  store: PrivateStore,
  { from, to }: { from: string; to: string },
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(patchParts(store, { from: checkTree(from), to: checkTree(to) }));
}

/** Trees that hold one file each: paths are bytes that no argument can carry. */
export async function treesOfEntry(
  store: PrivateStore,
  entry: DiffEntry,
): Promise<{ from: string; to: string }> {
  return { from: await treeOf(store, entry.old), to: await treeOf(store, entry.new) };
}

async function treeOf(store: PrivateStore, side: DiffSide | undefined): Promise<string> {
  const directory = await Deno.makeTempDir({ dir: store.path, prefix: "patch_" });
  try {
    const indexFile = join(directory, "index");
    await setEntries(store, { entries: side === undefined ? [] : [side], indexFile });
    const tree = await store.ask({ args: ["write-tree", "--missing-ok"], indexFile });
    return new TextDecoder().decode(tree).trim();
  } finally {
    unlessMissing(() => Deno.removeSync(directory, { recursive: true }));
  }
}

async function* patchParts(
  store: PrivateStore,
  { from, to }: { from: string; to: string },
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const stream = store.start({ args: ["diff-tree", ...OPTIONS, from, to] });
  try {
    yield* stream.output;
    const { code } = await stream.finished;
    if (code !== 0) throw new Error("The patch is incomplete: git failed");
  } finally {
    stream.stop();
    await stream.finished.catch(() => "told above, or nobody reads on");
  }
}
