// Compares two trees of a store: which files differ, and by how much. Both trees never change, so answers are kept.
import type { ChangeTotals, FileChange } from "../../protocol.ts";
import { AppError } from "../../errors.ts";
import { SUBMODULE_MODE, SYMLINK_MODE } from "./file_modes.ts";
import { findFiltered } from "./filter_attributes.ts";
import { isGeneratedName, isGeneratedText } from "./generated_files.ts";
import { ObjectReader } from "./object_reader.ts";
import { bytePathOf, fileIdOf, pathOfFileId, shownPath } from "./path_bytes.ts";
import { checkTree, type PrivateStore } from "./private_store.ts";
import { type DiffEntry, type LineCounts, pathOfEntry } from "./raw_diff.ts";
import { type DiffAlgorithm, diffTrees } from "./tree_diff.ts";
import type { Comparison, TreePair } from "./vault_api.ts";

/** Pairs whose answers are kept; a pair of thousands of files is a few megabytes. */
const MAX_KEPT_PAIRS = 12;
/** Text files looked into for a mark that a program wrote them, and how far. */
const MAX_LOOKED_INTO = 1000;
const MAX_LOOKED_INTO_BYTES = 256 * 1024;
const HEAD_BYTES = 2048;

interface Answer {
  entries: Map<string, DiffEntry>;
  algorithm: DiffAlgorithm;
  comparison: Comparison;
}

/** Compares and remembers. */
export class Comparer {
  readonly #answers = new Map<string, Promise<Answer>>();

  async compare(store: PrivateStore, pair: TreePair): Promise<Comparison> {
    return (await this.#answer(store, pair)).comparison;
  }

  /** The files that differ; renames and copies are found. */
  async entries(store: PrivateStore, pair: TreePair): Promise<DiffEntry[]> {
    return [...(await this.#answer(store, pair)).entries.values()];
  }

  /** How lines were matched: whoever shows a file does it in the same way, so that the counts agree. */
  async algorithm(store: PrivateStore, pair: TreePair): Promise<DiffAlgorithm> {
    return (await this.#answer(store, pair)).algorithm;
  }

  /** One file that differs, by its id; throws `not_found` when it does not. */
  async entry(store: PrivateStore, { pair, id }: { pair: TreePair; id: string }): Promise<DiffEntry> {
    const entry = (await this.#answer(store, pair)).entries.get(pathOfFileId(id) ?? "");
    if (entry === undefined) throw new AppError("not_found", "This file is the same on both sides");
    return entry;
  }

  #answer(store: PrivateStore, pair: TreePair): Promise<Answer> {
    const key = `${store.name} ${checkTree(pair.from)} ${checkTree(pair.to)}`;
    const answer = this.#answers.get(key) ?? answerOf(store, pair);
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    answer.catch(() => this.#answers.delete(key));
    const oldest = this.#answers.keys().next().value;
    if (this.#answers.size > MAX_KEPT_PAIRS && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }
}

async function answerOf(store: PrivateStore, pair: TreePair): Promise<Answer> {
  const { entries, counts, notes, algorithm } = await diffTrees(store, pair);
  const sizes = await sizesOf(store, entries);
  const files = entries.map((entry) => changeOf(entry, { counts, sizes }));
  await markGenerated(store, { entries, files });
  const filtered = await findFiltered(store, { tree: pair.to, paths: entries.map(pathOfEntry) });
  for (const [index, entry] of entries.entries()) {
    const file = files[index];
    if (file && filtered.has(pathOfEntry(entry))) file.filtered = true;
  }
  const byPath = new Map(entries.map((entry) => [pathOfEntry(entry), entry]));
  files.sort(byPathAsShown);
  return { entries: byPath, algorithm, comparison: { files, totals: totalsOf(files), notes } };
}

/** By code points, so that the order does not depend on a language. */
function byPathAsShown(one: FileChange, other: FileChange): number {
  return one.path < other.path ? -1 : one.path > other.path ? 1 : 0;
}

function changeOf(
  entry: DiffEntry,
  { counts, sizes }: { counts: Map<string, LineCounts>; sizes: Map<string, number> },
): FileChange {
  const path = pathOfEntry(entry);
  const count = counts.get(path);
  const kind = kindOf(entry, { isCounted: count !== undefined || counts.size === 0 });
  const oldBytes = entry.old && sizes.get(entry.old.oid);
  const newBytes = entry.new && sizes.get(entry.new.oid);
  const moved = entry.old !== undefined && entry.old.path !== path;
  return {
    id: fileIdOf(path),
    path: shownPath(path),
    ...(moved && entry.old ? { oldPath: shownPath(entry.old.path), oldId: fileIdOf(entry.old.path) } : {}),
    status: entry.status,
    kind,
    ...(kind === "text" && count ? count : {}),
    ...(entry.old ? { oldMode: entry.old.mode } : {}),
    ...(entry.new ? { newMode: entry.new.mode } : {}),
    ...(oldBytes === undefined ? {} : { oldBytes }),
    ...(newBytes === undefined ? {} : { newBytes }),
    ...(isGeneratedName(path) ? { generated: true } : {}),
  };
}

function kindOf(entry: DiffEntry, { isCounted }: { isCounted: boolean }): FileChange["kind"] {
  const mode = (entry.new ?? entry.old)?.mode;
  if (mode === SUBMODULE_MODE) return "submodule";
  if (mode === SYMLINK_MODE) return "symlink";
  return isCounted ? "text" : "binary";
}

async function sizesOf(store: PrivateStore, entries: readonly DiffEntry[]): Promise<Map<string, number>> {
  const sides = entries.flatMap((entry) => [entry.old, entry.new]);
  const ids = new Set(sides.flatMap((side) => side && side.mode !== SUBMODULE_MODE ? [side.oid] : []));
  if (ids.size === 0) return new Map();
  const input = new TextEncoder().encode([...ids].join("\n") + "\n");
  const output = await store.ask({ args: ["cat-file", "--batch-check=%(objectname) %(objectsize)"], input });
  const lines = bytePathOf(output).split("\n").map((line) => line.split(" "));
  return new Map(lines.map(([id = "", size]) => [id, Number(size)]));
}

/** Many tools say in the first lines that nobody writes the file by hand. */
async function markGenerated(
  store: PrivateStore,
  { entries, files }: { entries: readonly DiffEntry[]; files: readonly FileChange[] },
): Promise<void> {
  const asked = entries.flatMap((entry, index) => {
    const file = files[index];
    const side = entry.new ?? entry.old;
    const bytes = file?.newBytes ?? file?.oldBytes ?? 0;
    const isWorthIt = file?.kind === "text" && !file.generated && bytes <= MAX_LOOKED_INTO_BYTES;
    return file && side && isWorthIt ? [{ file, oid: side.oid }] : [];
  });
  if (asked.length === 0) return;
  await using reader = new ObjectReader(store);
  for (const { file, oid } of asked.slice(0, MAX_LOOKED_INTO)) {
    const blob = await reader.read(oid, MAX_LOOKED_INTO_BYTES);
    if (blob && isGeneratedText(bytePathOf(blob.content.subarray(0, HEAD_BYTES)))) file.generated = true;
  }
}

function totalsOf(files: readonly FileChange[]): ChangeTotals {
  const sum = (field: "additions" | "deletions"): number =>
    files.reduce((total, file) => total + (file[field] ?? 0), 0);
  return { files: files.length, additions: sum("additions"), deletions: sum("deletions") };
}
