// What the rest of the program asks of the git side: snapshots of work trees in a store of our own, and what they tell.
import type { ChangeTotals, CommitView, FileChange, FileDiff } from "../../protocol.ts";

/** A work tree found around a directory, by reading files alone. */
export interface WorkTree {
  /** Absolute path of its root. */
  root: string;
}

/** Why nothing can be captured. */
export interface Unavailable {
  reason: "no_repository" | "no_git" | "refused";
  /** One sentence for the user. */
  message: string;
}

/** A snapshot that was written; its objects stay until `release`. */
export interface Capture {
  /** Which store holds it; the same for all snapshots of one work tree. */
  store: string;
  /** Object id of the tree of the whole work tree: tracked, staged, untracked and not ignored. */
  tree: string;
  /** Commit of HEAD; missing without a first commit. */
  head?: string;
  /** Missing on a detached HEAD. */
  branch?: string;
  upstream?: string;
  stashCount: number;
  submodules: { path: string; commit: string }[];
  /** Ids of files that a merge left unmerged. */
  conflicts: string[];
  /** What could not be taken and why, one sentence each. */
  notes: string[];
  durationMs: number;
}

/** A limit was met, or git failed; nothing was stored. The message says what to do. */
export interface CaptureFailure {
  failure: string;
}

export interface CaptureOptions {
  /** Keeps the objects until `release(keep)`; without it the tree may be dropped at the next `tidy`. */
  keep?: string;
  signal?: AbortSignal;
}

export interface Comparison {
  files: FileChange[];
  totals: ChangeTotals;
  /** What is left out and why. */
  notes: string[];
}

/** One side of a comparison: a tree in a store. */
export interface TreePair {
  store: string;
  from: string;
  to: string;
}

/** What a revert does to one path. */
export interface RevertStep {
  id: string;
  path: string;
  action: "restore" | "overwrite" | "remove" | "skip";
  /** Why it is skipped: a submodule, a directory in the way. */
  note?: string;
}

/** All promises reject with `AppError` (`not_found`, `unavailable`, `conflict`) or settle; none blocks the main thread. */
export interface Vault {
  /** The work tree around `cwd`, or why there is none to capture. */
  locate(cwd: string): WorkTree | Unavailable;
  /** Writes the work tree as it is into the private store; incremental from the second time on. At most two at once. */
  capture(root: string, options?: CaptureOptions): Promise<Capture | CaptureFailure>;
  /** Commits reachable from `to` and not from `from`, newest first, at most 500. `from` undefined: all of `to`'s. */
  commits(root: string, range: { from: string | undefined; to: string }): Promise<CommitView[]>;
  compare(pair: TreePair): Promise<Comparison>;
  diffFile(pair: TreePair, file: { id: string; ignoreWhitespace: boolean }): Promise<FileDiff>;
  /** Directories of a tree that hold files, relative to its root; undefined when they are more than `max`. */
  directories(store: string, wish: { tree: string; max: number }): Promise<string[] | undefined>;
  /** The bytes of a file on one side, at most `maxBytes` of them; undefined when it is not there or not a file. */
  content(store: string, file: { tree: string; id: string; maxBytes: number }): Promise<
    { bytes: Uint8Array<ArrayBuffer>; totalBytes: number } | undefined
  >;
  /** A patch that `git apply` takes, binary files included; of one file or of all. */
  patch(pair: TreePair, fileId?: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /** What `revert` would do to make `files` (all that differ when missing) what they are in `to`; `from` is the tree now. */
  planRevert(pair: TreePair, files?: readonly string[]): Promise<RevertStep[]>;
  /**
   * Does a plan, byte for byte, without touching HEAD, index or refs; follows no symbolic link out of the work tree.
   * A path that no longer is what `pair.from` says is left alone and listed.
   */
  revert(root: string, work: { pair: TreePair; steps: readonly RevertStep[] }): Promise<
    { done: number; failed: { path: string; message: string }[] }
  >;
  /** Everything that is kept, in all stores. */
  listKept(): { store: string; keep: string }[];
  /** Gives up what was kept under a name; `tidy` frees the space. */
  release(store: string, keep: string): Promise<void>;
  /** Frees what nothing keeps; removes a store that keeps nothing. */
  tidy(store: string): Promise<void>;
}
