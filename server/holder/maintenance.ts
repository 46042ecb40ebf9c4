// Everything that is done to recordings in the background, in steps of one short transaction each.
import type { RecordingStore } from "../store/recordings.ts";
import { decideKeyframesToDrop } from "./keyframe_thinning.ts";
import { decideMerges, mergeRun } from "./merging.ts";
import { decideTrim, trimRecording } from "./trimming.ts";

/** Output younger than this is left in small blocks: it is what is read most. */
export const SETTLED_AFTER_MS = 60_000;
/** Stored bytes of a deleted recording that one transaction removes. */
const PURGE_BYTES = 4 * 1024 * 1024;
/** Free space is given back in such steps, and only what is over the reserve, which new output takes first. */
const SHRINK_BYTES = 1024 * 1024;
const FREE_RESERVE_BYTES = 8 * 1024 * 1024;
/** The log is written back after this many steps: most of them write a large block. */
const STEPS_PER_CHECKPOINT = 8;
/** Output goes on while the log is written back; what comes meanwhile is little each time. */
const CHECKPOINT_TRIES = 4;

export interface MaintenanceOptions {
  store: RecordingStore;
  now: () => number;
  /** Raw bytes of one recording; beyond, its middle is thinned. Infinite while nobody has said how many. */
  capBytes: number;
}

/** Merges, thins, purges, writes the log back and gives free space back; yields after every step. */
export function* maintain(options: MaintenanceOptions): Generator<void> {
  const { store } = options;
  let steps = 0;
  for (const recording of store.listToMaintain()) {
    for (const _step of recording.deleted ? purge(store, recording.id) : tidy(options, recording)) {
      if (++steps % STEPS_PER_CHECKPOINT === 0) store.checkpoint();
      yield;
    }
  }
  yield* writeBack(store);
  if (store.freeBytes <= FREE_RESERVE_BYTES) return;
  while (store.freeBytes > FREE_RESERVE_BYTES) {
    store.shrink(SHRINK_BYTES);
    yield;
  }
  yield* writeBack(store);
}

function* purge(store: RecordingStore, id: number): Generator<void> {
  while (!store.purge(id, PURGE_BYTES)) yield;
}

function* tidy(
  { store, now, capBytes }: MaintenanceOptions,
  { id, ended }: { id: number; ended: boolean },
): Generator<void> {
  const olderThanMs = now() - SETTLED_AFTER_MS;
  const trim = decideTrim({
    blocks: store.blocks.list(id),
    gaps: store.gaps.list(id),
    keyframes: store.keyframes.listSizes(id),
    capBytes,
  });
  if (trim) yield* trimRecording(store, id, trim);
  let runs = decideMerges({ blocks: store.blocks.list(id), olderThanMs, ended });
  while (runs.length > 0) {
    for (const run of runs) {
      if (!mergeRun(store, id, run)) return;
      yield;
    }
    runs = decideMerges({ blocks: store.blocks.list(id), olderThanMs, ended });
  }
  thinKeyframes(store, id);
  // Without a cap it is looked at again when there is one.
  if (ended && Number.isFinite(capBytes)) store.setCompacted(id);
  yield;
}

function thinKeyframes(store: RecordingStore, id: number): void {
  const lastScreen = store.getRecordingById(id)?.lastScreenOffset;
  const gapEnds = store.gaps.list(id).map(({ offset, length }) => offset + length);
  const blocks = store.blocks.list(id).filter(({ parts }) => parts > 1);
  const last = blocks.at(-1);
  if (!last) return;
  const dropped = decideKeyframesToDrop({
    keyframes: store.keyframes.listSizes(id),
    outputBytes: blocks.reduce((total, { size }) => total + size, 0),
    before: last.offset + last.length,
    protectedOffsets: new Set([
      ...gapEnds,
      ...(lastScreen === null || lastScreen === undefined ? [] : [lastScreen]),
    ]),
  });
  store.transaction(() => dropped.forEach((offset) => store.keyframes.delete(id, offset)));
}

function* writeBack(store: RecordingStore): Generator<void> {
  for (let tries = 0; tries < CHECKPOINT_TRIES && store.checkpoint() > 0; tries++) yield;
}
