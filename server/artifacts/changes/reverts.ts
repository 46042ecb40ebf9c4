// Puts a work tree back to a snapshot: says what will happen, saves what is there, then does it.
import { AppError } from "../../errors.ts";
import type { RevertOrder, RevertPlan, RevertRequest, RevertResult } from "../../protocol.ts";
import type { SessionRow, SessionTable } from "../../store/sessions.ts";
import type { SnapshotTable, TakenRow } from "../../store/snapshots.ts";
import type { Vault } from "../git/vault_api.ts";
import { isTaken } from "./change_desk.ts";
import { checkFileId } from "./file_id.ts";
import type { LiveTrees } from "./live_trees.ts";
import type { SnapshotDesk } from "./snapshot_desk.ts";
import { viewSnapshot } from "./snapshot_view.ts";

export interface RevertsOptions {
  vault: Vault;
  table: SnapshotTable;
  sessions: Pick<SessionTable, "get" | "listLive">;
  snapshots: Pick<SnapshotDesk, "take">;
  liveTrees: LiveTrees;
  /** Notes it in the session's history. */
  mark: (sessionId: string, text: string) => void;
}

export class Reverts {
  readonly #options: RevertsOptions;
  /** Work trees that are being put back. */
  readonly #roots = new Set<string>();

  constructor(options: RevertsOptions) {
    this.#options = options;
  }

  /** What a revert would do now. */
  async plan(sessionId: string, request: RevertRequest): Promise<RevertPlan> {
    const { session, target } = this.#find(sessionId, request);
    const now = await this.#options.liveTrees.capture(target.root);
    const pair = { store: this.#sameStore(now, target), from: now.tree, to: target.tree };
    const files = await this.#options.vault.planRevert(pair, request.files);
    return { nowTree: now.tree, files, running: this.#isInUse(session, target.root) };
  }

  /**
   * Does a plan, after a snapshot of what is there. Throws `conflict` while a session runs there and that was not
   * confirmed, and when the work tree is no longer what the plan was made for.
   */
  async revert(sessionId: string, order: RevertOrder): Promise<RevertResult> {
    const { session, target } = this.#find(sessionId, order);
    const { root } = target;
    if (!order.confirmRunning && this.#isInUse(session, root)) {
      throw new AppError(
        "conflict",
        "A session is running here and may be writing these files: confirm, or stop it first",
      );
    }
    if (this.#roots.has(root)) throw new AppError("conflict", "This work tree is being reverted right now");
    this.#roots.add(root);
    try {
      return await this.#do(sessionId, { order, target });
    } finally {
      this.#roots.delete(root);
    }
  }

  async #do(
    sessionId: string,
    { order, target }: { order: RevertOrder; target: TakenRow },
  ): Promise<RevertResult> {
    const { vault, snapshots, liveTrees, mark } = this.#options;
    const { root } = target;
    const seen = await liveTrees.capture(root);
    if (seen.tree !== order.nowTree) throw changedMeanwhile();
    const undo = await snapshots.take(sessionId, "before_revert");
    if (!isTaken(undo)) {
      throw new AppError(
        "unavailable",
        `Nothing was reverted, because it could not be saved first: ${undo.message}`,
      );
    }
    if (undo.tree !== order.nowTree) throw changedMeanwhile();
    const pair = { store: this.#sameStore(undo, target), from: undo.tree, to: target.tree };
    const steps = await vault.planRevert(pair, order.files);
    const { done, failed } = await vault.revert(root, { pair, steps });
    const files = `${done} ${done === 1 ? "file" : "files"}`;
    mark(
      sessionId,
      `${files} put back to snapshot ${target.id}${failed.length > 0 ? `, ${failed.length} not` : ""}`,
    );
    return { undo: viewSnapshot(undo), done, failed };
  }

  #find(sessionId: string, { to, files }: RevertRequest): { session: SessionRow; target: TakenRow } {
    const session = this.#options.sessions.get(sessionId);
    if (!session) throw new AppError("not_found", `Cannot find session "${sessionId}"`);
    const target = this.#options.table.get(sessionId, to);
    if (!target || !isTaken(target)) throw new AppError("not_found", `This session has no snapshot ${to}`);
    files?.forEach(checkFileId);
    return { session, target };
  }

  /** Whether this session, or any other, is at work in the work tree. */
  #isInUse(session: SessionRow, root: string): boolean {
    const { sessions, vault } = this.#options;
    if (session.lifecycle !== "ended") return true;
    return sessions.listLive().some(({ cwd }) => {
      const place = vault.locate(cwd);
      return "root" in place && place.root === root;
    });
  }

  #sameStore(now: { store: string }, target: TakenRow): string {
    if (now.store === target.store) return now.store;
    throw new AppError("conflict", "This is not the repository any more that the snapshot was taken of");
  }
}

function changedMeanwhile(): AppError {
  return new AppError("conflict", "The files have changed since the plan was made: look at it again");
}
