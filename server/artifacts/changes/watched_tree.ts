// Follows one work tree for as long as somebody looks at it: by notices of the file system, else by looking now and then.
import { join, relative } from "node:path";
import { errorText } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Clock } from "../../clock.ts";
import type { Capture } from "../git/vault_api.ts";
import type { LiveTrees } from "./live_trees.ts";

export interface WatchedTreeOptions extends Pick<Clock, "now" | "later"> {
  root: string;
  liveTrees: LiveTrees;
  /** Directories of a captured tree that can be followed, relative to the root; undefined when they are too many. */
  listDirectories: (tree: { store: string; tree: string }) => Promise<string[] | undefined>;
  /** Calls back with the paths of changes right inside these directories; the answer ends it. Throws when it cannot. */
  follow: (directories: string[], onNotice: (paths: string[]) => void) => () => void;
  /** Files, or HEAD, are not what they were. */
  onChange: () => void;
  log: Log;
}

/** Changes come in bunches. */
const GATHER_MS = 300;
/** Looking takes at most a third of the time while changes are noticed, and a twentieth when it is done blindly. */
const PACE_NOTICED = 2;
const MAX_NOTICED_MS = 10_000;
const PACE_BLIND = 20;
const MIN_BLIND_MS = 2000;
/** Notices can be missing on some file systems. */
const MIN_DOUBT_MS = 30_000;
/** After a look that failed. */
const RETRY_MS = 30_000;
/** Directories that one follower takes: beginning to follow them holds up everything else. */
const MAX_PER_FOLLOWER = 250;
/** Followers of directories that came later; beyond, all are followed anew. */
const MAX_LATER_FOLLOWERS = 4;

export class WatchedTree {
  readonly #options: WatchedTreeOptions;
  readonly #followed = new Set<string>();
  #followers: (() => void)[] = [];
  #isCovered = false;
  #isDirty = true;
  #isLooking = false;
  #isClosed = false;
  #seen: string | undefined;
  #lastLook = { endedAtMs: 0, durationMs: 0, failed: false };
  #cancel: (() => void) | undefined;

  constructor(options: WatchedTreeOptions) {
    this.#options = options;
    const latest = options.liveTrees.latest(options.root);
    this.#seen = latest && keyOf(latest);
    this.#supervisedLook();
  }

  /** Nothing has changed since the last look, for all that the file system says. */
  get isCurrent(): boolean {
    return this.#isCovered && !this.#isDirty && !this.#isLooking;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.#unfollow();
  }

  #noticed(paths: readonly string[]): void {
    for (const path of paths) this.#loseDirectory(relative(this.#options.root, path));
    if (this.#isDirty) return;
    this.#isDirty = true;
    if (!this.#isLooking) this.#schedule();
  }

  /** A directory that was removed or moved is another one when it comes back, and so is all that is in it. */
  #loseDirectory(path: string): void {
    if (path === "" || !this.#followed.delete(path)) return;
    for (const other of this.#followed) if (other.startsWith(`${path}/`)) this.#followed.delete(other);
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#cancel?.();
    this.#cancel = this.#options.later(() => this.#supervisedLook(), this.#delayMs());
  }

  #delayMs(): number {
    const { durationMs, endedAtMs, failed } = this.#lastLook;
    if (failed) return RETRY_MS;
    if (!this.#isCovered) return Math.max(MIN_BLIND_MS, PACE_BLIND * durationMs);
    if (!this.#isDirty) return Math.max(MIN_DOUBT_MS, PACE_BLIND * durationMs);
    const restMs = Math.min(MAX_NOTICED_MS, PACE_NOTICED * durationMs);
    return Math.max(GATHER_MS, endedAtMs + restMs - this.#options.now());
  }

  #supervisedLook(): void {
    this.#look().catch((cause) => this.#options.log.error("A work tree cannot be followed", { cause }));
  }

  async #look(): Promise<void> {
    if (this.#isClosed) return;
    const { root, liveTrees, now, log } = this.#options;
    this.#isLooking = true;
    this.#isDirty = false;
    const startedAtMs = now();
    let failed = false;
    try {
      const capture = await liveTrees.capture(root);
      await this.#followNew(capture);
      if (!this.#isClosed) this.#tell(capture);
    } catch (cause) {
      failed = true;
      log.debug("A work tree could not be looked at", { root, cause: errorText(cause) });
    } finally {
      const endedAtMs = now();
      this.#lastLook = { endedAtMs, durationMs: endedAtMs - startedAtMs, failed };
      this.#isLooking = false;
      this.#schedule();
    }
  }

  #tell({ tree, head }: Capture): void {
    const key = keyOf({ tree, head });
    if (key === this.#seen) return;
    this.#seen = key;
    this.#options.onChange();
  }

  /** What changed in a directory before it was followed is seen by looking once more. */
  async #followNew(capture: Capture): Promise<void> {
    const { root, listDirectories } = this.#options;
    const listed = await listDirectories(capture);
    if (listed === undefined) return this.#unfollow();
    const wanted = ["", ".git", ...listed].filter((path) => !this.#followed.has(path));
    const fresh = await existingDirectories(root, wanted);
    if (this.#isClosed || fresh.length === 0) return;
    const { length } = this.#followers;
    if (length >= this.#followed.size / MAX_PER_FOLLOWER + 1 + MAX_LATER_FOLLOWERS) {
      this.#unfollow();
      return await this.#followNew(capture);
    }
    for (let at = 0; at < fresh.length && !this.#isClosed; at += MAX_PER_FOLLOWER) {
      if (!this.#follow(fresh.slice(at, at + MAX_PER_FOLLOWER))) return this.#unfollow();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    this.#isCovered = !this.#isClosed;
    this.#isDirty = true;
  }

  /** False when the file system gives no notices. */
  #follow(paths: string[]): boolean {
    const { root, follow, log } = this.#options;
    try {
      this.#followers.push(
        follow(paths.map((path) => join(root, path)), (changed) => this.#noticed(changed)),
      );
      paths.forEach((path) => this.#followed.add(path));
      return true;
    } catch (cause) {
      log.debug("The file system gives no notices", { root, cause: errorText(cause) });
      return false;
    }
  }

  #unfollow(): void {
    this.#isCovered = false;
    for (const end of this.#followers) end();
    this.#followers = [];
    this.#followed.clear();
  }
}

/** Says whether two captures show the same. */
export function keyOf({ tree, head }: { tree: string; head?: string | undefined }): string {
  return `${tree} ${head ?? ""}`;
}

/** Links are not followed: they may lead out of the work tree. */
async function existingDirectories(root: string, paths: string[]): Promise<string[]> {
  const checked = await Promise.all(paths.map(async (path) => {
    const info = await Deno.lstat(join(root, path)).catch(() => undefined);
    return info?.isDirectory ? [path] : [];
  }));
  return checked.flat();
}
