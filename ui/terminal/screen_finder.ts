// Finds the stored screens from which the bytes of a recording lead to a moment, and to the lines above it.

import type { Keyframe, Timeline } from "../../server/protocol.ts";
import { ApiError } from "../api/api_error.ts";

export interface ScreenSource {
  /** Rejects with `not_found` where no screen is stored before an offset. */
  getScreen(offset: number): Promise<Keyframe>;
  timeline: Timeline | undefined;
}

/** Stored screens hold few lines above them: the others come from this much of the recording before a moment. */
const HISTORY_BYTES = 256 * 1024;
/** A screen that far back is not worth the way. */
const MAX_HISTORY_BYTES = 2 * 1024 * 1024;

/**
 * The nearest screen to a moment. After a gap it may be later than the moment: what is between is recorded, but nobody
 * knows on what screen it was printed.
 */
export function findScreen(wanted: number, source: ScreenSource): Promise<Keyframe> {
  const gaps = source.timeline?.gaps ?? [];
  const startsGap = wanted > 0 && gaps.some(({ from }) => from === wanted);
  return screenAt(startsGap ? wanted - 1 : wanted, source);
}

/** A screen far enough before a moment that one can scroll up there; undefined where a gap is in between. */
export async function findHistoryScreen(
  offset: number,
  source: ScreenSource,
): Promise<Keyframe | undefined> {
  const earlier = await screenAt(Math.max(0, offset - HISTORY_BYTES), source);
  const gaps = source.timeline?.gaps ?? [];
  const isCut = gaps.some(({ from, to }) => from < offset && to > earlier.offset);
  return isCut || earlier.offset >= offset || offset - earlier.offset > MAX_HISTORY_BYTES
    ? undefined
    : earlier;
}

/** Without any screen, an empty one at the start. */
async function screenAt(offset: number, { getScreen, timeline }: ScreenSource): Promise<Keyframe> {
  try {
    return await getScreen(offset);
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.code !== "not_found" || timeline === undefined) throw thrown;
    return { offset: 0, cols: timeline.cols, rows: timeline.rows, ansi: "" };
  }
}
