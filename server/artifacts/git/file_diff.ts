// Where two versions of a file differ, as line ranges; the text itself is fetched apart.
import { type FileDiff, MAX_SHOWN_FILE_BYTES } from "../../protocol.ts";
import { SUBMODULE_MODE, SYMLINK_MODE } from "./file_modes.ts";
import { HunkReader } from "./hunks.ts";
import { ObjectReader } from "./object_reader.ts";
import { bytePathOf, shownPath } from "./path_bytes.ts";
import type { PrivateStore } from "./private_store.ts";
import type { DiffEntry, DiffSide } from "./raw_diff.ts";
import type { DiffAlgorithm } from "./tree_diff.ts";

const MAX_SHOWN_LINES = 1_000_000;
const MAX_LINK_BYTES = 4096;
/** Git's own measure of what is text: no zero byte so early. */
const SNIFFED_BYTES = 8000;
const LIMITS_MS = { histogram: 5_000, myers: 30_000 };
const LINE_FEED = 10;

interface Side {
  bytes: number;
  lines: number;
  isBinary: boolean;
  /** Only as much as a link or a line count needs. */
  start: Uint8Array<ArrayBuffer>;
}

export async function diffFile(
  store: PrivateStore,
  { entry, ignoreWhitespace, algorithm }: {
    entry: DiffEntry;
    ignoreWhitespace: boolean;
    algorithm: DiffAlgorithm;
  },
): Promise<FileDiff> {
  const mode = (entry.new ?? entry.old)?.mode;
  if (mode === SUBMODULE_MODE) return submoduleDiff(entry);
  const { old, fresh } = await readSides(store, entry);
  const sizes = {
    ...(old === undefined ? {} : { oldBytes: old.bytes }),
    ...(fresh === undefined ? {} : { newBytes: fresh.bytes }),
  };
  if (mode === SYMLINK_MODE) return { kind: "symlink", hunks: [], ...sizes, ...linkValues({ old, fresh }) };
  const sides = [old, fresh].filter((side) => side !== undefined);
  if (sides.some((side) => side.isBinary)) return { kind: "binary", hunks: [], ...sizes };
  const isLarge = sides.some((side) => side.bytes > MAX_SHOWN_FILE_BYTES || side.lines > MAX_SHOWN_LINES);
  if (isLarge) return { kind: "large", hunks: [], ...sizes };
  const hunks = onOneSide(entry, { old, fresh }) ??
    await readHunks(store, { entry, ignoreWhitespace, algorithm }) ??
    await readHunks(store, { entry, ignoreWhitespace, algorithm: "myers" });
  return hunks === undefined ? { kind: "large", hunks: [], ...sizes } : { kind: "text", hunks, ...sizes };
}

function submoduleDiff({ old, new: fresh }: DiffEntry): FileDiff {
  return {
    kind: "submodule",
    hunks: [],
    ...(old?.mode === SUBMODULE_MODE ? { oldValue: old.oid } : {}),
    ...(fresh?.mode === SUBMODULE_MODE ? { newValue: fresh.oid } : {}),
  };
}

function linkValues({ old, fresh }: { old: Side | undefined; fresh: Side | undefined }): Partial<FileDiff> {
  const target = (side: Side): string => shownPath(bytePathOf(side.start.subarray(0, MAX_LINK_BYTES)));
  return {
    ...(old === undefined ? {} : { oldValue: target(old) }),
    ...(fresh === undefined ? {} : { newValue: target(fresh) }),
  };
}

async function readSides(
  store: PrivateStore,
  entry: DiffEntry,
): Promise<{ old: Side | undefined; fresh: Side | undefined }> {
  const old = await readSide(store, entry.old);
  return { old, fresh: await readSide(store, entry.new) };
}

/** Reads at most as much as is ever shown. */
async function readSide(store: PrivateStore, side: DiffSide | undefined): Promise<Side | undefined> {
  if (side === undefined || side.mode === SUBMODULE_MODE) return undefined;
  await using reader = new ObjectReader(store);
  let lines = 0;
  let read = 0;
  let last = LINE_FEED;
  let start: Uint8Array<ArrayBuffer> = new Uint8Array();
  const head = await reader.stream(side.oid, (part) => {
    if (start.length < SNIFFED_BYTES) start = joined(start, part.subarray(0, SNIFFED_BYTES - start.length));
    lines += countLineFeeds(part);
    last = part.at(-1) ?? last;
    read += part.length;
    return read <= MAX_SHOWN_FILE_BYTES;
  });
  if (last !== LINE_FEED) lines++;
  return { bytes: head?.bytes ?? 0, lines, isBinary: start.includes(0), start };
}

/** A file that is only on one side differs as a whole. */
function onOneSide(
  entry: DiffEntry,
  { old, fresh }: { old: Side | undefined; fresh: Side | undefined },
): FileDiff["hunks"] | undefined {
  if (entry.old === undefined || entry.old.mode === SUBMODULE_MODE) return whole([0, fresh?.lines ?? 0]);
  if (entry.new === undefined || entry.new.mode === SUBMODULE_MODE) return whole([old?.lines ?? 0, 0]);
  return undefined;
}

/** Undefined when the comparison takes too long to wait for. */
async function readHunks(
  store: PrivateStore,
  { entry, ignoreWhitespace, algorithm }: {
    entry: DiffEntry;
    ignoreWhitespace: boolean;
    algorithm: DiffAlgorithm;
  },
): Promise<FileDiff["hunks"] | undefined> {
  const signal = AbortSignal.timeout(LIMITS_MS[algorithm]);
  const options = [
    "-U0",
    `--diff-algorithm=${algorithm}`,
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--text",
  ];
  if (ignoreWhitespace) options.push("-w");
  const stream = store.start({
    args: ["diff", ...options, entry.old?.oid ?? "", entry.new?.oid ?? ""],
    signal,
  });
  try {
    const reader = new HunkReader();
    for await (const chunk of stream.output) reader.take(chunk);
    await stream.finished;
    return reader.hunks;
  } catch (cause) {
    if (signal.aborted) return undefined;
    throw cause;
  } finally {
    stream.stop();
    await stream.finished.catch(() => "told above");
  }
}

function whole([old, fresh]: [number, number]): FileDiff["hunks"] {
  if (old === 0 && fresh === 0) return [];
  return [[old === 0 ? 0 : 1, old, fresh === 0 ? 0 : 1, fresh]];
}

function countLineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
