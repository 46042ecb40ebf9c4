// Which changed files the user has ticked as viewed, kept in this browser; a file that changes again loses its tick.

import { type Signal, signal } from "@preact/signals";
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

/** Not a model of the signals library: those do not track what is read in their functions. */
export class ViewedFiles {
  readonly #options: ViewedFilesOptions;
  readonly #ticks: Signal<Readonly<Record<string, string>>>;

  constructor(options: ViewedFilesOptions) {
    this.#options = options;
    this.#ticks = signal(read(options.store)[options.sessionId] ?? {});
  }

  /** Reads a signal. */
  has(file: FileChange): boolean {
    return this.#ticks.value[file.id] === stateOf(file);
  }

  /** How many of these are ticked. Reads a signal. */
  count(files: readonly FileChange[]): number {
    return files.filter((file) => this.has(file)).length;
  }

  toggle(file: FileChange): void {
    const { [file.id]: _, ...others } = this.#ticks.value;
    this.#ticks.value = this.has(file) ? others : { ...others, [file.id]: stateOf(file) };
    this.#save();
  }

  #save(): void {
    const { store, sessionId } = this.#options;
    const { [sessionId]: _, ...others } = read(store);
    const kept = Object.entries(others).slice(1 - MAX_SESSIONS);
    const ticks = this.#ticks.value;
    const mine: [string, Record<string, string>][] = Object.keys(ticks).length === 0
      ? []
      : [[sessionId, ticks]];
    store.setItem(STORE_KEY, JSON.stringify(Object.fromEntries([...kept, ...mine])));
  }
}

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
