// What a repository says about itself, read from its files as text: commit, branch, upstream, stash, format.
import { join } from "node:path";
import { parseConfigText } from "./config_text.ts";
import { lookAt, readSmallFile } from "./small_files.ts";
import type { RepositoryPlace } from "./work_tree.ts";

const MAX_REF_BYTES = 4096;
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
const MAX_PACKED_REFS_BYTES = 64 * 1024 * 1024;
const MAX_STASH_LOG_BYTES = 4 * 1024 * 1024;
const MAX_EXCLUDE_BYTES = 1024 * 1024;
/** Symbolic refs that name symbolic refs, as git counts them. */
const MAX_REF_DEPTH = 5;
const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export type ObjectFormat = "sha1" | "sha256";

/** What is read when a snapshot is taken. */
export interface RepositoryState {
  objectFormat: ObjectFormat;
  head?: string;
  branch?: string;
  upstream?: string;
  stashCount: number;
  /** Only a part of the files is on the disk. */
  isSparse: boolean;
  /** References are kept in a format that cannot be read as text. */
  hasOpaqueRefs: boolean;
  /** Text of `info/exclude`. */
  exclude: string;
}

export function readRepositoryState(place: RepositoryPlace): RepositoryState {
  const config = readConfig(place);
  const head = readSmallFile(join(place.gitDirectory, "HEAD"), MAX_REF_BYTES)?.trim() ?? "";
  const branch = head.match(/^ref: refs\/heads\/(.+)$/)?.[1];
  const hasOpaqueRefs = config.get("extensions.refstorage") === "reftable" ||
    lookAt(join(place.commonDirectory, "reftable")) !== undefined;
  const commit = hasOpaqueRefs ? undefined : readHead(place);
  const upstream = branch === undefined ? undefined : upstreamOf(config, branch);
  return {
    objectFormat: config.get("extensions.objectformat") === "sha256" ? "sha256" : "sha1",
    ...(commit === undefined ? {} : { head: commit }),
    ...(branch === undefined || hasOpaqueRefs ? {} : { branch }),
    ...(upstream === undefined ? {} : { upstream }),
    stashCount: countStashes(place),
    isSparse: config.get("core.sparsecheckout") === "true",
    hasOpaqueRefs,
    exclude: readSmallFile(join(place.commonDirectory, "info/exclude"), MAX_EXCLUDE_BYTES) ?? "",
  };
}

/** The commit that HEAD names; undefined without a first commit. */
export function readHead(place: RepositoryPlace): string | undefined {
  return resolveRef(place, "HEAD", 0);
}

function resolveRef(place: RepositoryPlace, name: string, depth: number): string | undefined {
  if (depth > MAX_REF_DEPTH || !isPlainRef(name)) return undefined;
  const isOwn = !name.startsWith("refs/") || /^refs\/(?:bisect|worktree|rewritten)\//.test(name);
  const directory = isOwn ? place.gitDirectory : place.commonDirectory;
  const text = readSmallFile(join(directory, name), MAX_REF_BYTES)?.trim();
  if (text === undefined) return packedRef(place, name);
  if (OBJECT_ID.test(text)) return text;
  const target = text.match(/^ref:\s*(\S.*)$/)?.[1];
  return target === undefined ? undefined : resolveRef(place, target, depth + 1);
}

/** HEAD or below `refs/`, and no way out of there. */
function isPlainRef(name: string): boolean {
  return name === "HEAD" || (name.startsWith("refs/") && !name.split("/").some((part) => /^\.*$/.test(part)));
}

function packedRef(place: RepositoryPlace, name: string): string | undefined {
  const text = readSmallFile(join(place.commonDirectory, "packed-refs"), MAX_PACKED_REFS_BYTES);
  const lines = `\n${text ?? ""}`;
  const end = lines.indexOf(` ${name}\n`);
  const id = lines.slice(lines.lastIndexOf("\n", end) + 1, Math.max(end, 0));
  return OBJECT_ID.test(id) ? id : undefined;
}

function upstreamOf(config: Map<string, string>, branch: string): string | undefined {
  const remote = config.get(`branch.${branch}.remote`);
  const merge = config.get(`branch.${branch}.merge`)?.match(/^refs\/heads\/(.+)$/)?.[1];
  if (!remote || !merge) return undefined;
  return remote === "." ? merge : `${remote}/${merge}`;
}

/** Each stash is a line of its log. */
function countStashes(place: RepositoryPlace): number {
  const log = readSmallFile(join(place.commonDirectory, "logs/refs/stash"), MAX_STASH_LOG_BYTES);
  if (log !== undefined) return log.split("\n").filter((line) => line !== "").length;
  return resolveRef(place, "refs/stash", 0) === undefined ? 0 : 1;
}

function readConfig(place: RepositoryPlace): Map<string, string> {
  const shared = readSmallFile(join(place.commonDirectory, "config"), MAX_CONFIG_BYTES) ?? "";
  const own = readSmallFile(join(place.gitDirectory, "config.worktree"), MAX_CONFIG_BYTES) ?? "";
  const values = parseConfigText(shared);
  if (values.get("extensions.worktreeconfig") !== "true") return values;
  return new Map([...values, ...parseConfigText(own)]);
}
