// Repositories inside a work tree: they are recorded by their commit, and nothing is ever run in them.
import { join } from "node:path";
import { SUBMODULE_MODE } from "./file_modes.ts";
import { type BytePath, bytePathOf, openableName } from "./path_bytes.ts";
import type { PrivateStore } from "./private_store.ts";
import { readHead } from "./repository_state.ts";
import { repositoryAt } from "./work_tree.ts";

const ENTRY = /^160000 ([0-9a-f]+) 0\t([\s\S]+)$/;

/** The commit that a repository below the root stands at; undefined when there is none that we may read. */
export function embeddedCommit(root: string, path: BytePath): string | undefined {
  const name = openableName(path);
  const place = name === undefined ? undefined : repositoryAt(join(root, name));
  return place === undefined || "reason" in place ? undefined : readHead(place);
}

/** The repositories that an index holds, by path. */
export async function listIndexedSubmodules(
  store: PrivateStore,
  signal: AbortSignal,
): Promise<Map<BytePath, string>> {
  const output = bytePathOf(
    await store.ask({ args: ["ls-files", "-z", "-s"], signal, maxOutputBytes: 1024 ** 3 }),
  );
  const found = new Map<BytePath, string>();
  if (!output.includes(SUBMODULE_MODE)) return found;
  for (const entry of output.split("\0")) {
    const [, commit, path] = entry.match(ENTRY) ?? [];
    if (commit !== undefined && path !== undefined) found.set(path, commit);
  }
  return found;
}
