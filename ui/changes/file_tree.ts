// Changed files as a tree: directories with one thing in them are one row with it. Pure.

import type { FileChange } from "../../server/protocol.ts";

export type TreeRow =
  | { kind: "directory"; key: string; name: string; depth: number; open: boolean; files: number }
  | { kind: "file"; key: string; name: string; depth: number; file: FileChange };

interface Directory {
  directories: Map<string, Directory>;
  files: { name: string; file: FileChange }[];
}

/** Rows in the order they are shown. `closed` has the keys of directories whose content is not. */
export function treeRows(files: readonly FileChange[], closed: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  addRows(rows, { directory: buildTree(files), path: "", depth: 0, closed });
  return rows;
}

/** The order of files in the tree, which the diffs follow. */
export function inTreeOrder(files: readonly FileChange[]): FileChange[] {
  return treeRows(files, new Set()).flatMap((row) => row.kind === "file" ? [row.file] : []);
}

/** Files whose path, or path before, has all words of the filter; all files without one. */
export function filterFiles(files: readonly FileChange[], filter: string): readonly FileChange[] {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return files;
  return files.filter(({ path, oldPath }) => {
    const text = `${path}\n${oldPath ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function buildTree(files: readonly FileChange[]): Directory {
  const root: Directory = { directories: new Map(), files: [] };
  for (const file of files) {
    const names = file.path.split("/");
    const name = names.pop() ?? file.path;
    let at = root;
    for (const each of names) {
      const next = at.directories.get(each) ?? { directories: new Map(), files: [] };
      at.directories.set(each, next);
      at = next;
    }
    at.files.push({ name, file });
  }
  return root;
}

interface Level {
  directory: Directory;
  path: string;
  depth: number;
  closed: ReadonlySet<string>;
}

function addRows(rows: TreeRow[], { directory, path, depth, closed }: Level): void {
  for (const [name, child] of [...directory.directories].sort(([a], [b]) => a < b ? -1 : 1)) {
    const { names, end } = joinSingles(name, child);
    const key = `${path}${names}/`;
    const open = !closed.has(key);
    rows.push({ kind: "directory", key, name: names, depth, open, files: countFiles(end) });
    if (open) addRows(rows, { directory: end, path: key, depth: depth + 1, closed });
  }
  for (const { name, file } of directory.files) {
    rows.push({ kind: "file", key: file.id, name, depth, file });
  }
}

/** `a/b/c` where a has only b, and b only c. */
function joinSingles(name: string, directory: Directory): { names: string; end: Directory } {
  let names = name;
  let end = directory;
  while (end.files.length === 0 && end.directories.size === 1) {
    const [only] = end.directories;
    if (only === undefined) break;
    names += `/${only[0]}`;
    end = only[1];
  }
  return { names, end };
}

function countFiles({ directories, files }: Directory): number {
  return [...directories.values()].reduce((sum, each) => sum + countFiles(each), files.length);
}
