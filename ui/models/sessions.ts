// The session list: which sessions are loaded from the server under the filter, and which of them show.

import { computed, createModel, effect, signal } from "@preact/signals";
import type { Page, SessionView } from "../../server/protocol.ts";
import { ApiError, errorMessage, isAbort } from "../api/api_error.ts";
import type { SessionCalls, SessionQuery } from "../api/sessions.ts";
import { isLive } from "../session_status.ts";
import type { KnownSessions } from "./known_sessions.ts";
import { isFiltering, matchesFilter, NO_FILTER, type SessionFilter } from "./session_list.ts";

export interface SessionsOptions {
  api: Pick<SessionCalls, "listSessions" | "getSession">;
  known: KnownSessions;
  /** The session on screen: it stays known through a reload, however old it is. */
  openId(): string | undefined;
  /** Delays a search while the user types; returns the function that gives it up. */
  debounce(callback: () => void): () => void;
}

/** What is loaded of the ended sessions under the current filter. */
interface EndedPages {
  ids: ReadonlySet<string>;
  next: string | undefined;
  /** Sessions older than this may exist that are not loaded. */
  horizonMs: number;
}

const PAGE_SIZE = 60;
const LIVE_PAGE_SIZE = 200;
const NOTHING_LOADED: EndedPages = { ids: new Set(), next: undefined, horizonMs: Infinity };

export const SessionsModel = createModel(({ api, known, openId, debounce }: SessionsOptions) => {
  const filter = signal<SessionFilter>(NO_FILTER);
  const ended = signal<EndedPages>(NOTHING_LOADED);
  const loaded = signal(false);
  const loading = signal(false);
  const error = signal<string | undefined>(undefined);
  let abort = new AbortController();
  let giveUpSearch: (() => void) | undefined;
  effect(() => () => {
    giveUpSearch?.();
    abort.abort();
  });

  /** Runs one load at a time: a newer one aborts the one before. */
  async function load(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    abort.abort();
    const mine = abort = new AbortController();
    loading.value = true;
    try {
      await work(mine.signal);
      error.value = undefined;
    } catch (thrown) {
      if (!isAbort(thrown)) error.value = errorMessage(thrown);
    } finally {
      if (mine === abort) loading.value = false;
    }
  }
  async function addPage(before: EndedPages, signal: AbortSignal): Promise<void> {
    const cursor = before.next === undefined ? {} : { cursor: before.next };
    const page = await api.listSessions({ ...endedQuery(filter.value), ...cursor }, signal);
    for (const session of page.items) known.put(session);
    ended.value = extendPages(before, page);
  }

  return {
    filter,
    loaded,
    loading,
    error,
    /** What the list shows under the filter. */
    visible: computed(() =>
      known.all.value.filter((session) => isVisible(session, filter.value, ended.value))
    ),
    hasMore: computed(() => ended.value.next !== undefined),
    isFiltering: computed(() => isFiltering(filter.value)),
    /** The repositories of the sessions that are known, for the filter. */
    repositories: computed(() => repositoriesOf(known.all.value)),
    /** Everything anew: at the start, and after a connection was lost. */
    reload: () =>
      load(async (signal) => {
        await known.replace(async () => {
          const [running, page, open] = await Promise.all([
            listLive(api, signal),
            api.listSessions(endedQuery(filter.value), signal),
            getIfThere(api, openId()),
          ]);
          ended.value = extendPages(NOTHING_LOADED, page);
          return [...open, ...running, ...page.items];
        });
        loaded.value = true;
      }),
    setFilter(patch: Partial<SessionFilter>): void {
      filter.value = { ...filter.value, ...patch };
      ended.value = NOTHING_LOADED;
      giveUpSearch?.();
      giveUpSearch = debounce(() => {
        if (wantsEnded(filter.value)) void load((signal) => addPage(NOTHING_LOADED, signal));
      });
    },
    /** Loads the following page of ended sessions, if there is one and nothing is being loaded. */
    async loadMore(): Promise<void> {
      const before = ended.value;
      if (before.next !== undefined && !loading.value) await load((signal) => addPage(before, signal));
    },
    /** Makes a session known that a link led to. Rejects with `ApiError`. */
    async fetch(id: string): Promise<void> {
      known.put(await api.getSession(id));
    },
  };
});

export type Sessions = InstanceType<typeof SessionsModel>;

function isVisible(session: SessionView, filter: SessionFilter, ended: EndedPages): boolean {
  if (ended.ids.has(session.id)) return matchesFilter(session, { ...filter, q: "" });
  return matchesFilter(session, filter) && (isLive(session) || session.createdAtMs >= ended.horizonMs);
}

async function listLive(api: SessionsOptions["api"], signal: AbortSignal): Promise<SessionView[]> {
  const found: SessionView[] = [];
  let cursor: string | undefined;
  do {
    const query: SessionQuery = { lifecycle: "live", limit: LIVE_PAGE_SIZE };
    const page: Page<SessionView> = await api.listSessions(
      cursor === undefined ? query : { ...query, cursor },
      signal,
    );
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}

/** The session in a list, which is empty when there is none: its own page says why. */
async function getIfThere(api: SessionsOptions["api"], id: string | undefined): Promise<SessionView[]> {
  if (id === undefined) return [];
  try {
    return [await api.getSession(id)];
  } catch (thrown) {
    if (thrown instanceof ApiError) return [];
    throw thrown;
  }
}

function wantsEnded(filter: SessionFilter): boolean {
  return filter.status === "all" || filter.status === "ended";
}

function endedQuery(filter: SessionFilter): SessionQuery {
  return {
    lifecycle: "ended",
    limit: PAGE_SIZE,
    ...(filter.q.trim() === "" ? {} : { q: filter.q.trim() }),
    ...(filter.kind === "all" ? {} : { kind: filter.kind }),
    ...(filter.repository === "all" ? {} : { repository: filter.repository }),
  };
}

function extendPages(before: EndedPages, page: Page<SessionView>): EndedPages {
  const last = page.items.at(-1);
  return {
    ids: new Set([...before.ids, ...page.items.map((session) => session.id)]),
    next: page.next,
    horizonMs: page.next === undefined ? -Infinity : last?.createdAtMs ?? before.horizonMs,
  };
}

function repositoriesOf(sessions: readonly SessionView[]): { root: string; name: string }[] {
  const byRoot = new Map<string, string>();
  for (const { repository } of sessions) {
    if (repository !== undefined) byRoot.set(repository.root, repository.name);
  }
  return [...byRoot].map(([root, name]) => ({ root, name })).sort((a, b) => a.name.localeCompare(b.name));
}
