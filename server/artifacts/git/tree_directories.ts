// The directories of a captured tree: those that hold files which are not ignored.
import { openableName, splitNul } from "./path_bytes.ts";
import { OutputLimitError } from "./git_runner.ts";
import { checkTree, type PrivateStore } from "./private_store.ts";

/** Far more than the names of as many directories as anybody follows. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;

/** Relative to the root, which is not in the list; undefined when there are more than `max`. */
export async function listDirectories(
  store: PrivateStore,
  { tree, max }: { tree: string; max: number },
): Promise<string[] | undefined> {
  const args = ["ls-tree", "-r", "-d", "-z", "--name-only", checkTree(tree)];
  try {
    const names = splitNul(await store.ask({ args, maxOutputBytes: MAX_LIST_BYTES }));
    if (names.length > max) return undefined;
    // Git names submodules here too; they are no part of this work tree, but a few more to follow do no harm.
    return names.flatMap((name) => openableName(name) ?? []);
  } catch (cause) {
    if (cause instanceof OutputLimitError) return undefined;
    throw cause;
  }
}
