// The stores of git snapshots in a backup: each as one archive inside it, copied while others write to it.
import { dirname, join } from "node:path";
import { appendToTar, endTar, readTarContent, readTarEntry } from "./tar.ts";

/** Where they are in a data directory. */
const STORES = "git";
const STORE_NAME = /^[0-9a-f]{32}$/;
const ARCHIVE_NAME = /^git-([0-9a-f]{32})\.tar$/;
/** Names of files in a store: no step begins with a dot. */
const FILE_NAME = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]*\/)*[A-Za-z0-9_][A-Za-z0-9._-]*$/;
/** Still being written, or of a run that was killed. */
const UNFINISHED = /(\.lock$|(^|\/)tmp_)/;
const CREATE: Deno.OpenOptions = { createNew: true, write: true, mode: 0o600 };
/** Objects that are packed meanwhile are found in their pack when looked for again. */
const ROUNDS = 3;

/** Names of the stores of a data directory. */
export async function listStores(dataDirectory: string): Promise<string[]> {
  const entries = await listDirectory(join(dataDirectory, STORES));
  return entries.map(({ name }) => name).filter((name) => STORE_NAME.test(name)).sort();
}

/** What a store's archive is called in a backup. */
export function storeArchiveName(store: string): string {
  return `git-${store}.tar`;
}

/** Whether a file of a backup is a store's archive. */
export function isStoreArchive(name: string): boolean {
  return ARCHIVE_NAME.test(name);
}

/** Writes everything in a store into an archive at `target`, which must not exist. */
export async function packStore(
  { dataDirectory, store, target, mtimeMs }: {
    dataDirectory: string;
    store: string;
    target: string;
    mtimeMs: number;
  },
): Promise<void> {
  const directory = join(dataDirectory, STORES, store);
  const packed = new Set<string>();
  using archive = await Deno.open(target, CREATE);
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of await listFiles(directory)) {
      if (packed.has(name) || UNFINISHED.test(name)) continue;
      const isThere = await append(archive, { name, path: join(directory, name), mtimeMs });
      if (isThere) packed.add(name);
    }
  }
  await endTar(archive);
}

/** Lays out the store of an archive in a data directory, and removes the archive. Throws RangeError when it is none of ours. */
export async function unpackStore(
  { dataDirectory, archiveName }: { dataDirectory: string; archiveName: string },
): Promise<void> {
  const store = ARCHIVE_NAME.exec(archiveName)?.[1];
  if (store === undefined) throw new RangeError(`It has a file "${archiveName}"`);
  const path = join(dataDirectory, archiveName);
  const directory = join(dataDirectory, STORES, store);
  {
    using archive = await Deno.open(path);
    for (let entry = await readTarEntry(archive); entry; entry = await readTarEntry(archive)) {
      if (!FILE_NAME.test(entry.name)) throw new RangeError(`It has a file "${entry.name}"`);
      const target = join(directory, entry.name);
      await Deno.mkdir(dirname(target), { recursive: true, mode: 0o700 });
      using to = await Deno.open(target, CREATE);
      await readTarContent(archive, { size: entry.size, observe: () => {}, to });
    }
  }
  await Deno.remove(path);
}

async function append(
  archive: Deno.FsFile,
  { name, path, mtimeMs }: { name: string; path: string; mtimeMs: number },
): Promise<boolean> {
  try {
    using from = await Deno.open(path);
    const { size } = await from.stat();
    await appendToTar(archive, { name, size, mtimeMs, from, observe: () => {} });
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw cause;
  }
}

/** Relative paths, loose objects before packs. */
async function listFiles(directory: string, under = ""): Promise<string[]> {
  const found: string[] = [];
  const entries = await listDirectory(join(directory, under));
  for (const { name, isDirectory, isFile } of entries.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
    const path = join(under, name);
    if (isDirectory) found.push(...await listFiles(directory, path));
    else if (isFile) found.push(path);
  }
  return found;
}

async function listDirectory(path: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(path));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw cause;
  }
}
