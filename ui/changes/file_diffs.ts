// The diffs of all files in a list: loaded when they come into view, let go when they are far and many.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { FileChange, FileDiff } from "../../server/protocol.ts";
import { errorMessage, isAbort } from "../api/api_error.ts";
import type { DiffEngine } from "./diff_engine.ts";
import type { DiffView, Opened } from "./diff_layout.ts";
import type { LineRange, ShownLine } from "./diff_text.ts";
import { type DiffSource, loadFile, type LoadFileOptions } from "./load_file.ts";
import type { ShownFile } from "./shown_file.ts";

export interface FileDiffsOptions extends LoadFileOptions {
  engine: Pick<DiffEngine, "open" | "askLines" | "close">;
  /** Texts in the worker beyond what is in view; 96 MB when missing. */
  maxKeptBytes?: number;
  /** Runs work with the next picture; several wishes are one. */
  nextFrame(work: () => void): void;
}

/** What a file's body shows. */
export type FileBody =
  | { state: "waiting" }
  | { state: "failed"; message: string }
  | { state: "summary"; diff: FileDiff }
  | { state: "text"; shown: ShownFile };

interface Entry {
  /** Stays while something newer is loaded. */
  body: FileBody;
  /** Of the source that the body was loaded from. */
  key: string | undefined;
  loading: { key: string; abort: AbortController } | undefined;
  /** Loaded, waits for the lines that are in view. */
  coming: { shown: ShownFile; key: string } | undefined;
  rowsInView: { start: number; end: number };
  /** Rows when it was let go: its place stays as high. */
  lastRows: number | undefined;
}

const MAX_LOADS = 4;
const MAX_KEPT_BYTES = 96 * 1024 * 1024;
const FIRST_ROWS = { start: 0, end: 120 };

export class FileDiffs {
  readonly #options: FileDiffsOptions;
  readonly #version = signal(0);
  readonly #entries = new Map<string, Entry>();
  readonly #byText = new Map<number, string>();
  readonly #secretsShown = new Set<string>();
  #source: DiffSource | undefined;
  #changes = new Map<string, FileChange>();
  #view: DiffView = "split";
  #wanted: readonly string[] = [];

  /** Counts what should be drawn again. */
  readonly version: ReadonlySignal<number> = this.#version;

  constructor(options: FileDiffsOptions) {
    this.#options = options;
  }

