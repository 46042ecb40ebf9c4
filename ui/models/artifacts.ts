// What a session left, newest first, page by page under a filter; grows live, and opens one thing at a time.

import { computed, createModel, effect, signal } from "@preact/signals";
import type {
  ArtifactDetail,
  ArtifactFormat,
  ArtifactKind,
  ArtifactView,
  Page,
  ServerMessage,
} from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { ArtifactCalls } from "../api/artifacts.ts";
import { formatDay } from "../format.ts";
import { createPagedList } from "./paged_list.ts";

export interface ArtifactsOptions {
  api: Pick<ArtifactCalls, "listArtifacts" | "getArtifact" | "getArtifactFile">;
  sessionId: string;
  onMessage(listener: (message: ServerMessage) => void): () => void;
  /** Waits a little, while the user types or more comes in; returns the function that gives it up. */
  debounce(callback: () => void): () => void;
  saveFile(name: string, content: Blob): void;
  onError(message: string): void;
}

/** What the filter offers: kinds that one looks for together. */
export const ARTIFACT_FILTERS: readonly { id: string; label: string; kinds: readonly ArtifactKind[] }[] = [
  { id: "all", label: "All", kinds: [] },
  { id: "snapshots", label: "Snapshots", kinds: ["snapshot", "revert"] },
  { id: "summaries", label: "Summaries", kinds: ["summary"] },
  { id: "budget", label: "Budget", kinds: ["budget"] },
  { id: "end", label: "Stop and exit", kinds: ["end", "resume"] },
  { id: "typed", label: "Typed", kinds: ["input"] },
  { id: "notices", label: "Notices", kinds: ["notification", "clipboard", "notice"] },
];

export const PAGE_ARTIFACTS = 50;

/** One thing that is open, or is being opened. */
export interface OpenArtifact {
  id: string;
  detail?: ArtifactDetail;
  error?: string;
  /** Secrets are shown. */
  shown: boolean;
}

export const ArtifactsModel = createModel((options: ArtifactsOptions) => {
  const { api, sessionId } = options;
  const filter = signal("all");
  const q = signal("");
  const open = signal<OpenArtifact | undefined>(undefined);
  let giveUpSearch: (() => void) | undefined;
  let giveUpRefresh: (() => void) | undefined;
  effect(() => () => {
    giveUpSearch?.();
    giveUpRefresh?.();
  });

  const list = createPagedList<ArtifactView>({ fetch, idOf: ({ id }) => id });
  const { reload } = list;

  /** A search goes on until it has found something, or something else is searched. */
  async function fetch(cursor: string | undefined): Promise<Page<ArtifactView>> {
    const asked = { filter: filter.value, q: q.value };
    let page = await api.listArtifacts(sessionId, queryOf({ ...asked, cursor }));
    while (page.items.length === 0 && page.next !== undefined && asked.q === q.value) {
      page = await api.listArtifacts(sessionId, queryOf({ ...asked, cursor: page.next }));
    }
    return page;
  }
  function refreshSoon(): void {
    giveUpRefresh ??= options.debounce(() => {
      giveUpRefresh = undefined;
      void list.refresh();
    });
  }
  effect(() =>
    options.onMessage((message) => {
      if (concerns(message, sessionId)) refreshSoon();
    })
  );

  async function openOne(id: string, { show }: { show: boolean }): Promise<void> {
    const before = open.value?.id === id ? open.value : undefined;
    const opening: OpenArtifact = { ...before, id, shown: show };
    delete opening.error;
    open.value = opening;
    try {
      const detail = await api.getArtifact(sessionId, id, { show });
      if (open.value === opening) open.value = { ...opening, detail };
    } catch (thrown) {
      if (open.value === opening) open.value = { ...opening, error: errorMessage(thrown) };
    }
  }

  return {
    filter,
    q,
    items: list.items,
    loaded: list.loaded,
    loading: list.loading,
    error: list.error,
    open,
    hasMore: list.hasMore,
    isFiltering: computed(() => filter.value !== "all" || q.value.trim() !== ""),
    reload,
    loadMore: list.loadMore,
    setFilter(id: string): void {
      filter.value = id;
      void reload();
    },
    search(text: string): void {
      q.value = text;
      giveUpSearch?.();
      giveUpSearch = options.debounce(() => void reload());
    },
    /** Opens one thing in place of another; undefined closes. */
    async setOpen(id: string | undefined): Promise<void> {
      if (id === undefined) open.value = undefined;
      else if (open.value?.id !== id) await openOne(id, { show: false });
    },
    /** Loads what is open again: after a failure, or with its secrets. */
    async reopen({ show }: { show: boolean }): Promise<void> {
      if (open.value !== undefined) await openOne(open.value.id, { show });
    },
    /** Hands what is open to the user as a file, secrets as they show. */
    async download(format: ArtifactFormat): Promise<void> {
      if (open.value === undefined) return;
      const { id, shown } = open.value;
      try {
        const content = await api.getArtifactFile(sessionId, id, { format, show: shown });
        options.saveFile(`${id}-${sessionId}.${format === "json" ? "json" : "txt"}`, content);
      } catch (thrown) {
        options.onError(`It was not downloaded: ${errorMessage(thrown)}`);
      }
    },
  };
});

export type Artifacts = InstanceType<typeof ArtifactsModel>;

/** Artifacts of one day. */
export interface ArtifactDay {
  label: string;
  items: ArtifactView[];
}

export function groupByDay(items: readonly ArtifactView[], nowMs: number): ArtifactDay[] {
  const days: ArtifactDay[] = [];
  for (const item of items) {
    const label = formatDay(item.atMs, nowMs);
    const last = days.at(-1);
    if (last?.label === label) last.items.push(item);
    else days.push({ label, items: [item] });
  }
  return days;
}

/** Whether a message says that a session has left something new. */
function concerns(message: ServerMessage, sessionId: string): boolean {
  switch (message.type) {
    case "ready":
      return true;
    case "artifact":
      return message.sessionId === sessionId;
    case "notice":
      return message.notice.sessionId === sessionId;
    case "summaries":
      return message.sessionId === sessionId && message.generating === undefined;
    case "changes":
      return message.sessionId === sessionId && message.snapshot !== undefined;
    default:
      return false;
  }
}

function queryOf(
  { filter, q, cursor }: { filter: string; q: string; cursor: string | undefined },
): Parameters<ArtifactCalls["listArtifacts"]>[1] {
  const kinds = ARTIFACT_FILTERS.find(({ id }) => id === filter)?.kinds ?? [];
  const text = q.trim();
  return {
    limit: PAGE_ARTIFACTS,
    ...(kinds.length === 0 ? {} : { kind: kinds.join(",") }),
    ...(text === "" ? {} : { q: text }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}
