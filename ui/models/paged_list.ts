// A list that is loaded page by page, newest first, and that new items join at the top; its pages may overlap.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Page } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";

export interface PagedListOptions<Item> {
  /** The page behind a cursor, or the first. */
  fetch(cursor: string | undefined): Promise<Page<Item>>;
  idOf(item: Item): string | number;
  /** Asked before new items join; false leaves the list as it is. */
  mayJoin?(): boolean;
}

export interface PagedList<Item> {
  items: ReadonlySignal<readonly Item[]>;
  /** Something was asked for and answered, well or not. */
  loaded: ReadonlySignal<boolean>;
  loading: ReadonlySignal<boolean>;
  /** Of the last load; what was loaded before stays. */
  error: ReadonlySignal<string | undefined>;
  hasMore: ReadonlySignal<boolean>;
  /** From the first page on. None of these rejects. */
  reload(): Promise<void>;
  loadMore(): Promise<void>;
  /** Lets new items join, and replaces those of the first page; older pages stay when the two meet. */
  refresh(): Promise<void>;
}

/** For use inside of a model. */
export function createPagedList<Item>(options: PagedListOptions<Item>): PagedList<Item> {
  const { fetch, idOf, mayJoin = () => true } = options;
  const items = signal<readonly Item[]>([]);
  const next = signal<string | undefined>(undefined);
  const loaded = signal(false);
  const loading = signal(false);
  const error = signal<string | undefined>(undefined);
  let latest = 0;
  let refreshAgain = false;

  /** One load at a time counts: the last one that was asked for. */
  async function load(cursor: string | undefined, take: (page: Page<Item>) => void): Promise<void> {
    const call = ++latest;
    loading.value = true;
    try {
      const page = await fetch(cursor);
      if (call !== latest) return;
      take(page);
      error.value = undefined;
    } catch (thrown) {
      if (call === latest) error.value = errorMessage(thrown);
    }
    if (call !== latest) return;
    loaded.value = true;
    loading.value = false;
    if (!refreshAgain) return;
    refreshAgain = false;
    await refresh();
  }
  async function refresh(): Promise<void> {
    if (loading.value) {
      refreshAgain = true;
      return;
    }
    if (!mayJoin()) return;
    await load(undefined, (page) => {
      const older = page.next === undefined ? undefined : olderThan(page.items, { items: items.value, idOf });
      if (older === undefined) next.value = page.next;
      items.value = [...page.items, ...older ?? []];
    });
  }

  return {
    items,
    loaded,
    loading,
    error,
    hasMore: computed(() => next.value !== undefined),
    reload: () =>
      load(undefined, (page) => {
        items.value = page.items;
        next.value = page.next;
      }),
    async loadMore(): Promise<void> {
      if (next.value === undefined || loading.value) return;
      await load(next.value, (page) => {
        const known = new Set(items.value.map(idOf));
        items.value = [...items.value, ...page.items.filter((item) => !known.has(idOf(item)))];
        next.value = page.next;
      });
    },
    refresh,
  };
}

/** What is known behind a fresh first page; undefined when the two do not meet. */
function olderThan<Item>(
  page: readonly Item[],
  { items, idOf }: { items: readonly Item[] } & Pick<PagedListOptions<Item>, "idOf">,
): Item[] | undefined {
  const fresh = new Set(page.map(idOf));
  const last = items.findLastIndex((item) => fresh.has(idOf(item)));
  return last < 0 ? undefined : items.slice(last + 1);
}
