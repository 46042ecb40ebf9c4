// How diffs are shown in this browser: in one column or two, with white space or without, how wide the tree is.

import { computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { DiffView } from "../changes/diff_layout.ts";
import type { KeyStore } from "../credentials.ts";

const STORE_KEY = "agents-fleet.diff";
export const MIN_TREE_PX = 200;
export const MAX_TREE_PX = 560;
const DEFAULT_TREE_PX = 288;
/** Below, two columns of code show too little of each. */
const MIN_SPLIT_PX = 560;

export interface DiffLookOptions {
  store: KeyStore;
  /** There is no room for the tree beside the diffs. */
  isNarrow: ReadonlySignal<boolean>;
  /** Of tree and diffs together. */
  widthPx: ReadonlySignal<number>;
}

export const DiffLookModel = createModel(({ store, isNarrow, widthPx }: DiffLookOptions) => {
  const stored = read(store);
  const chosenView = signal<DiffView>(stored.view === "unified" ? "unified" : "split");
  const treePx = signal(typeof stored.treePx === "number" ? clamp(stored.treePx) : DEFAULT_TREE_PX);
  const treeBeside = signal(stored.treeShown !== false);
  const treeAbove = signal(false);
  const treeShown = computed(() => isNarrow.value ? treeAbove.value : treeBeside.value);
  const canSplit = computed(() => {
    const diffsPx = widthPx.value - (treeShown.value ? treePx.value : 0);
    return !isNarrow.value && diffsPx >= MIN_SPLIT_PX;
  });
  const view = computed<DiffView>(() => canSplit.value ? chosenView.value : "unified");
  const ignoreWhitespace = signal(false);

  effect(() => {
    const look = { view: chosenView.value, treePx: treePx.value, treeShown: treeBeside.value };
    store.setItem(STORE_KEY, JSON.stringify(look));
  });

  return {
    view,
    /** There is room for two columns. */
    canSplit,
    treePx,
    treeShown,
    ignoreWhitespace,
    setView(next: DiffView): void {
      chosenView.value = next;
    },
    toggleView(): void {
      chosenView.value = view.value === "split" ? "unified" : "split";
    },
    showTree(shown: boolean): void {
      (isNarrow.value ? treeAbove : treeBeside).value = shown;
    },
    resizeTree(px: number): void {
      treePx.value = clamp(px);
    },
  };
});

export type DiffLook = InstanceType<typeof DiffLookModel>;

function clamp(px: number): number {
  return Math.round(Math.min(MAX_TREE_PX, Math.max(MIN_TREE_PX, px)));
}

function read(store: KeyStore): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(store.getItem(STORE_KEY) ?? "{}");
    return typeof found === "object" && found !== null ? found as Record<string, unknown> : {};
  } catch {
    // Something else wrote there: the defaults are as good as anything.
    return {};
  }
}
