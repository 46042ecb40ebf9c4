// How diffs are shown in this browser: in one column or two, with white space or without, how wide the tree is.

import { createModel, effect, signal } from "@preact/signals";
import type { DiffView } from "../changes/diff_layout.ts";
import type { KeyStore } from "../credentials.ts";

const STORE_KEY = "agents-fleet.diff";
export const MIN_TREE_PX = 200;
export const MAX_TREE_PX = 560;
const DEFAULT_TREE_PX = 288;

export const DiffLookModel = createModel((store: KeyStore) => {
  const stored = read(store);
  const view = signal<DiffView>(stored.view === "unified" ? "unified" : "split");
  const treePx = signal(typeof stored.treePx === "number" ? clamp(stored.treePx) : DEFAULT_TREE_PX);
  const treeShown = signal(stored.treeShown !== false);
  const ignoreWhitespace = signal(false);

  effect(() => {
    const look = { view: view.value, treePx: treePx.value, treeShown: treeShown.value };
    store.setItem(STORE_KEY, JSON.stringify(look));
  });

  return {
    view,
    treePx,
    treeShown,
    ignoreWhitespace,
    toggleView(): void {
      view.value = view.value === "split" ? "unified" : "split";
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
