// Decides which recordings go by age and by total size. The same decision is shown before and carried out after.
import type { RecordingUse } from "../holder/api.ts";

/** A limit that is missing does not apply. */
export interface RetentionPolicy {
  /** Since the session's end. */
  maxAgeMs?: number;
  /** Of all recordings together, stored. */
  maxTotalBytes?: number;
}

export interface RetentionVerdict {
  session: string;
  reason: "age" | "size";
  /** What its deletion frees. */
  bytes: number;
}

/**
 * Which recordings to delete, the oldest first. Running ones and those with the keep flag never go, but count towards the
 * total.
 */
export function decideRetention(
  recordings: readonly RecordingUse[],
  { policy, nowMs }: { policy: RetentionPolicy; nowMs: number },
): RetentionVerdict[] {
  const { maxAgeMs = Infinity, maxTotalBytes = Infinity } = policy;
  let total = recordings.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  const verdicts: RetentionVerdict[] = [];
  for (const { session, endedAtMs, storedBytes } of listDeletable(recordings)) {
    const isOld = nowMs - endedAtMs > maxAgeMs;
    if (!isOld && total <= maxTotalBytes) continue;
    total -= storedBytes;
    verdicts.push({ session, reason: isOld ? "age" : "size", bytes: storedBytes });
  }
  return verdicts;
}

function listDeletable(recordings: readonly RecordingUse[]): (RecordingUse & { endedAtMs: number })[] {
  return recordings
    .flatMap((recording) => {
      const { endedAtMs, keep } = recording;
      return endedAtMs === null || keep ? [] : [{ ...recording, endedAtMs }];
    })
    .toSorted((a, b) => a.endedAtMs - b.endedAtMs || (a.session < b.session ? -1 : 1));
}
