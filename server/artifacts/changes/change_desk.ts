// What differs between two snapshots of a session, or between one and the work tree as it is: lists, lines, contents.
import { AppError } from "../../errors.ts";
import {
  type ChangeList,
  type CommitView,
  type FileChange,
  type FileDiff,
  MAX_SHOWN_FILE_BYTES,
} from "../../protocol.ts";
import type { SessionRow, SessionTable } from "../../store/sessions.ts";
import type { SnapshotTable, TakenRow } from "../../store/snapshots.ts";
import type { TreePair, Vault } from "../git/vault_api.ts";
import type { Comparisons } from "./comparisons.ts";
import { checkFileId } from "./file_id.ts";
import type { LiveTrees } from "./live_trees.ts";
import type { ShownTotals } from "./shown_totals.ts";
import { maskBytes } from "./mask_bytes.ts";
import { readNotes } from "./snapshot_view.ts";

export interface ChangeDeskOptions {
  vault: Vault;
  table: SnapshotTable;
  sessions: Pick<SessionTable, "get">;
  liveTrees: LiveTrees;
  comparisons: Comparisons;
  shownTotals: ShownTotals;
  /** Values that are hidden wherever they stand. */
  knownSecrets: readonly string[];
  now: () => number;
}

/** Two snapshots of a session; what is missing is its first one, and now while it runs or its last one. */
export interface ChangeRange {
  from?: number | undefined;
  to?: number | "now" | undefined;
}

/** One side of a comparison. */
interface Side {
  id: number | "now";
  tree: string;
  store: string;
  head: string | undefined;
  atMs: number;
  /** Ids of files that were unmerged. */
  conflicts: readonly string[];
  notes: string[];
}

interface Sides {
  session: SessionRow;
  first: TakenRow;
  from: Side & { id: number };
  to: Side;
  pair: TreePair;
}

/** Other sessions whose changes are looked at; each costs a comparison. */
const MAX_OTHERS = 8;

export class ChangeDesk {
  readonly #options: ChangeDeskOptions;

  constructor(options: ChangeDeskOptions) {
    this.#options = options;
  }

  /** Rejects with `not_found` for snapshots that are none of the session's, `unavailable` where "now" cannot be told. */
  async list(sessionId: string, range: ChangeRange): Promise<ChangeList> {
    const { liveTrees, comparisons, shownTotals } = this.#options;
    const sides = await this.#resolve(sessionId, range, (root) => liveTrees.get(root));
    const { from, to, pair, first } = sides;
    const [{ files, totals, notes }, commits, others] = await Promise.all([
      comparisons.get(pair),
      this.#commitsBetween(sides),
      this.#findOthers(sides),
    ]);
    // Asked again: it may have ended while this was looked at.
    const isRunning = this.#options.sessions.get(sessionId)?.lifecycle !== "ended";
    if (isRunning && from.id === first.id && to.id === "now") shownTotals.see(sessionId, totals);
    return {
      ...{ from: from.id, to: to.id, fromTree: from.tree, toTree: to.tree, root: first.root },
      files: markUnmerged(files, to.conflicts).map((file) => markShared(file, others)),
      totals,
      commits,
      notes: [...new Set([...from.notes, ...to.notes, ...notes])],
    };
  }

  async diffFile(
    sessionId: string,
    { file, ignoreWhitespace, ...range }: ChangeRange & { file: string; ignoreWhitespace: boolean },
  ): Promise<FileDiff> {
    checkFileId(file);
    const { pair } = await this.#recall(sessionId, range);
    return await this.#options.vault.diffFile(pair, { id: file, ignoreWhitespace });
  }

  /**
   * One side of a file; what looks like a secret is hidden unless `showSecrets`. Rejects with `not_found` where the file is
   * not there on this side, `too_large` beyond what is shown.
   */
  async content(
    sessionId: string,
    wish: ChangeRange & { file: string; side: "old" | "new"; showSecrets: boolean },
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; masked: number }> {
    const { file, side, showSecrets, ...range } = wish;
    checkFileId(file);
    const { pair } = await this.#recall(sessionId, range);
    const id = side === "old" ? await this.#oldIdOf(pair, file) : file;
    const tree = side === "old" ? pair.from : pair.to;
    const found = await this.#options.vault.content(pair.store, { tree, id, maxBytes: MAX_SHOWN_FILE_BYTES });
    if (!found) throw new AppError("not_found", "There is no such file on this side");
    if (found.totalBytes > MAX_SHOWN_FILE_BYTES) {
      throw new AppError("too_large", `The file has ${found.totalBytes} bytes: too many to show`);
    }
    if (showSecrets) return { bytes: found.bytes, masked: 0 };
    const { bytes, count } = await maskBytes(found.bytes, this.#options.knownSecrets);
    return { bytes, masked: count };
  }

  /** For the user's own use: nothing is hidden in it. */
  async patch(
    sessionId: string,
    { file, ...range }: ChangeRange & { file?: string | undefined },
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    if (file !== undefined) checkFileId(file);
    const { pair } = await this.#recall(sessionId, range);
    return await this.#options.vault.patch(pair, file);
  }

  /** The trees that a list was made of: "now" is what was last looked at. */
  #recall(sessionId: string, range: ChangeRange): Promise<Sides> {
    return this.#resolve(sessionId, range, (root) => this.#options.liveTrees.recall(root));
  }

