// How much a snapshot may take in, and what to say when a work tree holds more.
import { join } from "node:path";
import { type BytePath, openableName, shownPath } from "./path_bytes.ts";
import { lookAt } from "./small_files.ts";

export interface CaptureLimits {
  captureMs: number;
  /** Of untracked and changed files together, since the last snapshot. */
  newBytes: number;
  /** Files that are new or changed since the last snapshot. */
  newFiles: number;
}

export const DEFAULT_LIMITS: CaptureLimits = {
  captureMs: 30_000,
  newBytes: 2 * 1024 ** 3,
  newFiles: 1_000_000,
};

/** Sizes of files and of the directories that hold most of them. */
export interface Weight {
  bytes: number;
  files: number;
  /** Directories that hold at least a tenth, heaviest first, at most three; a file stands for itself. */
  heaviest: string[];
}

/** Files looked at between two chances for others to use this thread. */
const SLICE_FILES = 200;
/** Files whose sizes are looked at for a message. */
export const MAX_WEIGHED_FILES = 200_000;
const SHARE_OF_HEAVY = 0.1;
const MAX_SUGGESTIONS = 3;

/** Looks at the sizes of files, links not followed. */
export async function weigh(
  paths: readonly BytePath[],
  { root }: { root: string },
): Promise<Weight> {
  const byPlace = new Map<string, { bytes: number; files: number }>();
  let bytes = 0;
  for (const [index, path] of paths.entries()) {
    if (index % SLICE_FILES === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    const size = sizeOf(root, path);
    bytes += size;
    addTo(byPlace, { path, size });
  }
  return { bytes, files: paths.length, heaviest: heaviestOf(byPlace, { bytes, files: paths.length }) };
}

/** What the user is told when a limit was met. */
export function stoppedMessage(cause: { afterMs: number } | "size" | "count", weight: Weight): string {
  const amount = cause === "count" || weight.bytes === 0
    ? `${weight.files.toLocaleString("en-US")} untracked or changed files`
    : `${formatBytes(weight.bytes)} of untracked or changed files`;
  const when = typeof cause === "object" ? ` after ${Math.round(cause.afterMs / 1000)} s` : "";
  const advice = weight.heaviest.length === 0 ? "" : `; ignore these: ${weight.heaviest.join(", ")}`;
  return `Snapshot stopped${when}: ${amount}${advice}`;
}

function sizeOf(root: string, path: BytePath): number {
  const name = openableName(path);
  const info = name === undefined ? undefined : lookAt(join(root, name));
  return info?.isFile ? info.size : 0;
}

/** A file counts for each directory that it is in, down to the second. */
function addTo(
  places: Map<string, { bytes: number; files: number }>,
  { path, size }: { path: BytePath; size: number },
): void {
  const parts = path.split("/");
  const place = parts.length === 1 ? path : `${parts.slice(0, Math.min(parts.length - 1, 2)).join("/")}/`;
  const entry = places.get(place) ?? { bytes: 0, files: 0 };
  entry.bytes += size;
  entry.files++;
  places.set(place, entry);
}

function heaviestOf(
  places: Map<string, { bytes: number; files: number }>,
  total: { bytes: number; files: number },
): string[] {
  const share = (entry: { bytes: number; files: number }): number =>
    total.bytes > 0 ? entry.bytes / total.bytes : entry.files / total.files;
  return [...places].filter(([, entry]) => share(entry) >= SHARE_OF_HEAVY)
    .sort(([, one], [, other]) => share(other) - share(one))
    .slice(0, MAX_SUGGESTIONS)
    .map(([place]) => shownPath(place));
}

function formatBytes(bytes: number): string {
  const units: [number, string][] = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]];
  const [size, unit] = units.find(([least]) => bytes >= least) ?? [1, "bytes"];
  return `${(bytes / size).toFixed(size === 1 ? 0 : 1)} ${unit}`;
}
