// Loads one changed file: what differs, and both texts, which go to the worker.

import type { FileChange, FileDiff } from "../../server/protocol.ts";
import { ApiError } from "../api/api_error.ts";
import type { ChangeCalls, ChangedText, SnapshotPair } from "../api/changes.ts";
import type { DiffEngine } from "./diff_engine.ts";
import type { DiffView, Opened } from "./diff_layout.ts";
import { ShownFile } from "./shown_file.ts";

/** What the diffs are of. A new `key` makes all that is loaded old. */
export interface DiffSource {
  key: string;
  pair: SnapshotPair;
  ignoreWhitespace: boolean;
  files: readonly FileChange[];
}

export interface LoadFileOptions {
  api: Pick<ChangeCalls, "getFileDiff" | "getChangedText">;
  sessionId: string;
  engine: Pick<DiffEngine, "open" | "askLines">;
}

export interface FileWish {
  change: FileChange;
  source: DiffSource;
  view: DiffView;
  opened: ReadonlyMap<number, Opened>;
  showSecrets: boolean;
  signal: AbortSignal;
}

/** Rejects as `Api` does, with `EngineError`, or when given up. What has no lines comes as its facts. */
export async function loadFile(
  options: LoadFileOptions,
  wish: FileWish,
): Promise<{ diff: FileDiff } | { shown: ShownFile }> {
  const { api, sessionId, engine } = options;
  const { change, source: { pair, ignoreWhitespace }, signal } = wish;
  const whitespace = ignoreWhitespace ? "ignore" as const : undefined;
  const diff = await api.getFileDiff(sessionId, { ...pair, file: change.id, whitespace }, signal);
  if (diff.kind !== "text") return { diff };
  const [before, after] = await Promise.all([
    loadSide(options, { ...wish, side: "old" }),
    loadSide(options, { ...wish, side: "new" }),
  ]);
  const bytes = before.bytes.byteLength + after.bytes.byteLength;
  const { hunks } = diff;
  const texts = { old: before.bytes, new: after.bytes };
  const { id: textId, facts } = await engine.open({ path: change.path, ...texts, hunks });
  const shown = new ShownFile({
    ...{ textId, hunks, facts, bytes, view: wish.view, opened: wish.opened },
    onlySide: onlySideOf(change),
    ignoresWhitespace: ignoreWhitespace,
    masked: before.masked + after.masked,
    askLines: (id, range) => engine.askLines(id, range),
  });
  return { shown };
}

async function loadSide(
  { api, sessionId }: LoadFileOptions,
  { change, source: { pair }, showSecrets, signal, side }: FileWish & { side: "old" | "new" },
): Promise<ChangedText> {
  if ((onlySideOf(change) ?? side) !== side) return nothing();
  const secrets = showSecrets ? "show" as const : undefined;
  try {
    return await api.getChangedText(sessionId, { ...pair, file: change.id, side, secrets }, signal);
  } catch (thrown) {
    // There is nothing comparable on this side.
    if (thrown instanceof ApiError && thrown.code === "not_found") return nothing();
    throw thrown;
  }
}

/** A new one each time: the worker takes it. */
function nothing(): ChangedText {
  return { bytes: new ArrayBuffer(0), masked: 0 };
}

function onlySideOf({ status }: FileChange): "old" | "new" | undefined {
  return status === "A" ? "new" : status === "D" ? "old" : undefined;
}
