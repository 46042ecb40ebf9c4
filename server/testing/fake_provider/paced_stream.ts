// Sends an answer frame by frame, in its own time, and notices when the client leaves.
import type { Frame } from "./frame.ts";

export interface Pace {
  /** Silence before the first frame with output. */
  quietMs: number;
  /** Time over which the frames with output are spread. */
  slowMs: number;
  /** Frames with output are sent up to this many tokens, then the connection breaks. */
  cutAfterTokens: number | undefined;
  /** Sleeps until the client leaves. */
  hang: boolean;
}

export interface StreamEvents {
  onSent(frame: Frame, bytes: number): void;
  /** Once. */
  onEnd(outcome: "complete" | "cut" | "aborted"): void;
}

/** Pulled by the connection: a frame counts as sent when the connection has taken it. `stop` cuts it off. */
export function pacedStream(
  frames: readonly Frame[],
  { pace, events, stop }: { pace: Pace; events: StreamEvents; stop: AbortSignal },
): ReadableStream<Uint8Array> {
  const left = new AbortController();
  const ended = AbortSignal.any([left.signal, stop]);
  const schedule = new Schedule(frames, pace);
  const encoder = new TextEncoder();
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull: async (controller): Promise<void> => {
      const frame = frames[at++];
      if (frame === undefined) {
        events.onEnd("complete");
        controller.close();
        return;
      }
      const isCut = schedule.isCutBefore(frame);
      if (!isCut) await schedule.waitFor(frame, ended);
      if (left.signal.aborted) return;
      if (isCut || stop.aborted) {
        events.onEnd("cut");
        controller.error(new Error("Cut by script"));
        return;
      }
      const bytes = encoder.encode(frame.data);
      events.onSent(frame, bytes.length);
      controller.enqueue(bytes);
    },
    cancel: (): void => {
      left.abort();
      events.onEnd("aborted");
    },
  }, { highWaterMark: 0 });
}

/** When each frame is due. */
class Schedule {
  readonly #pace: Pace;
  readonly #totalTokens: number;
  #tokens = 0;
  #startedAtMs: number | undefined;

  constructor(frames: readonly Frame[], pace: Pace) {
    this.#pace = pace;
    this.#totalTokens = Math.max(1, frames.reduce((sum, frame) => sum + frame.tokens, 0));
  }

  isCutBefore(frame: Frame): boolean {
    const { cutAfterTokens } = this.#pace;
    return cutAfterTokens !== undefined && this.#tokens + frame.tokens > cutAfterTokens;
  }

  async waitFor(frame: Frame, signal: AbortSignal): Promise<void> {
    if (frame.tokens === 0) return;
    if (this.#pace.hang) return await sleep(Infinity, signal);
    this.#tokens += frame.tokens;
    const { slowMs, quietMs } = this.#pace;
    if (slowMs === 0 && quietMs === 0) return;
    this.#startedAtMs ??= performance.now();
    const dueAtMs = this.#startedAtMs + quietMs + slowMs * this.#tokens / this.#totalTokens;
    await sleep(dueAtMs - performance.now(), signal);
  }
}

/** Until the time has passed or the signal comes, whichever is first. */
function sleep(durationMs: number, signal: AbortSignal): Promise<void> {
  if (durationMs <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = durationMs === Infinity ? undefined : setTimeout(done, durationMs);
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
