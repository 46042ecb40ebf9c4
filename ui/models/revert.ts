// Putting files back to a snapshot: first what would happen, then doing it, then the way back.

import { createModel, signal } from "@preact/signals";
import type { RevertPlan, RevertRequest, RevertResult } from "../../server/protocol.ts";
import { ApiError, errorMessage } from "../api/api_error.ts";
import type { ChangeCalls } from "../api/changes.ts";

export interface RevertOptions {
  api: Pick<ChangeCalls, "planRevert" | "revert" | "listChanges">;
  sessionId: string;
  /** Files may differ now. */
  onDone(): void;
}

/** What was done, and to which files. */
interface Done {
  result: RevertResult;
  files: string[];
  isUndo: boolean;
}

export type RevertState =
  | { step: "none" }
  | { step: "planning"; wish: RevertRequest }
  | { step: "asking"; wish: RevertRequest; plan: RevertPlan; note?: string }
  | { step: "working"; wish: RevertRequest; plan: RevertPlan }
  | { step: "done" | "undoing" } & Done
  | { step: "failed"; message: string; wish: RevertRequest | undefined };

/** Files that one call names; more are "all that differ". */
const MAX_NAMED_FILES = 10_000;

export const RevertModel = createModel((options: RevertOptions) => {
  const { api, sessionId, onDone } = options;
  const state = signal<RevertState>({ step: "none" });
  /** Given once for a running session, good for taking the same revert back. */
  let confirmedRunning = false;

  async function plan(wish: RevertRequest, note?: string): Promise<void> {
    const planning: RevertState = { step: "planning", wish };
    state.value = planning;
    try {
      const found = await api.planRevert(sessionId, wish);
      if (state.value !== planning) return;
      state.value = { step: "asking", wish, plan: found, ...(note === undefined ? {} : { note }) };
    } catch (thrown) {
      if (state.value !== planning) return;
      state.value = { step: "failed", message: errorMessage(thrown), wish };
    }
  }
  async function run(wish: RevertRequest, nowTree: string): Promise<RevertResult> {
    const confirm = confirmedRunning ? { confirmRunning: true } : {};
    return await api.revert(sessionId, { ...wish, nowTree, ...confirm });
  }

  /** Only what was put back: other files may have been changed since. After a rename one entry has both places. */
  async function undoOf(to: number, touched: readonly string[]): Promise<RevertRequest> {
    const { files } = await api.listChanges(sessionId, { from: to, to: "now" });
    const names = new Set(touched);
    const ids = files.filter(({ id, oldId }) => names.has(id) || names.has(oldId ?? id)).map(({ id }) => id);
    return ids.length === files.length || ids.length > MAX_NAMED_FILES ? { to } : { to, files: ids };
  }

  return {
    state,
    plan: (wish: RevertRequest): Promise<void> => plan(wish),
    /** Does what was shown; shows it anew when the files have changed meanwhile. */
    async confirm(running: boolean): Promise<void> {
      const asked = state.value;
      if (asked.step !== "asking") return;
      confirmedRunning = running;
      state.value = { step: "working", wish: asked.wish, plan: asked.plan };
      try {
        const result = await run(asked.wish, asked.plan.nowTree);
        state.value = { step: "done", result, files: touchedBy(asked.plan), isUndo: false };
        onDone();
      } catch (thrown) {
        if (thrown instanceof ApiError && thrown.code === "conflict") return plan(asked.wish, thrown.message);
        state.value = { step: "failed", message: errorMessage(thrown), wish: asked.wish };
      }
    },
    /** Takes the last revert back, which can be taken back in turn. */
    async undo(): Promise<void> {
      const before = state.value;
      if (before.step !== "done") return;
      state.value = { ...before, step: "undoing" };
      try {
        const { result: { undo }, files } = before;
        const wish = await undoOf(undo.id, files);
        const { nowTree } = await api.planRevert(sessionId, wish);
        state.value = { step: "done", result: await run(wish, nowTree), files, isUndo: !before.isUndo };
        onDone();
      } catch (thrown) {
        state.value = { step: "failed", message: errorMessage(thrown), wish: undefined };
      }
    },
    close(): void {
      state.value = { step: "none" };
    },
  };
});

export type Revert = InstanceType<typeof RevertModel>;

function touchedBy(plan: RevertPlan): string[] {
  return plan.files.flatMap(({ id, action }) => action === "skip" ? [] : [id]);
}