  setSource(source: DiffSource): void {
    if (source.key === this.#source?.key) return;
    this.#source = source;
    this.#changes = new Map(source.files.map((file) => [file.id, file]));
    for (const id of [...this.#entries.keys()]) if (!this.#changes.has(id)) this.#drop(id);
    this.#startLoads();
    this.#redraw();
  }

  setView(view: DiffView): void {
    this.#view = view;
    for (const { body, coming } of this.#entries.values()) {
      if (body.state === "text") body.shown.setView(view);
      coming?.shown.setView(view);
    }
    this.#redraw();
  }

  body(id: string): FileBody {
    return this.#entries.get(id)?.body ?? { state: "waiting" };
  }

  shown(id: string): ShownFile | undefined {
    const body = this.#entries.get(id)?.body;
    return body?.state === "text" ? body.shown : undefined;
  }

  /** How many rows it has, or will have about. */
  rows(file: FileChange): number {
    const shown = this.shown(file.id);
    if (shown !== undefined) return shown.layout.rows;
    return this.#entries.get(file.id)?.lastRows ?? estimateRows(file, this.#view);
  }

  /** Names the files in view, the most important first. */
  want(ids: readonly string[]): void {
    this.#wanted = ids;
    for (const [id, entry] of this.#entries) {
      if (!ids.includes(id)) entry.loading?.abort.abort();
    }
    this.#startLoads();
    this.#letGo();
  }

  /** Asks for the lines of a file's rows in view. */
  askRows(id: string, rows: { start: number; end: number }): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.rowsInView = rows;
    if (entry.body.state === "text") entry.body.shown.askRows(rows);
  }

  openGap(id: string, gap: number, by: Opened): void {
    this.shown(id)?.openGap(gap, by);
    this.#redraw();
  }

  showSecrets(id: string): void {
    this.#secretsShown.add(id);
    this.retry(id);
  }

  areSecretsShown(id: string): boolean {
    return this.#secretsShown.has(id);
  }

  /** Loads it again; what is on its way is not what is wanted now. */
  retry(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#giveUp(entry);
    this.#startLoads();
    this.#redraw();
  }

  /** Takes what the worker says. */
  takeLines({ id, range, lines }: { id: number; range: LineRange; lines: ShownLine[] }): void {
    const entry = this.#entries.get(this.#byText.get(id) ?? "");
    if (entry === undefined) return;
    if (entry.coming?.shown.textId === id) {
      entry.coming.shown.take(range, lines);
      this.#showComing(entry);
    } else if (entry.body.state === "text" && entry.body.shown.textId === id) {
      entry.body.shown.take(range, lines);
      this.#redraw();
    }
  }

  /** The worker has lost all texts: the user may have them loaded again. */
  loseTexts(message: string): void {
    this.#byText.clear();
    for (const entry of this.#entries.values()) {
      entry.coming = undefined;
      if (entry.body.state === "text") entry.body = { state: "failed", message };
    }
    this.#redraw();
  }

  [Symbol.dispose](): void {
    for (const id of [...this.#entries.keys()]) this.#drop(id);
  }

  #startLoads(): void {
    const source = this.#source;
    if (source === undefined) return;
    let running = [...this.#entries.values()].filter(({ loading }) => loading !== undefined).length;
    for (const id of this.#wanted) {
      const change = this.#changes.get(id);
      if (change === undefined || running >= MAX_LOADS) continue;
      const entry = this.#entryOf(id);
      const isCurrent = [entry.key, entry.coming?.key, entry.loading?.key].includes(source.key);
      if (isCurrent) continue;
      if (entry.loading === undefined) running++;
      entry.loading?.abort.abort();
      void this.#load(entry, { change, source });
    }
  }

  async #load(entry: Entry, { change, source }: { change: FileChange; source: DiffSource }): Promise<void> {
    const loading = { key: source.key, abort: new AbortController() };
    entry.loading = loading;
    try {
      const loaded = await loadFile(this.#options, {
        ...{ change, source, view: this.#view, signal: loading.abort.signal },
        opened: entry.body.state === "text" ? entry.body.shown.opened : new Map<number, Opened>(),
        showSecrets: this.#secretsShown.has(change.id),
      });
      if ("diff" in loaded) this.#setBody(entry, { body: { state: "summary", ...loaded }, key: source.key });
      else this.#prepare(entry, { shown: loaded.shown, change, loading });
    } catch (thrown) {
      if (!isAbort(thrown) && entry.loading === loading) {
        const message = errorMessage(thrown);
        this.#setBody(entry, { body: { state: "failed", message }, key: source.key });
      }
    } finally {
      if (entry.loading === loading) entry.loading = undefined;
      this.#startLoads();
    }
  }

  /** Has the lines in view asked for, unless nobody wants them any more. */
  #prepare(entry: Entry, { shown, change, loading }: {
    shown: ShownFile;
    change: FileChange;
    loading: NonNullable<Entry["loading"]>;
  }): void {
    if (loading.abort.signal.aborted || this.#entries.get(change.id) !== entry) return this.#close(shown);
    // The view may have changed meanwhile.
    shown.setView(this.#view);
    this.#byText.set(shown.textId, change.id);
    if (entry.coming !== undefined) this.#close(entry.coming.shown);
    entry.coming = { shown, key: loading.key };
    this.#showComing(entry);
  }

  /** What is on screen stays until the lines in its place are there. */
  #showComing(entry: Entry): void {
    const { coming } = entry;
    if (coming === undefined || !coming.shown.askRows(entry.rowsInView)) return;
    entry.coming = undefined;
    this.#setBody(entry, { body: { state: "text", shown: coming.shown }, key: coming.key });
  }

  #setBody(entry: Entry, { body, key }: { body: FileBody; key: string }): void {
    if (entry.body.state === "text") this.#close(entry.body.shown);
    entry.body = body;
    entry.key = key;
    this.#redraw();
  }

  #entryOf(id: string): Entry {
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = {
      body: { state: "waiting" },
      key: undefined,
      loading: undefined,
      coming: undefined,
      rowsInView: FIRST_ROWS,
      lastRows: undefined,
    };
    this.#entries.set(id, entry);
    return entry;
  }

  /** Lets go what is out of view, the longest there first, while too much is kept. */
  #letGo(): void {
    const bytesOf = ({ body }: Entry): number => body.state === "text" ? body.shown.bytes : 0;
    let kept = [...this.#entries.values()].reduce((sum, entry) => sum + bytesOf(entry), 0);
    for (const [id, entry] of [...this.#entries]) {
      if (kept <= (this.#options.maxKeptBytes ?? MAX_KEPT_BYTES)) return;
      if (this.#wanted.includes(id) || entry.body.state !== "text") continue;
      kept -= bytesOf(entry);
      entry.lastRows = entry.body.shown.layout.rows;
      this.#close(entry.body.shown);
      entry.body = { state: "waiting" };
      entry.key = undefined;
    }
  }

  #drop(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#giveUp(entry);
    if (entry.body.state === "text") this.#close(entry.body.shown);
  }

  /** What is shown stays, and counts as old. */
  #giveUp(entry: Entry): void {
    entry.loading?.abort.abort();
    if (entry.coming !== undefined) this.#close(entry.coming.shown);
    entry.key = entry.loading = entry.coming = undefined;
  }

  #close({ textId }: ShownFile): void {
    this.#byText.delete(textId);
    this.#options.engine.close(textId);
  }

  #redraw(): void {
    this.#options.nextFrame(() => {
      this.#version.value++;
    });
  }
}

/** Changed lines with some around them. */
function estimateRows(file: FileChange, view: DiffView): number {
  const { additions = 0, deletions = 0 } = file;
  const changed = view === "unified" ? additions + deletions : Math.max(additions, deletions);
  return changed + (file.status === "A" || file.status === "D" ? 0 : 8);
}
