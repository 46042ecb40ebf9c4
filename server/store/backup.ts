// Copies everything of a data directory except its secret into one file while it is in use, and back.
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { AppError, errorText } from "../errors.ts";
import { isStoreArchive, listStores, packStore, storeArchiveName, unpackStore } from "./backup_stores.ts";
import { Database } from "./database.ts";
import { checkIntegrity } from "./integrity.ts";
import { appendToTar, endTar, readTarContent, readTarEntry } from "./tar.ts";

/** Of a data directory; what is missing is left out. */
const DATABASES = ["fleet.sqlite", "recordings.sqlite"];
const PLAIN_FILES = ["id", "agent-port"];
/** Marks a directory's processes: a copy elsewhere must not take the original's for its own. */
const ID = "id";
const MANIFEST = "manifest.json";
/** Held by whoever restores. */
const LOCK = "lock";
const FORMAT = 1;
const FILE_MODE = 0o600;
const MAX_MANIFEST_BYTES = 1024 * 1024;

/** A file in a backup. */
export interface BackupFile {
  name: string;
  /** Bytes. */
  size: number;
  sha256: string;
}

export interface BackupManifest {
  format: number;
  createdAtMs: number;
  files: BackupFile[];
}

/**
 * Writes a backup of a data directory to `target`, privately and at once: either all of it is there and verified, or
 * nothing. May run beside the server and the holder, in a process of its own. Needs as much free space beside the target as
 * the backup takes, twice for a moment. Throws `conflict` when the target exists, `invalid` when a database is damaged.
 */
export async function backUp(
  options: { dataDirectory: string; target: string; now: () => number },
): Promise<BackupManifest> {
  const { dataDirectory, target, now } = options;
  if (exists(target)) throw new AppError("conflict", `Cannot write the backup: "${target}" exists`);
  if (!exists(dirname(target))) {
    throw new AppError("invalid", `Cannot write the backup: there is no directory "${dirname(target)}"`);
  }
  const work = await Deno.makeTempDir({ dir: dirname(target), prefix: ".agents-fleet-backup-" });
  try {
    const manifest: BackupManifest = { format: FORMAT, createdAtMs: now(), files: [] };
    const archive = join(work, basename(target));
    await writeArchive(archive, { dataDirectory, work, manifest });
    await verifyBackup(archive);
    // Not `rename`: a file that has come meanwhile must not be replaced.
    await Deno.link(archive, target);
    return manifest;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Reads a whole backup and compares every byte with its manifest. Throws `invalid` when it is not what was written. */
export async function verifyBackup(path: string): Promise<BackupManifest> {
  return await readArchive(path, () => Promise.resolve(undefined));
}

/**
 * Makes a data directory from a backup. One that is there and not empty is refused with `conflict`, or moved aside
 * with `force`; it is answered where. Nothing of it is touched when the backup is not good. No server may use it. A copy in
 * another place is given an id of its own when it is used.
 */
export async function restore(
  options: { source: string; dataDirectory: string; force: boolean; now: () => Date },
): Promise<{ manifest: BackupManifest; replaced?: string }> {
  const { source, dataDirectory, force, now } = options;
  const isTaken = listContent(dataDirectory).some((name) => name !== LOCK);
  if (isTaken && !force) {
    throw new AppError(
      "conflict",
      `Cannot restore into "${dataDirectory}": it is not empty. Add --force to move it aside`,
    );
  }
  const fresh = await Deno.makeTempDir({ dir: dirname(dataDirectory), prefix: ".agents-fleet-restore-" });
  try {
    const manifest = await readArchive(source, (name) => Deno.open(join(fresh, name), CREATE));
    for (const name of DATABASES) assertSound(join(fresh, name));
    for (const { name } of manifest.files.filter(({ name }) => isStoreArchive(name))) {
      await unpackStore({ dataDirectory: fresh, archiveName: name });
    }
    const id = readId(fresh);
    if (id !== undefined && id !== readId(dataDirectory)) await Deno.remove(join(fresh, ID));
    const replaced = isTaken ? asideOf(dataDirectory, now()) : undefined;
    if (replaced !== undefined) await Deno.rename(dataDirectory, replaced);
    else if (exists(dataDirectory)) await Deno.remove(dataDirectory, { recursive: true });
    await Deno.rename(fresh, dataDirectory);
    return replaced === undefined ? { manifest } : { manifest, replaced };
  } catch (cause) {
    if (exists(fresh)) await Deno.remove(fresh, { recursive: true });
    throw cause;
  }
}

const CREATE: Deno.OpenOptions = { createNew: true, write: true, mode: FILE_MODE };

async function writeArchive(
  path: string,
  { dataDirectory, work, manifest }: { dataDirectory: string; work: string; manifest: BackupManifest },
): Promise<void> {
  using archive = await Deno.open(path, CREATE);
  for (const name of DATABASES.filter((name) => exists(join(dataDirectory, name)))) {
    const copy = join(work, name);
    copyDatabase(join(dataDirectory, name), copy);
    manifest.files.push(await append(archive, { name, path: copy, mtimeMs: manifest.createdAtMs }));
    await Deno.remove(copy);
  }
  for (const name of PLAIN_FILES.filter((name) => exists(join(dataDirectory, name)))) {
    const path = join(dataDirectory, name);
    manifest.files.push(await append(archive, { name, path, mtimeMs: manifest.createdAtMs }));
  }
  // After the database: whatever it names is in them by now.
  for (const store of await listStores(dataDirectory)) {
    const [name, mtimeMs] = [storeArchiveName(store), manifest.createdAtMs];
    const path = join(work, name);
    await packStore({ dataDirectory, store, target: path, mtimeMs });
    manifest.files.push(await append(archive, { name, path, mtimeMs }));
    await Deno.remove(path);
  }
  const list = join(work, MANIFEST);
  await Deno.writeTextFile(list, JSON.stringify(manifest), { mode: FILE_MODE });
  await append(archive, { name: MANIFEST, path: list, mtimeMs: manifest.createdAtMs });
  await endTar(archive);
  await archive.sync();
}

/** One consistent state of a database that others write to. */
function copyDatabase(from: string, to: string): void {
  const database = Database.openAsIs(from);
  try {
    Deno.openSync(to, CREATE).close();
    database.copyTo(to);
  } finally {
    database.close();
  }
  assertSound(to);
}

function assertSound(path: string): void {
  if (!exists(path)) return;
  const findings = checkIntegrity(path, "full");
  if (findings.length > 0) {
    throw new AppError("invalid", `"${basename(path)}" is damaged: ${findings.slice(0, 3).join("; ")}`);
  }
}

async function append(
  archive: Deno.FsFile,
  { name, path, mtimeMs }: { name: string; path: string; mtimeMs: number },
): Promise<BackupFile> {
  using from = await Deno.open(path);
  const { size } = await from.stat();
  const hash = createHash("sha256");
  await appendToTar(archive, { name, size, mtimeMs, from, observe: (bytes) => void hash.update(bytes) });
  return { name, size, sha256: hash.digest("hex") };
}

/** Passes over an archive; `open` says where a file goes. The manifest is its last file. */
async function readArchive(
  path: string,
  open: (name: string) => Promise<Deno.FsFile | undefined>,
): Promise<BackupManifest> {
  try {
    using archive = await Deno.open(path);
    const found: BackupFile[] = [];
    for (let entry = await readTarEntry(archive); entry; entry = await readTarEntry(archive)) {
      if (entry.name === MANIFEST) return await readManifest(archive, { size: entry.size, found });
      if (![...DATABASES, ...PLAIN_FILES].includes(entry.name) && !isStoreArchive(entry.name)) {
        throw new RangeError(`It has a file "${entry.name}"`);
      }
      using to = await open(entry.name);
      const hash = createHash("sha256");
      const observe = (bytes: Uint8Array): void => void hash.update(bytes);
      await readTarContent(archive, { size: entry.size, observe, ...(to ? { to } : {}) });
      found.push({ ...entry, sha256: hash.digest("hex") });
    }
    throw new RangeError("It has no manifest");
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof SyntaxError)) throw cause;
    throw new AppError("invalid", `"${path}" is not a good backup: ${errorText(cause)}`, { cause });
  }
}

