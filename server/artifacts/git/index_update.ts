// Brings the private index to what lies in the work tree, around files that cannot be read.
import type { GitResult } from "./git_runner.ts";
import { type BytePath, bytePathOf, bytesOfPath, joinNul } from "./path_bytes.ts";
import { GitFailure, type PrivateStore } from "./private_store.ts";

/** Files per run: what a run has done stays done when a limit ends the capture, and the next one goes on from there. */
const BATCH_FILES = 10_000;
/** Files that git refuses one by one before the capture gives up. */
const MAX_REFUSALS = 200;

export interface UpdateOptions {
  store: PrivateStore;
  workTree: string;
  signal: AbortSignal;
  /** Stores new contents in one pack: faster for many new files, slower for files whose content is stored already. */
  packed?: boolean;
}

/** Takes files into the index and their bytes into the store; answers those that git could not take. */
export async function addFiles(paths: readonly BytePath[], options: UpdateOptions): Promise<BytePath[]> {
  const refused: BytePath[] = [];
  for (let start = 0; start < paths.length; start += BATCH_FILES) {
    refused.push(...await addBatch(paths.slice(start, start + BATCH_FILES), options));
  }
  return refused;
}

/** Entries as `update-index --index-info` reads them. */
export type IndexEntry = { path: BytePath; mode: string; oid: string };

/** Sets entries without looking at the work tree. */
export async function setEntries(
  store: PrivateStore,
  options: { entries: readonly IndexEntry[]; indexFile?: string; signal?: AbortSignal },
): Promise<void> {
  const { entries, ...call } = options;
  if (entries.length === 0) return;
  const lines = entries.map(({ path, mode, oid }) => `${mode} ${oid}\t${path}\0`).join("");
  await store.ask({ ...call, args: ["update-index", "-z", "--index-info"], input: bytesOfPath(lines) });
}

/** Takes entries out, whatever lies in the work tree. */
export async function dropEntries(
  paths: readonly BytePath[],
  { store, workTree, signal }: UpdateOptions,
): Promise<void> {
  if (paths.length === 0) return;
  const args = ["update-index", "-z", "--force-remove", "--stdin"];
  await store.ask({ args, workTree, signal, input: joinNul(paths) });
}

async function addBatch(batch: readonly BytePath[], options: UpdateOptions): Promise<BytePath[]> {
  const refused: BytePath[] = [];
  let rest = batch;
  while (rest.length > 0) {
    const failed = await tryAdding(rest, options);
    if (failed === undefined) break;
    const place = rest.indexOf(failed);
    refused.push(...await addBatch(rest.slice(0, place), options), failed);
    if (refused.length > MAX_REFUSALS) return [...refused, ...rest.slice(place + 1)];
    rest = rest.slice(place + 1);
  }
  return refused;
}

/** Undefined when all went in, else the file at which git gave up. */
async function tryAdding(paths: readonly BytePath[], options: UpdateOptions): Promise<BytePath | undefined> {
  const first = await runUpdate(paths, options);
  if (first.code === 0) return undefined;
  // Reports make git slow, as each ends what it writes together: they are asked for only now.
  const result = first.crashed
    ? first
    : await runUpdate(paths, { ...options, packed: false, withReport: true });
  if (result.code === 0) return undefined;
  const failed = result.crashed ? undefined : firstUnreported(paths, bytePathOf(result.stdout));
  if (failed === undefined) throw new GitFailure("update-index", result);
  return failed;
}

async function runUpdate(
  paths: readonly BytePath[],
  { store, workTree, signal, packed, withReport }: UpdateOptions & { withReport?: boolean },
): Promise<GitResult> {
  return await store.run({
    args: [
      ...(packed ? ["-c", "core.bigFileThreshold=1"] : []),
      ...[
        "update-index",
        "-z",
        ...(withReport ? ["--verbose"] : []),
        "--add",
        "--remove",
        "--replace",
        "--stdin",
      ],
    ],
    workTree,
    signal,
    input: joinNul(paths),
  });
}

/** Git reports each file that it has done, in order, and ends at the first that it cannot do. */
function firstUnreported(paths: readonly BytePath[], report: string): BytePath | undefined {
  let at = 0;
  let next = 0;
  for (const [index, path] of paths.entries()) {
    const end = reportEnd(report, { at, path });
    if (end === undefined) continue;
    at = end;
    next = index + 1;
  }
  return paths[next];
}

function reportEnd(report: string, { at, path }: { at: number; path: BytePath }): number | undefined {
  for (const line of [`add '${path}'\n`, `remove '${path}'\n`]) {
    if (report.startsWith(line, at)) return at + line.length;
  }
  return undefined;
}
