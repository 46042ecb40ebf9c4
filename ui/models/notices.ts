// What the user should know of: kept notices, how many are unseen, and handing on new ones.

import { computed, createModel, effect, signal } from "@preact/signals";
import type { Notice, ServerMessage } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { FleetCalls } from "../api/fleet.ts";

export interface NoticesOptions {
  api: Pick<FleetCalls, "listNotices" | "markNoticesSeen">;
  onMessage(listener: (message: ServerMessage) => void): () => void;
  /** Called for each notice that comes in while the page is open; all tabs of the browser get it. */
  announce(notice: Notice): Promise<void>;
}

export const NoticesModel = createModel((options: NoticesOptions) => {
  const { api } = options;
  const items = signal<readonly Notice[]>([]);
  const next = signal<string | undefined>(undefined);
  const loaded = signal(false);
  const error = signal<string | undefined>(undefined);

  async function load(cursor?: string): Promise<void> {
    try {
      const page = await api.listNotices(cursor);
      items.value = mergeNotices(items.value, page.items);
      next.value = page.next;
      error.value = undefined;
      loaded.value = true;
    } catch (thrown) {
      error.value = errorMessage(thrown);
    }
  }
  function receive(notice: Notice): void {
    const known = items.value.some(({ id }) => id === notice.id);
    items.value = mergeNotices(items.value, [notice]);
    // Questions are announced by the change of their session, which every page sees as well.
    if (!known && !notice.seen && notice.kind !== "needs_you") void options.announce(notice);
  }
  effect(() =>
    options.onMessage((message) => {
      if (message.type === "notice") receive(message.notice);
    })
  );

  return {
    items,
    loaded,
    error,
    unseen: computed(() => items.value.filter(({ seen }) => !seen).length),
    hasMore: computed(() => next.value !== undefined),
    load: () => load(),
    loadMore: () => load(next.value),
    /** Takes the marks off everything that is listed now. */
    async markSeen(): Promise<void> {
      const upTo = items.value[0]?.id;
      if (upTo === undefined || items.value.every(({ seen }) => seen)) return;
      const before = items.value;
      items.value = before.map((notice) => ({ ...notice, seen: true }));
      try {
        await api.markNoticesSeen(upTo);
      } catch (thrown) {
        items.value = before;
        error.value = errorMessage(thrown);
      }
    },
  };
});

export type Notices = InstanceType<typeof NoticesModel>;

/** Newest first, each once; what was seen anywhere stays seen. */
export function mergeNotices(known: readonly Notice[], fresh: readonly Notice[]): Notice[] {
  const byId = new Map(known.map((notice) => [notice.id, notice]));
  for (const notice of fresh) {
    byId.set(notice.id, { ...notice, seen: notice.seen || byId.get(notice.id)?.seen === true });
  }
  return [...byId.values()].sort((a, b) => b.id - a.id);
}
