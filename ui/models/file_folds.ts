// Which files are open in the page of diffs: as the user says, else all but those hardly anybody reads.

import { computed, createModel, type ReadonlySignal, signal } from "@preact/signals";
import type { FileChange } from "../../server/protocol.ts";
import { MAX_OPEN_ROWS } from "../changes/diff_stack.ts";

export interface FileFoldsOptions {
  files: ReadonlySignal<readonly FileChange[]>;
  isViewed(file: FileChange): boolean;
}

/** Why a file is closed without the user having closed it. */
export type FoldReason = "generated" | "viewed" | "many";

export const FileFoldsModel = createModel(({ files, isViewed }: FileFoldsOptions) => {
  const chosen = signal<ReadonlyMap<string, boolean>>(new Map());
  const beyond = computed(() => filesBeyond(files.value));

  function whyClosed(file: FileChange): FoldReason | undefined {
    if (isViewed(file)) return "viewed";
    if (file.generated) return "generated";
    return beyond.value.has(file.id) ? "many" : undefined;
  }
  function isOpen(file: FileChange): boolean {
    return chosen.value.get(file.id) ?? whyClosed(file) === undefined;
  }
  function set(file: FileChange, open: boolean): void {
    chosen.value = new Map([...chosen.value, [file.id, open]]);
  }

  return {
    isOpen,
    whyClosed,
    set,
    toggle: (file: FileChange): void => set(file, !isOpen(file)),
    /** Forgets what the user said of a file: its tick decides again. */
    follow(file: FileChange): void {
      chosen.value = new Map([...chosen.value].filter(([id]) => id !== file.id));
    },
    setAll(open: boolean): void {
      chosen.value = new Map(files.value.map((file) => [file.id, open]));
    },
  };
});

export type FileFolds = InstanceType<typeof FileFoldsModel>;

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
