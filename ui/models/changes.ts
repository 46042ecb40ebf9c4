// What a session changed: the two snapshots that are compared, the files that differ, and which of them is looked at.

import { computed, createModel, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { ChangeList, FileChange, SnapshotView } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { ChangeCalls, SnapshotPair } from "../api/changes.ts";
import { filterFiles, inTreeOrder } from "../changes/file_tree.ts";
import type { ChangesPlace, Router } from "../router.ts";

export interface ChangesOptions {
  api: Pick<ChangeCalls, "listChanges">;
  sessionId: string;
  router: Pick<Router, "route" | "replace">;
  /** A snapshot to compare with is known: before, there is nothing to ask for. */
  isReady: ReadonlySignal<boolean>;
  now(): number;
}

export const ChangesModel = createModel((options: ChangesOptions) => {
  const { api, sessionId, router } = options;
  const list = signal<ChangeList | undefined>(undefined);
  const error = signal<string | undefined>(undefined);
  const loading = signal(false);
  const loadedAtMs = signal(0);
  const filter = signal("");
  const place = computed(() => placeOf(router));
  /** Changes with what is compared; undefined while the page is elsewhere. */
  const pairKey = computed(() => {
    const { from = "", to = "" } = place.value;
    return isChangesRoute(router, sessionId) ? `${from} ${to}` : undefined;
  });
  const files = computed(() => inTreeOrder(filterFiles(list.value?.files ?? [], filter.value)));
  let abort: AbortController | undefined;
  let again = false;

  async function load(): Promise<void> {
    if (!options.isReady.peek()) return;
    const { from, to } = untracked(() => place.value);
    const mine = new AbortController();
    abort?.abort();
    abort = mine;
    loading.value = true;
    try {
      const loaded = await api.listChanges(sessionId, { from, to }, mine.signal);
      if (abort !== mine) return;
      list.value = loaded;
      loadedAtMs.value = options.now();
      error.value = undefined;
    } catch (thrown) {
      if (abort === mine) error.value = errorMessage(thrown);
    }
    if (abort !== mine) return;
    loading.value = false;
    if (!again) return;
    again = false;
    await load();
  }
  /** While one look at the work tree is under way, the next waits for its end. */
  function refresh(): void {
    if (loading.value) again = true;
    else void load();
  }
  function setPlace(next: ChangesPlace): void {
    router.replace({ name: "session", id: sessionId, tab: "changes", changes: next });
  }

  effect(() => {
    if (options.isReady.value && pairKey.value !== undefined) untracked(() => void load());
    return () => abort?.abort();
  });

  return {
    list,
    error,
    loading,
    /** When the list was last known to be right. */
    loadedAtMs,
    filter,
    /** Files that pass the filter, in the order of the tree. */
    files,
    place,
    /** The two that are compared, for calls about them. */
    pair: computed((): SnapshotPair => ({ from: list.value?.from, to: list.value?.to })),
    /** Whether the list follows the work tree. */
    isLive: computed(() => list.value?.to === "now"),
    selected: computed(() => place.value.file),
    reload: load,
    /** Something changed in the work tree, or a snapshot was taken. */
    hear(snapshot: SnapshotView | undefined): void {
      const { to } = place.value;
      if (snapshot === undefined ? to === undefined || to === "now" : to === undefined) refresh();
    },
    compare(pair: SnapshotPair): void {
      const { file } = place.value;
      setPlace({
        ...(pair.from === undefined ? {} : { from: pair.from }),
        ...(pair.to === undefined ? {} : { to: pair.to }),
        ...(file === undefined ? {} : { file }),
      });
    },
    /** Makes the address name a file. */
    select(file: FileChange): void {
      setPlace({ ...place.value, file: file.id });
    },
  };
});

export type Changes = InstanceType<typeof ChangesModel>;

function isChangesRoute(router: Pick<Router, "route">, sessionId: string): boolean {
  const route = router.route.value;
  return route.name === "session" && route.id === sessionId && route.tab === "changes";
}

function placeOf(router: Pick<Router, "route">): ChangesPlace {
  const route = router.route.value;
  return route.name === "session" ? route.changes ?? {} : {};
}
