// Which changed files the user has ticked as viewed, kept in this browser; a file that changes again loses its tick.

import { createModel, signal } from "@preact/signals";
import type { FileChange } from "../../server/protocol.ts";
import type { KeyStore } from "../credentials.ts";

export interface ViewedFilesOptions {
  store: KeyStore;
  sessionId: string;
}

const STORE_KEY = "agents-fleet.viewed";
/** Sessions whose ticks are kept: the last ones. */
const MAX_SESSIONS = 50;

/** By session, then by file: how the file was when it was ticked. */
type Stored = Record<string, Record<string, string>>;

export const ViewedFilesModel = createModel(({ store, sessionId }: ViewedFilesOptions) => {
  const ticks = signal<Readonly<Record<string, string>>>(read(store)[sessionId] ?? {});

  function save(): void {
    const { [sessionId]: _, ...others } = read(store);
    const kept = Object.entries(others).slice(1 - MAX_SESSIONS);
    const mine: [string, Record<string, string>][] = Object.keys(ticks.value).length === 0
      ? []
      : [[sessionId, { ...ticks.value }]];
    store.setItem(STORE_KEY, JSON.stringify(Object.fromEntries([...kept, ...mine])));
  }
  const has = (file: FileChange): boolean => ticks.value[file.id] === stateOf(file);

  return {
    has,
    toggle(file: FileChange): void {
      const { [file.id]: _, ...others } = ticks.value;
      ticks.value = has(file) ? others : { ...others, [file.id]: stateOf(file) };
      save();
    },
    count: (files: readonly FileChange[]): number => files.filter(has).length,
  };
});

export type ViewedFiles = InstanceType<typeof ViewedFilesModel>;

/** What differs when a file was changed again, as far as lists tell. */
function stateOf(file: FileChange): string {
  const { status, additions, deletions, oldBytes, newBytes, newMode } = file;
  return [status, additions, deletions, oldBytes, newBytes, newMode].join(" ");
}

function read(store: KeyStore): Stored {
  try {
    const found: unknown = JSON.parse(store.getItem(STORE_KEY) ?? "{}");
    return typeof found === "object" && found !== null ? found as Stored : {};
  } catch {
    // Something else wrote there: without ticks is as good as anything.
    return {};
  }
}
