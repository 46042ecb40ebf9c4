// Writes a work tree as it is into its private store: every byte as it lies on the disk, nothing of the repository touched.
import { borrowTree } from "./borrowed_objects.ts";
import { type CaptureLimits, MAX_WEIGHED_FILES, stoppedMessage, weigh } from "./capture_limits.ts";
import { SUBMODULE_MODE } from "./file_modes.ts";
import { OutputLimitError } from "./git_runner.ts";
import { addFiles, dropEntries, setEntries } from "./index_update.ts";
import { type BytePath, fileIdOf, shownPath } from "./path_bytes.ts";
import type { PrivateStore } from "./private_store.ts";
import { IndexCopy, type IndexFindings } from "./repository_index.ts";
import type { RepositoryState } from "./repository_state.ts";
import { lookAt } from "./small_files.ts";
import { embeddedCommit, listIndexedSubmodules } from "./submodules.ts";
import type { RepositoryPlace } from "./work_tree.ts";
import { type Differences, listDifferences } from "./work_tree_differences.ts";

/** From so many files on, contents that the repository has already are taken over as a pack, not written one by one. */
const MANY_FILES = 1000;
/** Files named in one note. */
const MAX_NAMED = 5;

export interface CaptureWork {
  store: PrivateStore;
  place: RepositoryPlace;
  state: RepositoryState;
  limits: CaptureLimits;
  signal: AbortSignal;
  memory: CaptureMemory;
}

/** What one capture of a store knows for the next; emptied when the index is made anew. */
export interface CaptureMemory {
  submodules?: Map<BytePath, string>;
  /** Taking over the repository's objects was begun and has not come to an end. */
  isBorrowSlow?: boolean;
  /** What the repository's index said, and what that depends on. */
  findings?: { stamp: string | undefined; ignored: string; value: IndexFindings };
}

export interface TreeFacts {
  tree: string;
  submodules: { path: string; commit: string }[];
  /** Ids of files that a merge left unmerged. */
  conflicts: string[];
  notes: string[];
}

/** A limit was met; the message is for the user. */
export class CaptureStopped extends Error {}

/** One capture of one work tree. */
export class WorkTreeCapture {
  readonly #work: CaptureWork;
  readonly #notes: string[] = [];
  /** Tell what was heavy when time runs out. */
  #phase: "listing" | "reading" = "listing";
  #untracked: readonly BytePath[] = [];

  constructor(work: CaptureWork) {
    this.#work = work;
  }