async function readManifest(
  archive: Deno.FsFile,
  { size, found }: { size: number; found: BackupFile[] },
): Promise<BackupManifest> {
  if (size > MAX_MANIFEST_BYTES) throw new RangeError("Its manifest is too large");
  const decoder = new TextDecoder();
  let text = "";
  await readTarContent(archive, {
    size,
    observe: (bytes) => void (text += decoder.decode(bytes, { stream: true })),
  });
  const value: unknown = JSON.parse(text);
  if (!isManifest(value)) throw new RangeError("Its manifest has an unknown format");
  const describe = (files: BackupFile[]): string =>
    files.map(({ name, size, sha256 }) => `${name} ${size} ${sha256}`).join("\n");
  if (describe(value.files) !== describe(found)) {
    throw new RangeError("Its content differs from its manifest");
  }
  return value;
}

function isManifest(value: unknown): value is BackupManifest {
  return typeof value === "object" && value !== null && "format" in value && value.format === FORMAT &&
    "createdAtMs" in value && typeof value.createdAtMs === "number" && "files" in value &&
    Array.isArray(value.files);
}

function listContent(directory: string): string[] {
  return exists(directory) ? [...Deno.readDirSync(directory)].map(({ name }) => name) : [];
}

/** Undefined where there is none. */
function readId(directory: string): string | undefined {
  const path = join(directory, ID);
  return exists(path) ? Deno.readTextFileSync(path) : undefined;
}

function asideOf(directory: string, now: Date): string {
  return `${directory}.replaced-${now.toISOString().slice(0, 19).replaceAll(":", "-")}`;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw cause;
  }
}
