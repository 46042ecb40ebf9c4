// Checks the directory of a launch and completes paths while the user types.
import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import { AppError } from "../errors.ts";
import type { DirectorySuggestion } from "../protocol.ts";
import { describeRoot } from "./repository.ts";

const MAX_PATH_BYTES = 4096;
const MAX_SUGGESTIONS = 20;
/** A directory with more entries than this is completed from its first ones. */
const MAX_ENTRIES_READ = 5000;
/** Kernel interfaces, where nothing is a project. */
const PSEUDO_FILE_SYSTEMS = ["/proc", "/sys", "/dev"];

export interface DirectoryRules {
  homeDirectory: string;
  /** Our own data, where no agent has any business. */
  dataDirectory: string;
}

/** The real path of an existing directory that may be entered. Throws `invalid` for field `cwd`. */
export function resolveDirectory(path: string, rules: DirectoryRules): string {
  const expanded = expandHome(path.trim(), rules.homeDirectory);
  const refuse = (reason: string): AppError =>
    new AppError("invalid", `Cannot use the directory "${path}": ${reason}`, { field: "cwd" });
  if (expanded === "") throw new AppError("invalid", "Choose the directory to work in", { field: "cwd" });
  if (!isAbsolute(expanded)) throw refuse("give an absolute path, such as /home/me/project or ~/project");
  if (new TextEncoder().encode(expanded).length > MAX_PATH_BYTES) throw refuse("the path is too long");
  if (/\p{Cc}/u.test(expanded)) throw refuse("it contains control characters");
  const resolved = realPath(expanded, refuse);
  if (isWithin(resolved, rules.dataDirectory)) throw refuse("it belongs to Agents Fleet itself");
  if (PSEUDO_FILE_SYSTEMS.some((root) => isWithin(resolved, root))) {
    throw refuse("it is not on a real file system");
  }
  return resolved;
}

/** Directories that continue what was typed, repositories first. Never throws for paths that do not exist. */
export function suggestDirectories(prefix: string, rules: DirectoryRules): DirectorySuggestion[] {
  const typed = expandHome(prefix.trim(), rules.homeDirectory);
  if (!isAbsolute(typed)) return [];
  const parent = typed.endsWith("/") ? typed : dirname(typed);
  const start = typed.endsWith("/") ? "" : basename(typed);
  return listDirectories(parent)
    .filter((name) =>
      name.toLowerCase().startsWith(start.toLowerCase()) && (start.startsWith(".") || !name.startsWith("."))
    )
    .map((name) => ({ path: normalize(join(parent, name)), ...describeRoot(join(parent, name)) }))
    .sort((a, b) => Number(b.isRepository) - Number(a.isRepository) || a.path.localeCompare(b.path))
    .slice(0, MAX_SUGGESTIONS);
}

function expandHome(path: string, homeDirectory: string): string {
  return path === "~" || path.startsWith("~/") ? homeDirectory + path.slice(1) : path;
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith("/") ? root : root + "/");
}

function realPath(path: string, refuse: (reason: string) => AppError): string {
  try {
    const resolved = Deno.realPathSync(path);
    if (!Deno.statSync(resolved).isDirectory) throw refuse("it is a file, not a directory");
    // Reading it is the only portable way to learn whether it may be entered.
    Deno.readDirSync(resolved)[Symbol.iterator]().next();
    return resolved;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) throw refuse("it does not exist");
    if (cause instanceof Deno.errors.PermissionDenied) throw refuse("you may not open it");
    if (cause instanceof Deno.errors.NotADirectory) throw refuse("a part of it is a file");
    if (cause instanceof Deno.errors.FilesystemLoop) throw refuse("its links lead in a circle");
    throw cause;
  }
}

function listDirectories(parent: string): string[] {
  const names: string[] = [];
  try {
    let read = 0;
    for (const entry of Deno.readDirSync(parent)) {
      if (++read > MAX_ENTRIES_READ) break;
      if (entry.isDirectory || (entry.isSymlink && isDirectory(join(parent, entry.name)))) {
        names.push(entry.name);
      }
    }
  } catch (cause) {
    const expected = [Deno.errors.NotFound, Deno.errors.PermissionDenied, Deno.errors.NotADirectory];
    if (!expected.some((kind) => cause instanceof kind)) throw cause;
  }
  return names;
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (cause) {
    // A link to nowhere, or one we may not follow, is no directory to offer.
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.PermissionDenied) return false;
    throw cause;
  }
}
