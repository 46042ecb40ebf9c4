// Reads what `git diff-tree -z --raw --numstat` writes about two trees.
import type { FileChange } from "../../protocol.ts";
import type { BytePath } from "./path_bytes.ts";

/** One side of a changed file. */
export interface DiffSide {
  path: BytePath;
  /** Six octal digits: 100644, 100755, 120000 for a symbolic link, 160000 for a submodule. */
  mode: string;
  oid: string;
}

/** A file that differs; a missing side did not exist. */
export interface DiffEntry {
  status: FileChange["status"];
  old?: DiffSide;
  new?: DiffSide;
}

/** Lines added and deleted; undefined for what is compared as binary. */
export type LineCounts = { additions: number; deletions: number } | undefined;

const RAW = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([AMDRCTU])\d*$/;
const NUMSTAT = /^(\d+|-)\t(\d+|-)\t([\s\S]*)$/;
const NOTHING = "000000";

/** Entries by their path (the old one where there is no new), and the counts of lines by the same path. */
export function parseRawDiff(
  fields: readonly string[],
): { entries: DiffEntry[]; counts: Map<BytePath, LineCounts> } {
  const entries: DiffEntry[] = [];
  const counts = new Map<BytePath, LineCounts>();
  let at = 0;
  const take = (): string => fields[at++] ?? "";
  while (at < fields.length) {
    const head = take();
    const raw = head.match(RAW);
    if (raw) entries.push(entryOf(raw, take));
    else readCounts(head, { take, counts });
  }
  return { entries, counts };
}

/** The path that names an entry. */
export function pathOfEntry(entry: DiffEntry): BytePath {
  return (entry.new ?? entry.old)?.path ?? "";
}

function entryOf(
  [, oldMode = "", newMode = "", oldId = "", newId = "", letter]: string[],
  take: () => string,
): DiffEntry {
  const status = letter as FileChange["status"];
  const first = take();
  const second = status === "R" || status === "C" ? take() : first;
  return {
    status,
    ...(oldMode === NOTHING ? {} : { old: { path: first, mode: oldMode, oid: oldId } }),
    ...(newMode === NOTHING ? {} : { new: { path: second, mode: newMode, oid: newId } }),
  };
}

function readCounts(
  head: string,
  { take, counts }: { take: () => string; counts: Map<BytePath, LineCounts> },
): void {
  const [, added = "-", deleted = "-", name = ""] = head.match(NUMSTAT) ?? [];
  let path = name;
  if (name === "") {
    take();
    path = take();
  }
  counts.set(path, added === "-" ? undefined : { additions: Number(added), deletions: Number(deleted) });
}
