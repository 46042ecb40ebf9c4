// Finds the repository around a directory by reading files; git itself is never run here.
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import type { RepositoryView } from "../protocol.ts";

/** A `.git` file or HEAD longer than this is not one of git's. */
const MAX_POINTER_BYTES = 4096;
const BRANCH = /^ref: refs\/heads\/([^\n]{1,255})$/;

/** The work tree that holds `directory`; undefined when there is none. */
export function findRepository(directory: string): RepositoryView | undefined {
  for (let root = directory;; root = dirname(root)) {
    const gitDirectory = gitDirectoryOf(root);
    if (gitDirectory) {
      const branch = branchOf(gitDirectory);
      return { root, name: basename(root) || root, ...(branch === undefined ? {} : { branch }) };
    }
    if (root === dirname(root)) return undefined;
  }
}

/** Whether `directory` itself is the root of a work tree, and its branch. */
export function describeRoot(directory: string): { isRepository: boolean; branch?: string } {
  const gitDirectory = gitDirectoryOf(directory);
  const branch = gitDirectory && branchOf(gitDirectory);
  return { isRepository: gitDirectory !== undefined, ...(branch ? { branch } : {}) };
}

/** Linked work trees and submodules have a file that points to the real directory. */
function gitDirectoryOf(root: string): string | undefined {
  const path = join(root, ".git");
  const info = ignoreMissing(() => Deno.lstatSync(path));
  if (info?.isDirectory) return path;
  if (!info?.isFile || info.size > MAX_POINTER_BYTES) return undefined;
  const target = ignoreMissing(() => Deno.readTextFileSync(path))?.match(/^gitdir: (.+)$/m)?.[1];
  if (!target) return undefined;
  return isAbsolute(target) ? target : resolve(root, target);
}

function branchOf(gitDirectory: string): string | undefined {
  const path = join(gitDirectory, "HEAD");
  const info = ignoreMissing(() => Deno.statSync(path));
  if (!info?.isFile || info.size > MAX_POINTER_BYTES) return undefined;
  return ignoreMissing(() => Deno.readTextFileSync(path))?.trim().match(BRANCH)?.[1];
}

function ignoreMissing<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (cause) {
    const expected = [Deno.errors.NotFound, Deno.errors.PermissionDenied, Deno.errors.NotADirectory];
    if (expected.some((kind) => cause instanceof kind)) return undefined;
    throw cause;
  }
}
