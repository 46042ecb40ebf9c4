// The events of one session, newest first, page by page.

import { computed, createModel, signal } from "@preact/signals";
import type { SessionEvent } from "../../server/protocol.ts";
import { type Api, errorMessage } from "../api.ts";

export interface EventsOptions {
  api: Pick<Api, "listEvents">;
  sessionId: string;
}

export const EventsModel = createModel(({ api, sessionId }: EventsOptions) => {
  const items = signal<readonly SessionEvent[]>([]);
  const next = signal<string | undefined>(undefined);
  const loaded = signal(false);
  const error = signal<string | undefined>(undefined);

  async function load(before: readonly SessionEvent[], cursor?: string): Promise<void> {
    try {
      const page = await api.listEvents(sessionId, cursor);
      items.value = [...before, ...page.items];
      next.value = page.next;
      error.value = undefined;
    } catch (thrown) {
      error.value = errorMessage(thrown);
    }
    loaded.value = true;
  }

  return {
    items,
    loaded,
    error,
    hasMore: computed(() => next.value !== undefined),
    /** From the newest event on. */
    reload: () => load([]),
    loadMore: () => load(items.value, next.value),
  };
});
