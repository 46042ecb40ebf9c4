// The command palette: what can be found in it, and how a query ranks it.

import { computed, createModel, signal } from "@preact/signals";
import type { IconNode } from "lucide";

export interface PaletteEntry {
  id: string;
  group: "Places" | "Actions" | "Sessions";
  label: string;
  /** Second line or shortcut. */
  hint?: string;
  icon: IconNode;
  run(): void;
}

const MAX_RESULTS = 50;

export const PaletteModel = createModel((entries: () => readonly PaletteEntry[]) => {
  const isOpen = signal(false);
  const query = signal("");
  const cursor = signal(0);
  const results = computed(() => isOpen.value ? rankEntries(entries(), query.value) : []);

  return {
    isOpen,
    query,
    cursor,
    results,
    open(): void {
      query.value = "";
      cursor.value = 0;
      isOpen.value = true;
    },
    close(): void {
      isOpen.value = false;
    },
    search(text: string): void {
      query.value = text;
      cursor.value = 0;
    },
    move(by: number): void {
      const count = results.value.length;
      if (count > 0) cursor.value = (cursor.value + by + count) % count;
    },
    /** Runs an entry, or the one under the cursor. */
    choose(entry?: PaletteEntry): void {
      const chosen = entry ?? results.value[cursor.value];
      isOpen.value = false;
      chosen?.run();
    },
  };
});

export type Palette = InstanceType<typeof PaletteModel>;

/** Entries that contain all letters of the query in order; those that contain its words come first. */
export function rankEntries(entries: readonly PaletteEntry[], query: string): PaletteEntry[] {
  const scored = entries.map((entry) => ({ entry, score: scoreEntry(entry, query.trim().toLowerCase()) }));
  return scored.filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_RESULTS)
    .map(({ entry }) => entry);
}

function scoreEntry(entry: PaletteEntry, query: string): number {
  if (query === "") return 1;
  const label = entry.label.toLowerCase();
  if (label.startsWith(query)) return 5;
  if (label.includes(query)) return 4;
  const text = `${label} ${entry.hint?.toLowerCase() ?? ""}`;
  if (query.split(/\s+/).every((word) => text.includes(word))) return 3;
  return isSubsequence(query.replaceAll(" ", ""), label) ? 2 : 0;
}

function isSubsequence(letters: string, text: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
