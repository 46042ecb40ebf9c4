// The summaries of one session: their history, what would be sent for the next one, and making it.

import { computed, createModel, effect, signal } from "@preact/signals";
import type { ServerMessage, SummaryList, SummaryPreview } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { ArtifactCalls } from "../api/artifacts.ts";
import { createResource } from "./resource.ts";

export interface SummariesOptions {
  api: Pick<ArtifactCalls, "listSummaries" | "previewSummary" | "generateSummary" | "cancelSummary">;
  sessionId: string;
  onMessage(listener: (message: ServerMessage) => void): () => void;
}

/** The dialog that asks before anything is sent. */
export type Asking =
  | { state: "loading" }
  | { state: "failed"; error: string }
  | { state: "ready"; preview: SummaryPreview };

export const SummariesModel = createModel(({ api, sessionId, onMessage }: SummariesOptions) => {
  const list = createResource(() => api.listSummaries(sessionId));
  const asking = signal<Asking | undefined>(undefined);
  const problem = signal<string | undefined>(undefined);
  let latest = 0;

  effect(() =>
    onMessage((message) => {
      if (message.type === "ready") void list.load();
      if (message.type !== "summaries" || message.sessionId !== sessionId) return;
      const { generating } = message;
      const known = list.value.value;
      if (generating !== undefined && known !== undefined) list.set({ ...known, generating });
      else void list.load();
    })
  );

  /** What it answers may be older than what the server has told meanwhile: the list is read again. */
  async function attempt(change: () => Promise<SummaryList>): Promise<void> {
    problem.value = undefined;
    try {
      await change();
    } catch (thrown) {
      problem.value = errorMessage(thrown);
    }
    await list.load();
  }

  return {
    list,
    asking,
    /** Why the last wish was not followed. */
    problem,
    /** The newest that was made. */
    newest: computed(() => list.value.value?.items.find(({ state }) => state === "done")),
    /** The last attempt, when it failed and nothing was made since. */
    failed: computed(() => {
      const last = list.value.value?.items[0];
      return last?.state === "failed" ? last : undefined;
    }),
    /** Shows what would be sent; asks again for what has changed since. */
    async ask(): Promise<void> {
      const call = ++latest;
      problem.value = undefined;
      asking.value = { state: "loading" };
      const answer = await api.previewSummary(sessionId).then(
        (preview): Asking => ({ state: "ready", preview }),
        (thrown): Asking => ({ state: "failed", error: errorMessage(thrown) }),
      );
      if (call === latest && asking.value !== undefined) asking.value = answer;
    },
    dismiss(): void {
      latest++;
      asking.value = undefined;
    },
    /** Sends what is shown. */
    async send(): Promise<void> {
      const shown = asking.value;
      if (shown?.state !== "ready") return;
      asking.value = undefined;
      await attempt(() => api.generateSummary(sessionId, { preview: shown.preview.id }));
    },
    giveUp: () => attempt(() => api.cancelSummary(sessionId)),
  };
});

export type Summaries = InstanceType<typeof SummariesModel>;
