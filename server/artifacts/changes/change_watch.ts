// Tells pages that look at a session when its work tree changes. Nothing is looked at while nobody looks.
import { AppError } from "../../errors.ts";
import type { ServerMessage } from "../../protocol.ts";
import { WatchedTree, type WatchedTreeOptions } from "./watched_tree.ts";

export interface ChangeWatchOptions extends Omit<WatchedTreeOptions, "root" | "onChange"> {
  /** The work tree of a session. Throws where there is none. */
  rootOf: (sessionId: string) => string;
}

/** A page. */
export interface ChangeWatcher {
  send(message: ServerMessage): void;
}

interface Watched {
  tree: WatchedTree;
  /** Pages by the sessions that they look at. */
  watchers: Map<string, Set<ChangeWatcher>>;
}

const MAX_SESSIONS_PER_WATCHER = 32;

export class ChangeWatch {
  readonly #options: ChangeWatchOptions;
  readonly #roots = new Map<string, Watched>();
  /** Roots by session, for each page. */
  readonly #watching = new Map<ChangeWatcher, Map<string, string>>();

  constructor(options: ChangeWatchOptions) {
    this.#options = options;
  }

  /** Whether a work tree is known to be as it was last seen. */
  isCurrent(root: string): boolean {
    return this.#roots.get(root)?.tree.isCurrent ?? false;
  }

  /** Work trees that are looked at. */
  get size(): number {
    return this.#roots.size;
  }

  /** A page begins or ceases to look at a session. Throws `conflict` where there is nothing to look at. */
  set(watcher: ChangeWatcher, { sessionId, on }: { sessionId: string; on: boolean }): void {
    const sessions = this.#watching.get(watcher) ?? new Map<string, string>();
    if (on === sessions.has(sessionId)) return;
    if (!on) return this.#remove(watcher, sessionId);
    if (sessions.size >= MAX_SESSIONS_PER_WATCHER) {
      throw new AppError("rate_limited", "Too many sessions are watched");
    }
    const root = this.#options.rootOf(sessionId);
    sessions.set(sessionId, root);
    this.#watching.set(watcher, sessions);
    const { watchers } = this.#roots.get(root) ?? this.#open(root);
    watchers.set(sessionId, (watchers.get(sessionId) ?? new Set()).add(watcher));
  }

  /** The page is gone. */
  leave(watcher: ChangeWatcher): void {
    for (const sessionId of [...this.#watching.get(watcher)?.keys() ?? []]) this.#remove(watcher, sessionId);
  }

  close(): void {
    for (const { tree } of this.#roots.values()) tree.close();
    this.#roots.clear();
    this.#watching.clear();
  }

  #open(root: string): Watched {
    const watchers: Watched["watchers"] = new Map();
    const tree = new WatchedTree({ ...this.#options, root, onChange: () => tell(watchers) });
    const watched = { tree, watchers };
    this.#roots.set(root, watched);
    return watched;
  }

  #remove(watcher: ChangeWatcher, sessionId: string): void {
    const sessions = this.#watching.get(watcher);
    const root = sessions?.get(sessionId);
    const watched = root === undefined ? undefined : this.#roots.get(root);
    if (!sessions || root === undefined || !watched) return;
    sessions.delete(sessionId);
    if (sessions.size === 0) this.#watching.delete(watcher);
    const watchers = watched.watchers.get(sessionId);
    watchers?.delete(watcher);
    if (watchers?.size === 0) watched.watchers.delete(sessionId);
    if (watched.watchers.size > 0) return;
    watched.tree.close();
    this.#roots.delete(root);
  }
}

function tell(watchers: ReadonlyMap<string, ReadonlySet<ChangeWatcher>>): void {
  for (const [sessionId, pages] of watchers) {
    for (const page of pages) page.send({ type: "changes", sessionId });
  }
}
