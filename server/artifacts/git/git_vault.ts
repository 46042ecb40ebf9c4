// The git side of sessions: snapshots of work trees in stores of our own, and what they tell when compared.
import type { CommitView, FileDiff } from "../../protocol.ts";
import type { Log } from "../../log.ts";
import { AppError } from "../../errors.ts";
import { type CaptureMemory, CaptureStopped, isTooManyFiles, WorkTreeCapture } from "./capture.ts";
import { type CaptureLimits, DEFAULT_LIMITS } from "./capture_limits.ts";
import { streamPatch, treesOfEntry } from "./patch.ts";
import { doSteps, pathsToRevert, planSteps, type RevertOutcome } from "./revert.ts";
import { tidyStore } from "./tidy.ts";
import { listCommits } from "./commits.ts";
import { Comparer } from "./comparer.ts";
import { diffFile } from "./file_diff.ts";
import { readContent } from "./object_reader.ts";
import { GitRunner } from "./git_runner.ts";
import { checkTree, GitFailure, type PrivateStore, PrivateStores } from "./private_store.ts";
import { readRepositoryState, type RepositoryState } from "./repository_state.ts";
import { listDirectories } from "./tree_directories.ts";
import { Slots, TurnsByKey } from "./turns.ts";
import type {
  Capture,
  CaptureFailure,
  CaptureOptions,
  Comparison,
  RevertStep,
  TreePair,
  Unavailable,
  Vault,
  WorkTree,
} from "./vault_api.ts";
import { findWorkTree, type RepositoryPlace } from "./work_tree.ts";

const CAPTURES_AT_ONCE = 2;
const CAPTURE_ATTEMPTS = 3;

export interface GitVaultOptions {
  /** Where the stores are; made with mode 0700. The data directory is the one that holds it. */
  directory: string;
  /** Absolute path; undefined when there is no git. */
  gitPath: string | undefined;
  limits?: Partial<CaptureLimits>;
  /** Text of the user's own ignore rules, which come before those of a repository. */
  userExcludes?: () => string;
  now: () => number;
  log: Log;
}

/** `Vault` by git's own plumbing over private git directories. */
export class GitVault implements Vault {
  readonly #limits: CaptureLimits;
  readonly #now: () => number;
  readonly #userExcludes: () => string;
  readonly #log: Log;
  readonly #stores: PrivateStores | undefined;
  readonly #turns = new TurnsByKey();
  readonly #slots = new Slots(CAPTURES_AT_ONCE);
  /** Tidying may take long; captures of other work trees do not wait for it. */
  readonly #tidying = new Slots(1);
  readonly #comparer: Comparer;
  /** By store; of the work trees in use. */
  readonly #memories = new Map<string, CaptureMemory>();

