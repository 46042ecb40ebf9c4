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
import { type Api, errorMessage } from "../api.ts";
import { formatDay } from "../format.ts";

export interface ArtifactsOptions {
  api: Pick<Api, "listArtifacts" | "getArtifact" | "getArtifactFile">;
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
  const items = signal<readonly ArtifactView[]>([]);
  const next = signal<string | undefined>(undefined);
  const loaded = signal(false);
  const loading = signal(false);
  const error = signal<string | undefined>(undefined);
  const open = signal<OpenArtifact | undefined>(undefined);
  let latest = 0;
  let refreshAgain = false;
  let giveUpSearch: (() => void) | undefined;
  let giveUpRefresh: (() => void) | undefined;
  effect(() => () => {
    giveUpSearch?.();
    giveUpRefresh?.();
  });

  function ask(cursor: string | undefined): Promise<Page<ArtifactView>> {
    return api.listArtifacts(sessionId, queryOf({ filter: filter.value, q: q.value, cursor }));
  }
  /** One load at a time counts: the last one that was asked for. A search goes on until it has found something. */
  async function load(from: string | undefined, take: (page: Page<ArtifactView>) => void): Promise<void> {
    const call = ++latest;
    loading.value = true;
    try {
      let page = await ask(from);
      while (call === latest && page.items.length === 0 && page.next !== undefined) {
        page = await ask(page.next);
      }
      if (call !== latest) return;
      take(page);
      error.value = undefined;
    } catch (thrown) {
      if (call === latest) error.value = errorMessage(thrown);
    }
    if (call !== latest) return;
    loaded.value = true;
    loading.value = false;
    if (refreshAgain) await refresh();
  }
  function reload(): Promise<void> {
    return load(undefined, (page) => {
      items.value = page.items;
      next.value = page.next;
    });
  }
  /** New things join at the top, and what changed of the newest; older pages stay. */
  async function refresh(): Promise<void> {
    refreshAgain = loading.value;
    if (refreshAgain) return;
    await load(undefined, (page) => {
      const older = olderThan(items.value, page);
      if (older === undefined) next.value = page.next;
      items.value = [...page.items, ...older ?? []];
    });
  }
  function refreshSoon(): void {
    giveUpRefresh ??= options.debounce(() => {
      giveUpRefresh = undefined;
      void refresh();
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
    items,
    loaded,
    loading,
    error,
    open,
    hasMore: computed(() => next.value !== undefined),
    isFiltering: computed(() => filter.value !== "all" || q.value.trim() !== ""),
    reload,
    async loadMore(): Promise<void> {
      if (next.value === undefined || loading.value) return;
      await load(next.value, (page) => {
        const known = new Set(items.value.map(({ id }) => id));
        items.value = [...items.value, ...page.items.filter(({ id }) => !known.has(id))];
        next.value = page.next;
      });
    },
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
): Parameters<Api["listArtifacts"]>[1] {
  const kinds = ARTIFACT_FILTERS.find(({ id }) => id === filter)?.kinds ?? [];
  const text = q.trim();
  return {
    limit: PAGE_ARTIFACTS,
    ...(kinds.length === 0 ? {} : { kind: kinds.join(",") }),
    ...(text === "" ? {} : { q: text }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** What is known behind a fresh first page; undefined when that is all, or does not reach what is known. */
function olderThan(
  known: readonly ArtifactView[],
  page: Page<ArtifactView>,
): ArtifactView[] | undefined {
  const fresh = new Set(page.items.map(({ id }) => id));
  const last = known.findLastIndex(({ id }) => fresh.has(id));
  if (last < 0 || page.next === undefined) return undefined;
  return known.slice(last + 1).filter(({ id }) => !fresh.has(id));
}
