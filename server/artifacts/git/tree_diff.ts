// Asks git what differs between two trees, the finer answer first, a coarser one when that takes too long.
import { AppError } from "../../errors.ts";
import { OutputLimitError } from "./git_runner.ts";
import { bytePathOf, splitNul } from "./path_bytes.ts";
import type { PrivateStore } from "./private_store.ts";
import { type DiffEntry, type LineCounts, parseRawDiff } from "./raw_diff.ts";
import type { TreePair } from "./vault_api.ts";

/** Histogram tells moved code apart better; files with thousands of small changes take it minutes. */
export type DiffAlgorithm = "histogram" | "myers";

export interface TreeDiff {
  entries: DiffEntry[];
  counts: Map<string, LineCounts>;
  notes: string[];
  algorithm: DiffAlgorithm;
}

interface Attempt {
  options: string[];
  algorithm: DiffAlgorithm;
  limitMs: number;
  note?: string;
}

/** Files on each side up to which renames with edits are looked for. */
const RENAME_LIMIT = 1000;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const RENAMES = ["-M", "-C", "--no-rename-empty", `-l${RENAME_LIMIT}`];
const ATTEMPTS: readonly Attempt[] = [
  { options: ["--numstat", "--histogram", ...RENAMES], algorithm: "histogram", limitMs: 5_000 },
  { options: ["--numstat", ...RENAMES], algorithm: "myers", limitMs: 25_000 },
  {
    options: ["--no-renames"],
    algorithm: "myers",
    limitMs: 60_000,
    note: "Too much changed to count lines and find renames",
  },
];

/** Throws `not_found` when a tree is gone, `unavailable` when even the names take too long. */
export async function diffTrees(store: PrivateStore, pair: TreePair): Promise<TreeDiff> {
  for (const attempt of ATTEMPTS) {
    const diff = await tryDiff(store, { pair, attempt });
    if (diff !== undefined) return diff;
  }
  throw new AppError("unavailable", "Too much changed to be compared");
}

/** Undefined when the attempt meets a limit. */
async function tryDiff(
  store: PrivateStore,
  { pair, attempt }: { pair: TreePair; attempt: Attempt },
): Promise<TreeDiff | undefined> {
  const { options, algorithm, limitMs, note } = attempt;
  const signal = AbortSignal.timeout(limitMs);
  const fixed = ["diff-tree", "-r", "-z", "--raw", "--no-ext-diff", "--no-textconv"];
  try {
    const args = [...fixed, ...options, pair.from, pair.to];
    const { code, stdout, stderr } = await store.run({ args, signal, maxOutputBytes: MAX_OUTPUT_BYTES });
    if (code !== 0) throw new AppError("not_found", "One of the two snapshots is gone");
    const notes = [...renameNotes(stderr), ...(note === undefined ? [] : [note])];
    return { ...parseRawDiff(splitNul(stdout)), notes, algorithm };
  } catch (cause) {
    if (signal.aborted || cause instanceof OutputLimitError) return undefined;
    throw cause;
  }
}

function renameNotes(stderr: Uint8Array): string[] {
  const isSkipped = bytePathOf(stderr).includes("rename detection was skipped");
  return isSkipped ? ["Too many files changed to look for renames with edits"] : [];
}
