// A vault without git: work trees are what a test says they are.
import type {
  Capture,
  CaptureFailure,
  Comparison,
  RevertStep,
  TreePair,
  Unavailable,
  Vault,
  WorkTree,
} from "../artifacts/git/vault_api.ts";
import type { CommitView, FileChange, FileDiff } from "../protocol.ts";

/** Content of files by path. */
export type FakeTree = Record<string, string>;

export class FakeVault implements Vault {
  /** The one work tree there is; undefined for none. */
  root: string | undefined;
  /** What its files are now. */
  files: FakeTree = {};
  head: string | undefined;
  readonly trees = new Map<string, FakeTree>();
  readonly kept = new Map<string, string>();
  readonly log: string[] = [];
  /** Answered instead of a capture. */
  failure: string | undefined;
  /** Captures wait for it. */
  gate: Promise<void> = Promise.resolve();
  conflicts: string[] = [];
  submodules: Capture["submodules"] = [];
  /** Called at the moment when a capture sees the files. */
  onCapture: () => void = () => {};
  commitList: CommitView[] = [];

  locate(cwd: string): WorkTree | Unavailable {
    if (this.root !== undefined && cwd.startsWith(this.root)) return { root: this.root };
    return { reason: "no_repository", message: "There is no repository here" };
  }

  async capture(root: string, options: { keep?: string } = {}): Promise<Capture | CaptureFailure> {
    this.log.push(`capture ${root}`);
    await this.gate;
    if (this.failure !== undefined) return { failure: this.failure };
    this.onCapture();
    const tree = await nameOf(this.files);
    this.trees.set(tree, { ...this.files });
    if (options.keep !== undefined) this.kept.set(options.keep, tree);
    const head = this.head === undefined ? {} : { head: this.head };
    return {
      store: "store",
      tree,
      ...head,
      stashCount: 0,
      submodules: this.submodules,
      conflicts: this.conflicts,
      notes: [],
      durationMs: 1,
    };
  }

  commits(): Promise<CommitView[]> {
    return Promise.resolve(this.commitList);
  }

  compare({ from, to }: TreePair): Promise<Comparison> {
    const [before, after] = [this.trees.get(from) ?? {}, this.trees.get(to) ?? {}];
    const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    const files = paths.filter((path) => before[path] !== after[path]).map((path): FileChange => ({
      id: encodeURIComponent(path),
      path,
      status: before[path] === undefined ? "A" : after[path] === undefined ? "D" : "M",
      kind: "text",
      additions: after[path] === undefined ? 0 : 1,
      deletions: before[path] === undefined ? 0 : 1,
    }));
    const sum = (pick: (file: FileChange) => number | undefined): number =>
      files.reduce((total, file) => total + (pick(file) ?? 0), 0);
    const totals = {
      files: files.length,
      additions: sum(({ additions }) => additions),
      deletions: sum(({ deletions }) => deletions),
    };
    return Promise.resolve({ files, totals, notes: [] });
  }

  diffFile(): Promise<FileDiff> {
    return Promise.resolve({ kind: "text", hunks: [[1, 1, 1, 1]] });
  }

  directories(): Promise<string[]> {
    return Promise.resolve([]);
  }

  content(_store: string, { tree, id }: { tree: string; id: string }): ReturnType<Vault["content"]> {
    const text = this.trees.get(tree)?.[decodeURIComponent(id)];
    if (text === undefined) return Promise.resolve(undefined);
    const bytes = new TextEncoder().encode(text);
    return Promise.resolve({ bytes, totalBytes: bytes.length });
  }

  patch(pair: TreePair, fileId = "all"): ReturnType<Vault["patch"]> {
    const text = `patch of ${fileId} ${pair.from} ${pair.to}`;
    return Promise.resolve(ReadableStream.from([new TextEncoder().encode(text)]));
  }

  async planRevert(pair: TreePair, ids?: readonly string[]): Promise<RevertStep[]> {
    const { files } = await this.compare(pair);
    return files.filter(({ id }) => ids?.includes(id) ?? true).map(({ id, path, status }) => ({
      ...{ id, path },
      action: status === "A" ? "restore" : status === "D" ? "remove" : "overwrite",
    }));
  }

  revert(
    _root: string,
    { pair, steps }: { pair: TreePair; steps: readonly RevertStep[] },
  ): ReturnType<Vault["revert"]> {
    const target = this.trees.get(pair.to) ?? {};
    for (const { path } of steps) {
      const text = target[path];
      if (text === undefined) delete this.files[path];
      else this.files[path] = text;
    }
    return Promise.resolve({ done: steps.length, failed: [] });
  }

  listKept(): { store: string; keep: string }[] {
    return [...this.kept.keys()].map((keep) => ({ store: "store", keep }));
  }

  release(_store: string, keep: string): Promise<void> {
    this.kept.delete(keep);
    return Promise.resolve();
  }

  tidy(store: string): Promise<void> {
    this.log.push(`tidy ${store}`);
    return Promise.resolve();
  }
}

async function nameOf(files: FakeTree): Promise<string> {
  const text = JSON.stringify(Object.entries(files).sort());
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