  constructor(options: GitVaultOptions) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#now = options.now;
    this.#userExcludes = options.userExcludes ?? (() => "");
    this.#log = options.log;
    Deno.mkdirSync(options.directory, { recursive: true, mode: 0o700 });
    const directory = Deno.realPathSync(options.directory);
    if (options.gitPath !== undefined) {
      this.#stores = new PrivateStores({ directory, git: new GitRunner(options.gitPath) });
    }
    this.#comparer = new Comparer();
  }

  locate(cwd: string): WorkTree | Unavailable {
    if (this.#stores === undefined) {
      return { reason: "no_git", message: "Git is not installed: changes cannot be shown" };
    }
    const place = findWorkTree(cwd);
    return "reason" in place ? place : { root: place.root };
  }

  capture(root: string, options: CaptureOptions = {}): Promise<Capture | CaptureFailure> {
    return this.#turns.take(root, () => this.#slots.take(() => this.#capture(root, options)));
  }

  async commits(root: string, range: { from: string | undefined; to: string }): Promise<CommitView[]> {
    const place = this.#placeOf(root);
    return await listCommits({ store: this.#prepared(place).store, place, ...range });
  }

  async compare(pair: TreePair): Promise<Comparison> {
    return await this.#comparer.compare(this.#open(pair.store), pair);
  }

  async diffFile(pair: TreePair, file: { id: string; ignoreWhitespace: boolean }): Promise<FileDiff> {
    const store = this.#open(pair.store);
    const entry = await this.#comparer.entry(store, { pair, id: file.id });
    const algorithm = await this.#comparer.algorithm(store, pair);
    return await diffFile(store, { entry, ignoreWhitespace: file.ignoreWhitespace, algorithm });
  }

  async directories(store: string, wish: { tree: string; max: number }): Promise<string[] | undefined> {
    return await listDirectories(this.#open(store), wish);
  }

  async content(
    store: string,
    file: { tree: string; id: string; maxBytes: number },
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; totalBytes: number } | undefined> {
    return await readContent(this.#open(store), { ...file, tree: checkTree(file.tree) });
  }

  async patch(pair: TreePair, fileId?: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const store = this.#open(pair.store);
    if (fileId === undefined) {
      await this.#comparer.compare(store, pair);
      return streamPatch(store, pair);
    }
    const entry = await this.#comparer.entry(store, { pair, id: fileId });
    return streamPatch(store, await treesOfEntry(store, entry));
  }

  async planRevert(pair: TreePair, files?: readonly string[]): Promise<RevertStep[]> {
    const store = this.#open(pair.store);
    if (files === undefined) return await planSteps(store, { pair });
    // The ids are those of the list of changes, which runs the other way and knows renames: both names belong to one.
    const shown = { store: pair.store, from: pair.to, to: pair.from };
    const entries = await Promise.all(files.map((id) => this.#comparer.entry(store, { pair: shown, id })));
    return await planSteps(store, { pair, paths: new Set(entries.flatMap(pathsToRevert)) });
  }

  revert(
    root: string,
    { pair, steps }: { pair: TreePair; steps: readonly RevertStep[] },
  ): Promise<RevertOutcome> {
    return this.#turns.take(root, async () => {
      const { store } = this.#prepared(this.#placeOf(root));
      if (store.name !== pair.store) throw new AppError("conflict", "The snapshot is of another work tree");
      return await doSteps(store, { root, pair, steps, newId: () => crypto.randomUUID() });
    });
  }

  listKept(): { store: string; keep: string }[] {
    const stores = this.#stores?.list() ?? [];
    return stores.flatMap((store) => store.listKept().map((keep) => ({ store: store.name, keep })));
  }

  release(store: string, keep: string): Promise<void> {
    return Promise.try(() => this.#open(store).release(keep));
  }

  async tidy(name: string): Promise<void> {
    const store = this.#open(name);
    await this.#turns.take(store.root, () => this.#tidying.take(() => tidyStore(store)));
    this.#memories.delete(name);
  }

  async #capture(root: string, options: CaptureOptions): Promise<Capture | CaptureFailure> {
    const startedAtMs = this.#now();
    const place = this.#placeOf(root);
    const { store, state } = this.#prepared(place);
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(new CaptureStopped("time is up")), this.#limits.captureMs);
    const signal = options.signal ? AbortSignal.any([timeout.signal, options.signal]) : timeout.signal;
    try {
      const facts = await this.#attempt({ store, place, state, signal });
      if (typeof facts === "string") return { failure: facts };
      if (options.keep !== undefined) store.keep(options.keep, facts.tree);
      const { head, branch, upstream, stashCount } = state;
      return {
        store: store.name,
        ...(head === undefined ? {} : { head }),
        ...(branch === undefined ? {} : { branch }),
        ...(upstream === undefined ? {} : { upstream }),
        stashCount,
        ...facts,
        durationMs: this.#now() - startedAtMs,
      };
    } finally {
      clearTimeout(timer);
    }
  }

  /** A file that shrinks while git reads it ends git: what changes is tried again; a spoilt index is made anew. */
  async #attempt(
    work: { store: PrivateStore; place: RepositoryPlace; state: RepositoryState; signal: AbortSignal },
  ): Promise<Awaited<ReturnType<WorkTreeCapture["run"]>> | string> {
    for (let attempt = 1;; attempt++) {
      const memory = this.#memories.get(work.store.name) ?? {};
      this.#memories.set(work.store.name, memory);
      const capture = new WorkTreeCapture({ ...work, limits: this.#limits, memory });
      try {
        return await capture.run();
      } catch (cause) {
        if (work.signal.aborted) return await this.#describeAbort(work.signal, capture);
        if (cause instanceof CaptureStopped) return cause.message;
        if (isTooManyFiles(cause)) return "Snapshot stopped: there are too many files to list";
        if (!(cause instanceof GitFailure)) throw cause;
        this.#log.warn("A snapshot attempt failed", { root: work.place.root, attempt, cause: cause.message });
        if (attempt === CAPTURE_ATTEMPTS) return `Snapshot failed: ${cause.message}`;
        this.#memories.delete(work.store.name);
        if (!cause.crashed) work.store.forgetIndex();
      }
    }
  }

  async #describeAbort(signal: AbortSignal, capture: WorkTreeCapture): Promise<string> {
    if (!(signal.reason instanceof CaptureStopped)) return "Snapshot cancelled";
    return await capture.describeTimeout();
  }

  /** The repository at a root that was located before. */
  #placeOf(root: string): RepositoryPlace {
    const place = findWorkTree(root);
    if ("reason" in place) throw new AppError("unavailable", place.message);
    if (place.root !== root) {
      throw new AppError("unavailable", `"${root}" is no longer the root of a repository`);
    }
    return place;
  }

  #prepared(place: RepositoryPlace): { store: PrivateStore; state: RepositoryState } {
    if (this.#stores === undefined) throw new AppError("unavailable", "Git is not installed");
    const state = readRepositoryState(place);
    const exclude = `${this.#userExcludes()}\n${state.exclude}`;
    return { store: this.#stores.prepare(place.root, { ...state, exclude }), state };
  }

  #open(name: string): PrivateStore {
    if (this.#stores === undefined) throw new AppError("unavailable", "Git is not installed");
    return this.#stores.open(name);
  }
}
