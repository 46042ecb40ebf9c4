// Whose rollout is it, when Codex reports nothing and several sessions wait for theirs in one directory.

/** A session that nobody has named its thread to. */
export interface Seeker {
  agentHome: string;
  cwd: string;
  createdAtMs: number;
}

/** Clocks of files and of ours differ by less. */
export const CLOCK_SLACK_MS = 2000;
/** Codex begins its first thread within this after its start, even on a busy machine. */
const FIRST_THREAD_WITHIN_MS = 5000;

/**
 * Whether a thread that began at `bornMs` can only be `ours`. Where another session may have begun it the answer is no
 * for both: usage that is told at the end, by the thread's own name, is better than another's.
 */
export function isClearlyOurs(bornMs: number, ours: Seeker, all: Iterable<Seeker>): boolean {
  if (bornMs < ours.createdAtMs - CLOCK_SLACK_MS) return false;
  const rivals = [...all].filter((other) =>
    other !== ours && other.cwd === ours.cwd && other.agentHome === ours.agentHome &&
    bornMs >= other.createdAtMs - CLOCK_SLACK_MS
  );
  if (rivals.length === 0) return true;
  const afterStartMs = bornMs - ours.createdAtMs;
  return afterStartMs <= FIRST_THREAD_WITHIN_MS &&
    rivals.every((rival) => bornMs - rival.createdAtMs > afterStartMs + FIRST_THREAD_WITHIN_MS);
}
