// Looks at a database before it is opened after an unclean end; a damaged one is moved aside, never deleted.
import { basename, dirname, join } from "node:path";
import { isDamage } from "../errors.ts";
import { Database } from "./database.ts";

/** What SQLite keeps beside a database; they belong together. */
const SUFFIXES = ["", "-wal", "-shm"];
/** Larger files are looked at in the background: reading them would hold up the start. */
const MAX_CHECKED_AT_START_BYTES = 256 * 1024 * 1024;
const MAX_FINDINGS = 20;
const FILE_MODE = 0o600;

export interface Look {
  /** Closed properly the last time, or new. */
  wasClean: boolean;
  /** Too large to be looked at now: have `checkIntegrity` run elsewhere. */
  needsCheck: boolean;
  /** What is wrong with it. */
  findings: string[];
}

export interface Inspection extends Omit<Look, "findings"> {
  /** Where a damaged file is now, and what was wrong with it. */
  movedTo?: string;
  damage?: string;
}

export interface InspectOptions {
  path: string;
  now: () => Date;
}

/** To be called before a database is opened, by the only process that has it. The clean mark is taken away. */
export function lookForDamage(path: string): Look {
  const isSuspect = takeSuspectMark(path);
  const wasClean = !exists(path) || (takeCleanMark(path) && !isSuspect);
  const isSmall = sizeOf(path) + sizeOf(`${path}-wal`) <= MAX_CHECKED_AT_START_BYTES;
  const isChecked = isSuspect || (!wasClean && isSmall);
  const findings = exists(path) ? check(path, isChecked ? "quick" : "open") : [];
  return { wasClean, needsCheck: !wasClean && !isChecked && findings.length === 0, findings };
}

/**
 * `lookForDamage`, after which opening works: either the file was fine, or it is aside under a dated name and a new one
 * will be made.
 */
export function inspectDatabase({ path, now }: InspectOptions): Inspection {
  const { findings, ...look } = lookForDamage(path);
  if (findings.length === 0) return look;
  return { ...look, movedTo: moveAside(path, now()), damage: findings.join("; ") };
}

/** Notes that a database was closed properly; to be called after `close`. */
export function markClean(path: string): void {
  Deno.writeTextFileSync(markOf(path), describe(path), { mode: FILE_MODE });
}

/** Notes that a database was found damaged while it was in use: the next inspection reads it all, however large. */
export function markSuspect(path: string): void {
  Deno.writeTextFileSync(suspectMarkOf(path), "", { mode: FILE_MODE });
}

/** Everything that is wrong with a database; empty when all is well. Reads the whole file; others may use it meanwhile. */
export function checkIntegrity(path: string, depth: "quick" | "full"): string[] {
  return check(path, depth);
}

/** Renames a database with its logs. Answers its new path. */
export function moveAside(path: string, now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll(":", "-");
  const target = firstFree(`${path}.damaged-${stamp}`);
  for (const suffix of SUFFIXES) {
    if (exists(path + suffix)) Deno.renameSync(path + suffix, target + suffix);
  }
  return target;
}

/** Files that `moveAside` has made of this database and that are still there, the oldest first. */
export function listMovedAside(path: string): string[] {
  const prefix = `${basename(path)}.damaged-`;
  if (!exists(dirname(path))) return [];
  return [...Deno.readDirSync(dirname(path))]
    .map(({ name }) => name)
    .filter((name) => name.startsWith(prefix) && !/-(wal|shm)$/.test(name))
    .sort()
    .map((name) => join(dirname(path), name));
}

function check(path: string, depth: "open" | "quick" | "full"): string[] {
  let database: Database | undefined;
  try {
    database = Database.openAsIs(path);
    if (depth === "open") return database.all("SELECT name FROM sqlite_schema") && [];
    const pragma = depth === "quick" ? "quick_check" : "integrity_check";
    return database.all<Record<string, string>>(`PRAGMA ${pragma}(${MAX_FINDINGS})`)
      .flatMap((row) => String(Object.values(row)[0]).split("\n"))
      .filter((finding) => finding !== "ok" && !finding.startsWith("***"))
      .slice(0, MAX_FINDINGS);
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    return [cause.message];
  } finally {
    database?.close();
  }
}

/** Whether the mark is there and still describes the file: a power cut may bring an old one back. */
function takeCleanMark(path: string): boolean {
  try {
    const mark = Deno.readTextFileSync(markOf(path));
    Deno.removeSync(markOf(path));
    return mark === describe(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw cause;
  }
}

function takeSuspectMark(path: string): boolean {
  if (!exists(suspectMarkOf(path))) return false;
  Deno.removeSync(suspectMarkOf(path));
  return true;
}

function describe(path: string): string {
  const { size, mtime } = Deno.statSync(path);
  return `${size} ${mtime?.getTime()} ${sizeOf(`${path}-wal`)}`;
}

function markOf(path: string): string {
  return `${path}.clean`;
}

function suspectMarkOf(path: string): string {
  return `${path}.suspect`;
}

function firstFree(path: string): string {
  for (let n = 1;; n++) {
    const candidate = n === 1 ? path : `${path}-${n}`;
    if (!exists(candidate)) return candidate;
  }
}

function exists(path: string): boolean {
  return statOf(path) !== undefined;
}

function sizeOf(path: string): number {
  return statOf(path)?.size ?? 0;
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw cause;
  }
}