  async #resolve(
    sessionId: string,
    range: ChangeRange,
    look: (root: string) => ReturnType<LiveTrees["get"]>,
  ): Promise<Sides> {
    const { table, sessions } = this.#options;
    const session = sessions.get(sessionId);
    if (!session) throw new AppError("not_found", `Cannot find session "${sessionId}"`);
    const first = table.first(sessionId);
    if (!first) throw new AppError("not_found", "There is no snapshot of this session to compare with");
    const from = range.from === undefined ? sideOf(first) : sideOf(this.#mustGet(sessionId, range.from));
    const wanted = range.to ??
      (session.lifecycle === "ended" ? table.last(sessionId)?.id ?? first.id : "now");
    const to = wanted === "now"
      ? await this.#lookNow(first.root, look)
      : sideOf(this.#mustGet(sessionId, wanted));
    if (from.store !== to.store) {
      throw new AppError("conflict", "The two are of different repositories: it was replaced in between");
    }
    return { session, first, from, to, pair: { store: from.store, from: from.tree, to: to.tree } };
  }

  async #lookNow(root: string, look: (root: string) => ReturnType<LiveTrees["get"]>): Promise<Side> {
    const { tree, store, head, conflicts, notes } = await look(root);
    return { id: "now", tree, store, head, atMs: this.#options.now(), conflicts, notes };
  }

  #mustGet(sessionId: string, id: number): TakenRow {
    const row = this.#options.table.get(sessionId, id);
    if (!row || !isTaken(row)) throw new AppError("not_found", `This session has no snapshot ${id}`);
    return row;
  }

  async #oldIdOf(pair: TreePair, id: string): Promise<string> {
    const { files } = await this.#options.comparisons.get(pair);
    return files.find((file) => file.id === id)?.oldId ?? id;
  }

  /** Snapshots keep the commits since the first; the repository may have lost them. */
  async #commitsBetween({ first, from, to, session }: Sides): Promise<CommitView[]> {
    if (to.head === undefined || to.head === from.head) return [];
    const before = new Set(this.#storedCommits(session.id, from.id).map(({ hash }) => hash));
    const all = to.id === "now"
      ? await this.#options.vault.commits(first.root, { from: first.head ?? undefined, to: to.head })
      : this.#storedCommits(session.id, to.id);
    return all.filter(({ hash }) => !before.has(hash));
  }

  #storedCommits(sessionId: string, id: number): CommitView[] {
    return JSON.parse(this.#mustGet(sessionId, id).commits);
  }

  /** What other sessions changed that ran in the same work tree in the same time. */
  async #findOthers({ session, from, to }: Sides): Promise<Other[]> {
    const { table, comparisons } = this.#options;
    const span = { store: from.store, fromMs: from.atMs, toMs: to.atMs, limit: MAX_OTHERS };
    const others = table.listOverlapping(session.id, span).map(async ({ sessionId, title, endedAtMs }) => {
      const first = table.first(sessionId);
      // What lay there at the end of our time is the same for all that still ran then.
      const last = endedAtMs === null || endedAtMs >= to.atMs ? to : table.last(sessionId);
      if (!first || !last || first.store !== last.store || first.tree === last.tree) return [];
      const { files } = await comparisons.get({ store: first.store, from: first.tree, to: last.tree });
      return [{
        sessionId,
        title,
        ids: new Set(files.flatMap(({ id, oldId }) => oldId ? [id, oldId] : [id])),
      }];
    });
    return (await Promise.all(others)).flat();
  }
}

interface Other {
  sessionId: string;
  title: string;
  ids: ReadonlySet<string>;
}

function markUnmerged(files: readonly FileChange[], conflicts: readonly string[]): readonly FileChange[] {
  const unmerged = new Set(conflicts);
  return files.map((file) => unmerged.has(file.id) ? { ...file, status: "U" } : file);
}

function markShared(file: FileChange, others: readonly Other[]): FileChange {
  const sharing = others.filter(({ ids }) =>
    ids.has(file.id) || (file.oldId !== undefined && ids.has(file.oldId))
  );
  if (sharing.length === 0) return file;
  return { ...file, alsoChangedIn: sharing.map(({ sessionId, title }) => ({ sessionId, title })) };
}

export function isTaken(row: { state: string }): row is TakenRow {
  return row.state === "taken";
}

function sideOf(row: TakenRow): Side & { id: number } {
  const { id, tree, store, head, atMs } = row;
  const conflicts: string[] = JSON.parse(row.conflicts);
  return { id, tree, store, head: head ?? undefined, atMs, conflicts, notes: readNotes(row) };
}
