// How the frame is arranged in this browser: list width, collapsed, drawer, grouping, open sheets.

import { createModel, effect, signal } from "@preact/signals";
import type { KeyStore } from "../credentials.ts";
import type { Grouping } from "./session_list.ts";

export const MIN_LIST_PX = 240;
export const MAX_LIST_PX = 560;

const DEFAULT_LIST_PX = 320;
const STORE_KEY = "agents-fleet.layout";

interface StoredLayout {
  listPx: number;
  collapsed: boolean;
  grouping: Grouping;
}

export const LayoutModel = createModel((store: KeyStore) => {
  const stored = readLayout(store);
  const listPx = signal(stored.listPx);
  const listCollapsed = signal(stored.collapsed);
  const grouping = signal<Grouping>(stored.grouping);
  const drawerOpen = signal(false);
  const helpOpen = signal(false);
  const askStopAll = signal(false);

  effect(() => {
    const layout: StoredLayout = {
      listPx: listPx.value,
      collapsed: listCollapsed.value,
      grouping: grouping.value,
    };
    store.setItem(STORE_KEY, JSON.stringify(layout));
  });

  return {
    listPx,
    listCollapsed,
    grouping,
    drawerOpen,
    helpOpen,
    /** Whether the question "stop all?" is being asked. */
    askStopAll,
    resizeList(px: number): void {
      listPx.value = clampListPx(px);
    },
    toggleList(): void {
      listCollapsed.value = !listCollapsed.value;
    },
  };
});

export type Layout = InstanceType<typeof LayoutModel>;

function clampListPx(px: number): number {
  return Math.round(Math.min(MAX_LIST_PX, Math.max(MIN_LIST_PX, px)));
}

function readLayout(store: KeyStore): StoredLayout {
  const fallback: StoredLayout = { listPx: DEFAULT_LIST_PX, collapsed: false, grouping: "state" };
  try {
    const found = JSON.parse(store.getItem(STORE_KEY) ?? "{}") as Partial<StoredLayout>;
    return {
      listPx: typeof found.listPx === "number" ? clampListPx(found.listPx) : fallback.listPx,
      collapsed: found.collapsed === true,
      grouping: found.grouping === "repository" ? "repository" : "state",
    };
  } catch {
    // Something else wrote there: the defaults are as good as anything.
    return fallback;
  }
}
