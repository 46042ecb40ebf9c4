// Finds the work tree around a directory, and its repository, by reading files; git itself is never asked.
import { dirname, isAbsolute, join, resolve } from "node:path";
import { lookAt, readSmallFile, unlessMissing } from "./small_files.ts";
import type { Unavailable } from "./vault_api.ts";

/** A `.git` file longer than this is not one of git's. */
const MAX_POINTER_BYTES = 4096;

/** Where a work tree and its repository lie; linked work trees share the common directory with others. */
export interface RepositoryPlace {
  root: string;
  gitDirectory: string;
  commonDirectory: string;
}

/** The work tree that holds `directory`, or why there is none to capture. */
export function findWorkTree(directory: string): RepositoryPlace | Unavailable {
  const start = unlessMissing(() => Deno.realPathSync(directory)) ?? resolve(directory);
  for (let root = start;; root = dirname(root)) {
    const place = repositoryAt(root);
    if (place !== undefined) return place;
    if (root === dirname(root)) {
      return {
        reason: "no_repository",
        message: "This directory is in no git repository: there are no changes to show",
      };
    }
  }
}

/** The repository whose work tree has its root at `root`; undefined when `root` is no root. */
export function repositoryAt(root: string): RepositoryPlace | Unavailable | undefined {
  const path = join(root, ".git");
  const info = lookAt(path);
  if (info?.isDirectory) return looksLikeRepository(path) ? placeOf(root, path) : undefined;
  if (info?.isSymlink) return followed(root, path, unlessMissing(() => Deno.realPathSync(path)));
  if (!info?.isFile) return undefined;
  const target = readSmallFile(path, MAX_POINTER_BYTES)?.match(/^gitdir: (.+?)\s*$/)?.[1];
  return followed(root, path, target && (isAbsolute(target) ? target : resolve(root, target)));
}

/** A pointer to a repository elsewhere is followed only to what is our user's own. */
function followed(root: string, pointer: string, target: string | undefined): RepositoryPlace | Unavailable {
  const info = target === undefined ? undefined : unlessMissing(() => Deno.statSync(target));
  if (target === undefined || !info?.isDirectory || !looksLikeRepository(target)) {
    return refused(`"${pointer}" points to no git repository`);
  }
  if (!isOurs(info)) return refused(`"${pointer}" points to a repository of another user`);
  return placeOf(root, target);
}

function placeOf(root: string, gitDirectory: string): RepositoryPlace | Unavailable {
  const text = readSmallFile(join(gitDirectory, "commondir"), MAX_POINTER_BYTES)?.trim();
  if (!text) return { root, gitDirectory, commonDirectory: gitDirectory };
  const commonDirectory = isAbsolute(text) ? text : resolve(gitDirectory, text);
  const info = unlessMissing(() => Deno.statSync(commonDirectory));
  if (!info?.isDirectory) return refused(`"${gitDirectory}" names a common directory that is missing`);
  if (!isOurs(info)) return refused(`"${gitDirectory}" names a common directory of another user`);
  return { root, gitDirectory, commonDirectory };
}

/** As git decides whether a directory is a repository, roughly. */
function looksLikeRepository(directory: string): boolean {
  return lookAt(join(directory, "HEAD")) !== undefined;
}

function isOurs(info: Deno.FileInfo): boolean {
  const user = Deno.uid();
  return user === null || info.uid === null || info.uid === user;
}

function refused(message: string): Unavailable {
  return { reason: "refused", message };
}
