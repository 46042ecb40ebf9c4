// Lists what differs between the private index and the work tree; only times and sizes are looked at, no content.
import { type BytePath, shownPath, splitNul } from "./path_bytes.ts";
import { GitFailure, type PrivateStore } from "./private_store.ts";
import { lookAt } from "./small_files.ts";
import type { RepositoryPlace } from "./work_tree.ts";

const MAX_LIST_BYTES = 256 * 1024 * 1024;
const MAX_WARNINGS = 5;
const DIFFERING = ["diff-files", "-z", "--name-status", "--no-renames", "--ignore-submodules=all"];
const NEW = ["ls-files", "-z", "-o", "--exclude-standard"];
const IGNORED = ["ls-files", "-z", "-c", "-i", "--exclude-standard"];

/** What differs between the private index and the work tree. */
export interface Differences {
  /** New to the index, without repositories. */
  added: BytePath[];
  changed: BytePath[];
  gone: BytePath[];
  /** Repositories in the work tree that the index does not have yet. */
  repositories: BytePath[];
  /** In the index, and ignored by the rules as they are now. */
  ignored: BytePath[];
  /** Directories that cannot be opened and the like. */
  warnings: string[];
}

/** Rejects as `PrivateStore.ask` does, and with `OutputLimitError` for more files than anybody has. */
export async function listDifferences(
  { store, place, signal }: { store: PrivateStore; place: RepositoryPlace; signal: AbortSignal },
): Promise<Differences> {
  const call = { workTree: place.root, signal, maxOutputBytes: MAX_LIST_BYTES };
  const hasIndex = lookAt(store.indexFile) !== undefined;
  const [differing, others, ignored] = await Promise.all([
    hasIndex ? store.ask({ ...call, args: DIFFERING }) : new Uint8Array(),
    store.run({ ...call, args: NEW }),
    store.ask({ ...call, args: IGNORED }),
  ]);
  if (others.code !== 0) throw new GitFailure("ls-files", others);
  const found = splitNul(others.stdout);
  return {
    added: found.filter((path) => !path.endsWith("/")),
    repositories: found.filter((path) => path.endsWith("/")).map((path) => path.slice(0, -1)),
    ...parseNameStatus(splitNul(differing)),
    ignored: splitNul(ignored),
    warnings: warningsOf(others.stderr),
  };
}

/** `status NUL path NUL` pairs. */
function parseNameStatus(fields: readonly string[]): { changed: BytePath[]; gone: BytePath[] } {
  const changed: BytePath[] = [];
  const gone: BytePath[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    (fields[at] === "D" ? gone : changed).push(fields[at + 1] ?? "");
  }
  return { changed, gone };
}

function warningsOf(stderr: Uint8Array): string[] {
  const lines = new TextDecoder().decode(stderr).split("\n").filter((line) => line.startsWith("warning: "));
  return lines.slice(0, MAX_WARNINGS).map((line) => `Git says: ${shownPath(line.slice("warning: ".length))}`);
}
