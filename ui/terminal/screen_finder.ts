// Finds the stored screen from which the bytes of a recording lead to a moment.

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
 * A screen far enough before a moment that one can scroll up there. After a gap it may be later than the moment: what
 * is between is recorded, but nobody knows on what screen it was printed.
 */
export async function findScreen(wanted: number, source: ScreenSource): Promise<Keyframe> {
  const gaps = source.timeline?.gaps ?? [];
  const startsGap = wanted > 0 && gaps.some(({ from }) => from === wanted);
  const newest = await screenAt(startsGap ? wanted - 1 : wanted, source);
  if (newest.offset === 0 || newest.offset > wanted) return newest;
  const earlier = await screenAt(Math.max(0, wanted - HISTORY_BYTES), source);
  const isCut = gaps.some(({ from, to }) => from < wanted && to > earlier.offset);
  return isCut || wanted - earlier.offset > MAX_HISTORY_BYTES ? newest : earlier;
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
