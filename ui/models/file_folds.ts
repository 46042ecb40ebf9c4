// Which files are open in the page of diffs: as the user says, else all but those hardly anybody reads.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { FileChange } from "../../server/protocol.ts";
import { MAX_OPEN_ROWS } from "../changes/diff_stack.ts";

export interface FileFoldsOptions {
  files: ReadonlySignal<readonly FileChange[]>;
  isViewed(file: FileChange): boolean;
}

/** Why a file is closed without the user having closed it. */
export type FoldReason = "generated" | "viewed" | "many";

/** Not a model of the signals library: those do not track what is read in their functions. */
export class FileFolds {
  readonly #options: FileFoldsOptions;
  readonly #chosen = signal<ReadonlyMap<string, boolean>>(new Map());
  readonly #beyond: ReadonlySignal<ReadonlySet<string>>;

  constructor(options: FileFoldsOptions) {
    this.#options = options;
    this.#beyond = computed(() => filesBeyond(options.files.value));
  }

  /** Reads signals. */
  whyClosed(file: FileChange): FoldReason | undefined {
    if (this.#options.isViewed(file)) return "viewed";
    if (file.generated) return "generated";
    return this.#beyond.value.has(file.id) ? "many" : undefined;
  }

  /** Reads signals. */
  isOpen(file: FileChange): boolean {
    return this.#chosen.value.get(file.id) ?? this.whyClosed(file) === undefined;
  }

  set(file: FileChange, open: boolean): void {
    this.#chosen.value = new Map([...this.#chosen.value, [file.id, open]]);
  }

  toggle(file: FileChange): void {
    this.set(file, !this.isOpen(file));
  }

  /** Forgets what the user said of a file: its tick decides again. */
  follow(file: FileChange): void {
    this.#chosen.value = new Map([...this.#chosen.value].filter(([id]) => id !== file.id));
  }
}

/** Files after which the page would be too long. */
function filesBeyond(files: readonly FileChange[]): ReadonlySet<string> {
  let rows = 0;
  const beyond = new Set<string>();
  for (const file of files) {
    const more = file.generated ? 0 : (file.additions ?? 0) + (file.deletions ?? 0);
    if (rows > 0 && rows + more > MAX_OPEN_ROWS) beyond.add(file.id);
    else rows += more;
  }
  return beyond;
}
