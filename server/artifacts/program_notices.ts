// Keeps what programs want the user to see beside their output; of a flood a few, and how many there were.
import type { Clock } from "../clock.ts";
import type { ProgramNotice } from "../holder/api.ts";
import type { MarkerKind } from "../protocol.ts";
import { TokenBucket } from "../sources/token_bucket.ts";

export interface ProgramNoticesOptions extends Pick<Clock, "now" | "later"> {
  /** Notes something in a session's history. */
  mark: (sessionId: string, marker: { kind: MarkerKind; text: string; offset: number }) => void;
}

/** Kept of one session: so many at once, then one in half a minute. */
const BURST = 20;
const PER_SECOND = 1 / 30;
/** What was left out is said soon for the first time, then rarely while it goes on. */
const FIRST_COUNT_AFTER_MS = 2000;
const NEXT_COUNT_AFTER_MS = 5 * 60_000;

/** A flood's end is known so much later than the program's. */
const FORGET_AFTER_MS = 10 * 60_000;

interface Left {
  bucket: TokenBucket;
  dropped: number;
  offset: number;
  counts: number;
  cancelCount?: () => void;
  cancelForget?: () => void;
}

export class ProgramNotices {
  readonly #options: ProgramNoticesOptions;
  readonly #sessions = new Map<string, Left>();

  constructor(options: ProgramNoticesOptions) {
    this.#options = options;
  }

  add(sessionId: string, { offset, notice }: { offset: number; notice: ProgramNotice }): void {
    const left = this.#get(sessionId);
    left.offset = offset;
    if (notice.kind === "dropped") this.#drop(sessionId, notice.count);
    else if (!left.bucket.take(1)) this.#drop(sessionId, 1);
    else this.#options.mark(sessionId, { kind: notice.kind, text: textOf(notice), offset });
  }

  /** The session has ended: what was left out is said now. Its screen may still be reading what came last. */
  end(sessionId: string): void {
    this.#count(sessionId);
    const left = this.#sessions.get(sessionId);
    if (left) left.cancelForget ??= this.#options.later(() => this.#forget(sessionId), FORGET_AFTER_MS);
  }

  close(): void {
    for (const id of [...this.#sessions.keys()]) this.#forget(id);
  }

  #forget(sessionId: string): void {
    this.#count(sessionId);
    this.#sessions.get(sessionId)?.cancelForget?.();
    this.#sessions.delete(sessionId);
  }

  #drop(sessionId: string, count: number): void {
    const left = this.#get(sessionId);
    left.dropped += count;
    const isSoon = left.counts === 0 || left.cancelForget !== undefined;
    const delayMs = isSoon ? FIRST_COUNT_AFTER_MS : NEXT_COUNT_AFTER_MS;
    left.cancelCount ??= this.#options.later(() => this.#count(sessionId), delayMs);
  }

  #count(sessionId: string): void {
    const left = this.#sessions.get(sessionId);
    left?.cancelCount?.();
    if (!left || left.dropped === 0) return;
    const { dropped, offset } = left;
    left.dropped = 0;
    left.counts++;
    delete left.cancelCount;
    const text = `${dropped.toLocaleString("en-US")} more came too fast to be kept one by one`;
    this.#options.mark(sessionId, { kind: "notices_dropped", text, offset });
  }

  #get(sessionId: string): Left {
    const known = this.#sessions.get(sessionId);
    if (known) return known;
    const { now } = this.#options;
    const bucket = new TokenBucket({ burst: BURST, perSecond: PER_SECOND, now });
    const left: Left = { bucket, dropped: 0, offset: 0, counts: 0 };
    this.#sessions.set(sessionId, left);
    return left;
  }
}

function textOf(notice: Exclude<ProgramNotice, { kind: "dropped" }>): string {
  if (notice.kind === "notification") return notice.text;
  // Bytes that are no text were to be put there, or nothing at all.
  return notice.text || `[${notice.bytes} bytes]`;
}
