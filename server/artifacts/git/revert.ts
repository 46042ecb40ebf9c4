// Makes files what they are in a snapshot, byte for byte; repository, index and HEAD are not touched.
import { join } from "node:path";
import { EXECUTABLE_MODE, SUBMODULE_MODE, SYMLINK_MODE } from "./file_modes.ts";
import { ObjectReader } from "./object_reader.ts";
import {
  type BytePath,
  fileIdOf,
  isPlainPath,
  openableName,
  pathOfFileId,
  shownPath,
  splitNul,
} from "./path_bytes.ts";
import { checkTree, type PrivateStore } from "./private_store.ts";
import { type DiffEntry, type DiffSide, parseRawDiff, pathOfEntry } from "./raw_diff.ts";
import { lookAt } from "./small_files.ts";
import type { RevertStep, TreePair } from "./vault_api.ts";
import { type Lying, WorkTreeFiles } from "./work_tree_files.ts";

const MAX_LINK_BYTES = 4096;
/** Files between two chances for others to use this thread. */
const STEPS_PER_SLICE = 50;

export interface RevertOutcome {
  done: number;
  failed: { path: string; message: string }[];
}

/** The paths that take back one change: a rename has two, what a copy was made of stays. */
export function pathsToRevert({ status, old, new: fresh }: DiffEntry): BytePath[] {
  const sides = status === "C" ? [fresh] : [old, fresh];
  return sides.flatMap((side) => side === undefined ? [] : [side.path]);
}

/** The steps that make `paths`, or all files that differ, what they are in `pair.to`. */
export async function planSteps(
  store: PrivateStore,
  { pair, paths }: { pair: TreePair; paths?: ReadonlySet<BytePath> },
): Promise<RevertStep[]> {
  const entries = await differingFiles(store, pair);
  const wanted = [...entries.values()].filter((entry) =>
    paths === undefined || paths.has(pathOfEntry(entry))
  );
  return wanted.map(stepOf);
}

/** Does a plan. What is no longer as `pair.from` has it is left alone and told. */
export async function doSteps(
  store: PrivateStore,
  { root, pair, steps, newId }: {
    root: string;
    pair: TreePair;
    steps: readonly RevertStep[];
    newId: () => string;
  },
): Promise<RevertOutcome> {
  const entries = await differingFiles(store, pair);
  const wanted = steps.filter((step) => step.action !== "skip").map((step) => pathOfFileId(step.id) ?? "");
  using files = new WorkTreeFiles(root, `.agents-fleet-${newId()}-`);
  await using reader = new ObjectReader(store);
  const work = { root, files, reader, format: pair.to.length === 64 ? "sha256" : "sha1" } as const;
  const outcome: RevertOutcome = { done: 0, failed: [] };
  // What goes makes room for what comes: a file may have been where a directory belongs.
  const inOrder = wanted.toSorted((one, other) => rank(entries.get(one)) - rank(entries.get(other)));
  for (const [index, path] of inOrder.entries()) {
    if (index % STEPS_PER_SLICE === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    try {
      await makeAsBefore(work, entries.get(path));
      outcome.done++;
    } catch (cause) {
      outcome.failed.push({
        path: shownPath(path),
        message: cause instanceof Error ? cause.message : String(cause),
      });
    }
  }
  return outcome;
}

interface RevertWork {
  root: string;
  files: WorkTreeFiles;
  reader: ObjectReader;
  format: "sha1" | "sha256";
}

/** Without renames: each path stands for itself. */
async function differingFiles(store: PrivateStore, pair: TreePair): Promise<Map<BytePath, DiffEntry>> {
  const args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", checkTree(pair.from), checkTree(pair.to)];
  const { entries } = parseRawDiff(splitNul(await store.ask({ args, maxOutputBytes: 256 * 1024 * 1024 })));
  return new Map(entries.map((entry) => [pathOfEntry(entry), entry]));
}

function stepOf(entry: DiffEntry): RevertStep {
  const path = pathOfEntry(entry);
  const step = { id: fileIdOf(path), path: shownPath(path) };
  if (entry.old?.mode === SUBMODULE_MODE || entry.new?.mode === SUBMODULE_MODE) {
    return { ...step, action: "skip", note: "A repository of its own: nothing is done in it" };
  }
  if (entry.new === undefined) return { ...step, action: "remove" };
  return { ...step, action: entry.old === undefined ? "restore" : "overwrite" };
}

function rank(entry: DiffEntry | undefined): number {
  return entry?.new === undefined ? 0 : 1;
}

async function makeAsBefore(work: RevertWork, entry: DiffEntry | undefined): Promise<void> {
  if (entry === undefined) throw new Error("It does not differ");
  const path = pathOfEntry(entry);
  if (!isPlainPath(path) || stepOf(entry).action === "skip") {
    throw new Error("Nothing is ever done to this path");
  }
  const lying = await work.files.look(path, work.format);
  if (isAsIn(lying, entry.new)) return;
  if (!isAsIn(lying, entry.old)) throw new Error("It has changed since the plan was made");
  if (entry.new === undefined) await work.files.remove(path);
  else await restore(work, entry.new);
}

async function restore({ root, files, reader }: RevertWork, side: DiffSide): Promise<void> {
  if (side.mode === SYMLINK_MODE) {
    const target = await reader.read(side.oid, MAX_LINK_BYTES);
    if (target === undefined) throw new Error("Its content is no longer kept");
    return await files.writeLink(side.path, target.content);
  }
  const mode = permissionsNow(root, side.path);
  await files.writeFile(side.path, {
    isExecutable: side.mode === EXECUTABLE_MODE,
    ...(mode === undefined ? {} : { mode }),
    fill: async (take) => {
      const head = await reader.stream(side.oid, (part) => {
        take(part);
        return true;
      });
      if (head === undefined) throw new Error("Its content is no longer kept");
    },
  });
}

/** So that a private file stays private. */
function permissionsNow(root: string, path: BytePath): number | undefined {
  const name = openableName(path);
  const info = name === undefined ? undefined : lookAt(join(root, name));
  return info?.isFile ? info.mode ?? undefined : undefined;
}

function isAsIn(lying: Lying, side: DiffSide | undefined): boolean {
  if (side === undefined) return lying.kind === "nothing" || lying.kind === "directory";
  if (!("oid" in lying) || lying.oid !== side.oid) return false;
  const isLink = side.mode === SYMLINK_MODE;
  return (lying.kind === "link") === isLink &&
    (isLink || lying.isExecutable === (side.mode === EXECUTABLE_MODE));
}
