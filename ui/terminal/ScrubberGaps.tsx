// What is missing in a recording: hatched on the scrubber, in words for its tip and for screen readers.

import type { VNode } from "preact";
import { formatBytes, formatClock } from "../format.ts";
import type { GapMark, Playback } from "./playback.ts";

/** A pointer this near to a gap means it, as share of the scrubber: most gaps are thin. */
const NEAR_SHARE = 0.006;

const REASONS = { trimmed: "not kept: recording over its cap", storage: "not stored" };

/** What the scrubber's tip says of a gap. */
export function gapText(
  { reason, from, to, shownFrom = to }: Pick<GapMark, "reason" | "from" | "to" | "shownFrom">,
): string {
  const missing = `${formatBytes(to - from)} ${REASONS[reason]}`;
  if (shownFrom === to) return missing;
  return `${missing}; the next ${formatBytes(shownFrom - to)} only in the download: their screen is unknown`;
}

/** The gap at a share of the scrubber, or right beside it. */
export function gapNear(playback: Playback, share: number): GapMark | undefined {
  const nearMs = NEAR_SHARE * playback.durationMs;
  const playMs = share * playback.durationMs;
  return playback.gapMarks.find(({ fromMs, toMs }) => playMs >= fromMs - nearMs && playMs <= toMs + nearMs);
}

export function ScrubberGaps({ playback }: { playback: Playback }): VNode {
  const total = Math.max(1, playback.durationMs);
  return (
    <>
      {playback.gapMarks.map(({ from, fromMs, toMs }) => (
        <span
          key={from}
          class="track-gap"
          style={{ left: `${fromMs / total * 100}%`, width: `${(toMs - fromMs) / total * 100}%` }}
          data-testid="gap"
        />
      ))}
    </>
  );
}

/** Says the gaps to those who do not see them. */
export function GapList({ playback, id }: { playback: Playback; id: string }): VNode | null {
  if (playback.gapMarks.length === 0) return null;
  const texts = playback.gapMarks.map((gap) =>
    `at ${formatClock(playback.atPlayTime(gap.fromMs).realMs)}, ${gapText(gap)}`
  );
  return <span id={id} class="visually-hidden">Missing: {texts.join("; ")}</span>;
}
