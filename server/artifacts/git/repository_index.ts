// What a repository's own index says: read from a copy, which git may do to it what it likes.
import { basename, join } from "node:path";
import { type BytePath, splitNul } from "./path_bytes.ts";
import type { PrivateStore } from "./private_store.ts";
import { lookAt, unlessMissing } from "./small_files.ts";
import type { RepositoryPlace } from "./work_tree.ts";

const MAX_INDEX_BYTES = 1024 ** 3;
/** Exit code of a git that does not know an option: before 2.35 there is no "--sparse". */
const USAGE = 129;
const MAX_LIST_BYTES = 256 * 1024 * 1024;

export interface IndexFindings {
  /** Tracked in spite of the ignore rules: part of every snapshot. */
  trackedIgnored: BytePath[];
  /** Left unmerged by a merge. */
  conflicts: BytePath[];
}

/** A copy of a repository's index inside our git directory. */
export class IndexCopy {
  readonly #store: PrivateStore;
  readonly #place: RepositoryPlace;
  readonly #signal: AbortSignal;
  #taken: Promise<boolean> | undefined;

  constructor(options: { store: PrivateStore; place: RepositoryPlace; signal: AbortSignal }) {
    this.#store = options.store;
    this.#place = options.place;
    this.#signal = options.signal;
  }

  get #path(): string {
    return join(this.#store.path, "borrowed_index");
  }

  /** Says whether the index is the one of an earlier time; undefined when there is none that can be copied. */
  stamp(): string | undefined {
    const info = lookAt(this.#source);
    if (!info?.isFile || info.size > MAX_INDEX_BYTES) return undefined;
    return `${info.ino} ${info.mtime?.getTime()} ${info.size}`;
  }

  get #source(): string {
    return join(this.#place.gitDirectory, "index");
  }

  /** The copy is made when it is first needed; false when there is nothing to copy. */
  async #take(): Promise<boolean> {
    if (this.stamp() === undefined) return false;
    for (const shared of sharedIndexes(this.#place)) {
      await copyPrivate(shared, join(this.#store.path, basename(shared)));
    }
    return await copyPrivate(this.#source, this.#path);
  }

  async findings(): Promise<IndexFindings> {
    if (!await this.#isTaken()) return { trackedIgnored: [], conflicts: [] };
    const [trackedIgnored, unmerged] = await Promise.all([
      this.#list(["-c", "-i", "--exclude-standard"]),
      this.#list(["-u"]),
    ]);
    const conflicts = unmerged.map((entry) => entry.slice(entry.indexOf("\t") + 1));
    return { trackedIgnored, conflicts: [...new Set(conflicts)] };
  }

  /** Files in the work tree that the repository neither tracks nor ignores; undefined when it tracks nothing. */
  async untracked(): Promise<BytePath[] | undefined> {
    return await this.#isTaken() ? await this.#list(["-o", "--exclude-standard"]) : undefined;
  }

  #isTaken(): Promise<boolean> {
    return this.#taken ??= this.#take();
  }

  remove(): void {
    if (this.#taken === undefined) return;
    unlessMissing(() => Deno.removeSync(this.#path));
    const names = [...Deno.readDirSync(this.#store.path)].map(({ name }) => name);
    for (const name of names.filter((name) => name.startsWith("sharedindex."))) {
      unlessMissing(() => Deno.removeSync(join(this.#store.path, name)));
    }
  }

  /** Nothing of the repository's objects is needed: filling up a sparse index would touch them. */
  async #list(options: string[]): Promise<BytePath[]> {
    const call = {
      indexFile: this.#path,
      workTree: this.#place.root,
      signal: this.#signal,
      maxOutputBytes: MAX_LIST_BYTES,
    };
    const result = await this.#store.run({ ...call, args: ["ls-files", "-z", "--sparse", ...options] });
    if (result.code !== USAGE) return splitNul(result.stdout);
    return splitNul((await this.#store.run({ ...call, args: ["ls-files", "-z", ...options] })).stdout);
  }
}

/** The parts of a split index. */
function sharedIndexes(place: RepositoryPlace): string[] {
  const entries = unlessMissing(() => [...Deno.readDirSync(place.gitDirectory)]) ?? [];
  return entries.filter(({ name, isFile }) => isFile && /^sharedindex\.[0-9a-f]+$/.test(name))
    .map(({ name }) => join(place.gitDirectory, name));
}

/** False when the file went away. */
async function copyPrivate(from: string, to: string): Promise<boolean> {
  try {
    await Deno.copyFile(from, to);
    await Deno.chmod(to, 0o600);
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.PermissionDenied) return false;
    throw cause;
  }
}
