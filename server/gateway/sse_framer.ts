// Cuts a byte stream into whole server-sent events without changing a byte of it.
import { concatenate } from "../concatenate.ts";

/** One event, or a piece of the stream that could not be read as one. */
export interface SseEvent {
  /** All of it, the blank line at its end included: the pieces put together are the stream. */
  bytes: Uint8Array;
  /** Its `data` lines; undefined for comments and for pieces that were too long to be kept together. */
  data: string | undefined;
  /** Too long, or cut off: nothing can be said about what is in it. */
  isOpaque: boolean;
}

/** The last event of a long answer repeats all of it; above this an event is let through unread. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const NOTHING = new Uint8Array();

/** Holds back what is not a whole event yet. */
export class SseFramer {
  readonly #maxEventBytes: number;
  #pending: Uint8Array = NOTHING;
  #scanned = 0;
  #isInOpaque = false;

  constructor({ maxEventBytes = MAX_EVENT_BYTES }: { maxEventBytes?: number } = {}) {
    this.#maxEventBytes = maxEventBytes;
  }

  /** The events that a chunk completes, in order. */
  push(chunk: Uint8Array): SseEvent[] {
    const bytes = this.#pending.length === 0 ? chunk : concatenate([this.#pending, chunk]);
    const events: SseEvent[] = [];
    let start = 0;
    let from = Math.max(0, this.#scanned - 2);
    for (let end = endOfEvent(bytes, from); end !== -1; end = endOfEvent(bytes, from)) {
      events.push(this.#event(bytes.subarray(start, end)));
      start = from = end;
    }
    this.#pending = bytes.subarray(start);
    this.#scanned = this.#pending.length;
    if (this.#pending.length > this.#maxEventBytes) {
      events.push({ bytes: this.#pending, data: undefined, isOpaque: true });
      this.#pending = NOTHING;
      this.#scanned = 0;
      this.#isInOpaque = true;
    }
    return events;
  }

  /** What is left when the stream is over: undefined after a whole event. */
  flush(): SseEvent | undefined {
    if (this.#pending.length === 0) return undefined;
    const bytes = this.#pending;
    this.#pending = NOTHING;
    return { bytes, data: undefined, isOpaque: true };
  }

  #event(bytes: Uint8Array): SseEvent {
    const isOpaque = this.#isInOpaque;
    this.#isInOpaque = false;
    return { bytes, data: isOpaque ? undefined : dataOf(bytes), isOpaque };
  }
}

/** The place behind the next blank line; -1 when there is none yet. */
function endOfEvent(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(LINE_FEED, from); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) {
    if (bytes[at + 1] === LINE_FEED) return at + 2;
    if (bytes[at + 1] === CARRIAGE_RETURN && bytes[at + 2] === LINE_FEED) return at + 3;
  }
  return -1;
}

const decoder = new TextDecoder();

function dataOf(bytes: Uint8Array): string | undefined {
  const lines = decoder.decode(bytes).split(/\r?\n/).filter((line) => line.startsWith("data:"));
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(line[5] === " " ? 6 : 5)).join("\n");
}