  /** Rejects with `CaptureStopped` for limits of size, with the signal's reason when time is up. */
  async run(): Promise<TreeFacts> {
    const { store, state, memory } = this.#work;
    store.clearLeftovers();
    this.#noteState(state);
    const submodules = await this.#refreshSubmodules();
    const copy = new IndexCopy(this.#work);
    try {
      const differences = await this.#differences();
      const findings = await this.#findings(copy, differences.ignored);
      await this.#takeFiles(copy, { differences, findings, submodules });
      const facts = await this.#writeTree(submodules, findings);
      memory.submodules = submodules;
      return facts;
    } finally {
      copy.remove();
    }
  }

  /** Why it took too long, as far as it is known. */
  async describeTimeout(): Promise<string> {
    const { limits, place } = this.#work;
    const stopped = `Snapshot stopped after ${Math.round(limits.captureMs / 1000)} s`;
    if (this.#phase === "listing") return `${stopped}: listing the files took too long`;
    if (this.#untracked.length === 0) {
      return `${stopped}: too much to read at once; the next one goes on from there`;
    }
    const weight = await weigh(this.#untracked.slice(0, MAX_WEIGHED_FILES), { root: place.root });
    return stoppedMessage({ afterMs: limits.captureMs }, { ...weight, files: this.#untracked.length });
  }

  #noteState(state: RepositoryState): void {
    if (state.isSparse) {
      this.#notes.push("Sparse checkout: files that are not on the disk are not part of this");
    }
    if (state.hasOpaqueRefs) {
      this.#notes.push(
        "This repository keeps its references as a reftable: commit and branch cannot be read",
      );
    }
  }

  /** Repositories that the index knows: those that moved get their commit, those that are gone go. */
  async #refreshSubmodules(): Promise<Map<BytePath, string>> {
    const { store, place, signal, memory } = this.#work;
    const isNew = lookAt(store.indexFile) === undefined;
    const known = isNew ? new Map() : memory.submodules ?? await listIndexedSubmodules(store, signal);
    delete memory.submodules;
    const now = new Map<BytePath, string>();
    for (const path of known.keys()) {
      const commit = embeddedCommit(place.root, path);
      if (commit !== undefined) now.set(path, commit);
    }
    const gone = [...known.keys()].filter((path) => !now.has(path));
    await dropEntries(gone, this.#updateOptions);
    await this.#setSubmodules([...now].filter(([path, commit]) => known.get(path) !== commit));
    return now;
  }

  /** The repository's index is read again only when it or the ignored files are others. */
  async #findings(copy: IndexCopy, ignored: readonly BytePath[]): Promise<IndexFindings> {
    const { memory } = this.#work;
    const basis = { stamp: copy.stamp(), ignored: ignored.join("\0") };
    const last = memory.findings;
    if (last?.stamp === basis.stamp && last?.ignored === basis.ignored) return last.value;
    const value = await copy.findings();
    memory.findings = { ...basis, value };
    return value;
  }

  async #takeFiles(
    copy: IndexCopy,
    { differences, findings, submodules }: {
      differences: Differences;
      findings: IndexFindings;
      submodules: Map<BytePath, string>;
    },
  ): Promise<void> {
    const { added, changed, gone, repositories } = differences;
    for (const path of repositories) this.#addRepository(path, submodules);
    const tracked = new Set(findings.trackedIgnored);
    const left = differences.ignored.filter((path) => !tracked.has(path) && !submodules.has(path));
    await dropEntries([...new Set([...gone, ...left])], this.#updateOptions);
    await this.#setSubmodules([...submodules].filter(([path]) => repositories.includes(path)));
    const known = new Set(added);
    const ignored = findings.trackedIgnored.filter((path) => !known.has(path) && !submodules.has(path));
    const out = new Set(left);
    const stored = [...changed.filter((path) => !out.has(path)), ...ignored];
    this.#phase = "reading";
    if (added.length + stored.length <= MANY_FILES) {
      this.#untracked = added;
      await this.#limitSize([...added, ...stored]);
      return this.#add([...added, ...stored], false);
    }
    await this.#takeMany(copy, { added, stored });
  }

  /** The repository has most of it: its objects come over as a pack, the rest is packed at once. */
  async #takeMany(
    copy: IndexCopy,
    { added, stored }: { added: BytePath[]; stored: BytePath[] },
  ): Promise<void> {
    const untracked = new Set(await copy.untracked() ?? added);
    const fresh = added.filter((path) => untracked.has(path));
    this.#untracked = fresh;
    await this.#limitSize([...fresh, ...stored]);
    await this.#borrowObjects();
    await this.#add([...added.filter((path) => !untracked.has(path)), ...stored], false);
    await this.#add(fresh, fresh.length > MANY_FILES);
  }

  async #differences(): Promise<Differences> {
    const { limits, place } = this.#work;
    const differences = await listDifferences(this.#work);
    this.#notes.push(...differences.warnings);
    const files = differences.added.length + differences.changed.length;
    if (files <= limits.newFiles) return differences;
    const weight = await weigh(differences.added.slice(0, MAX_WEIGHED_FILES), place);
    throw new CaptureStopped(stoppedMessage("count", { ...weight, files }));
  }

  #addRepository(path: BytePath, submodules: Map<BytePath, string>): void {
    const commit = embeddedCommit(this.#work.place.root, path);
    if (commit !== undefined) submodules.set(path, commit);
    else this.#notes.push(`"${shownPath(path)}" is a repository whose commit cannot be read: it is left out`);
  }

  async #setSubmodules(entries: [BytePath, string][]): Promise<void> {
    const { store, signal, state } = this.#work;
    const length = state.objectFormat === "sha256" ? 64 : 40;
    const fitting = entries.filter(([, commit]) => commit.length === length)
      .map(([path, oid]) => ({ path, oid, mode: SUBMODULE_MODE }));
    await setEntries(store, { entries: fitting, signal });
  }

  async #limitSize(paths: readonly BytePath[]): Promise<void> {
    const { limits, place } = this.#work;
    const weight = await weigh(paths, { root: place.root });
    if (weight.bytes > limits.newBytes) throw new CaptureStopped(stoppedMessage("size", weight));
  }

  async #add(paths: readonly BytePath[], packed: boolean): Promise<void> {
    const refused = await addFiles(paths, { ...this.#updateOptions, packed });
    if (refused.length === 0) return;
    this.#notes.push(
      `${countFiles(refused.length)} cannot be read and are left out, or as they were: ${nameSome(refused)}`,
    );
  }

  /** Without it the snapshot is only slower. What is not on the disk would come too; what took too long is not tried again. */
  async #borrowObjects(): Promise<void> {
    const { state, memory } = this.#work;
    if (state.head === undefined || state.isSparse || memory.isBorrowSlow) return;
    memory.isBorrowSlow = true;
    await borrowTree({ ...this.#work, commit: state.head });
    memory.isBorrowSlow = false;
  }

  async #writeTree(submodules: Map<BytePath, string>, { conflicts }: IndexFindings): Promise<TreeFacts> {
    const { store, signal } = this.#work;
    const tree = new TextDecoder().decode(await store.ask({ args: ["write-tree"], signal })).trim();
    return {
      tree,
      submodules: [...submodules].map(([path, commit]) => ({ path: shownPath(path), commit })),
      conflicts: conflicts.map(fileIdOf),
      notes: this.#notes,
    };
  }

  get #updateOptions(): { store: PrivateStore; workTree: string; signal: AbortSignal } {
    const { store, place, signal } = this.#work;
    return { store, workTree: place.root, signal };
  }
}

/** Whether a failure is git's output being longer than a list of files may be. */
export function isTooManyFiles(cause: unknown): boolean {
  return cause instanceof OutputLimitError;
}

function countFiles(count: number): string {
  return count === 1 ? "1 file" : `${count} files`;
}

function nameSome(paths: readonly BytePath[]): string {
  const named = paths.slice(0, MAX_NAMED).map(shownPath).join(", ");
  return paths.length > MAX_NAMED ? `${named} and ${paths.length - MAX_NAMED} more` : named;
}
