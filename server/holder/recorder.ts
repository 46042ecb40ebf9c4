// Turns terminal output into stored blocks: cut at 64 KiB or 100 ms, committed in groups, readable at once.
import type { Timeline } from "../protocol.ts";
import type { RecordingEnd, RecordingRow, RecordingStore } from "../store/recordings.ts";
import type { ScreenSnapshot } from "./api.ts";
import { decodeBlock, encodeBlock } from "./codec.ts";

/** A block is closed at this size, so that a read decompresses little. */
export const MAX_BLOCK_BYTES = 64 * 1024;
/** Output is stored at most this long after it came. */
export const FLUSH_AFTER_MS = 100;
/** A flood is committed earlier than the timer says. */
const FLUSH_AT_BYTES = 1024 * 1024;
const MAX_TIMELINE_POINTS = 2000;

interface PendingBlock {
  offset: number;
  atMs: number;
  chunks: Uint8Array[];
  length: number;
}

export interface RecorderOptions {
  store: RecordingStore;
  now: () => number;
  /** Told when a commit failed; the blocks are kept and tried again. */
  onError: (cause: unknown) => void;
}

/** Owns the timer and the commits; one per process. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #dirty = new Set<Recording>();
  #pendingBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Begins the recording of a session. */
  start(session: { session: string; cols: number; rows: number }): Recording {
    const startedAtMs = this.#options.now();
    const id = this.#options.store.createRecording({ ...session, startedAtMs });
    return new Recording({ id, startedAtMs, end: 0, recorder: this, ...this.#options });
  }

  /** A recording made before; undefined when there is none. */
  open(session: string): { recording: Recording; row: RecordingRow } | undefined {
    const row = this.#options.store.getRecording(session);
    if (!row) return undefined;
    const end = this.#options.store.getEnd(row.id);
    return {
      row,
      recording: new Recording({
        id: row.id,
        startedAtMs: row.startedAtMs,
        end,
        recorder: this,
        ...this.#options,
      }),
    };
  }

  /** Notes that a recording has unsaved output. */
  touch(recording: Recording, bytes: number): void {
    this.#dirty.add(recording);
    this.#pendingBytes += bytes;
    if (this.#pendingBytes >= FLUSH_AT_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS);
  }

  /** Stores everything pending in one commit. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#dirty.size === 0) return;
    try {
      this.#options.store.transaction(() => this.#dirty.forEach((recording) => recording.store()));
    } catch (cause) {
      this.#options.onError(cause);
      this.#timer = setTimeout(() => this.flush(), FLUSH_AFTER_MS * 10);
      return;
    }
    this.#dirty.forEach((recording) => recording.forgetStored());
    this.#dirty.clear();
    this.#pendingBytes = 0;
  }

  close(): void {
    this.flush();
    clearTimeout(this.#timer);
  }
}

/** The recording of one session. */
export class Recording {
  readonly id: number;
  readonly startedAtMs: number;
  readonly #store: RecordingStore;
  readonly #recorder: Recorder;
  readonly #now: () => number;
  #pending: PendingBlock[] = [];
  #end: number;

  constructor(
    options: RecorderOptions & { id: number; startedAtMs: number; end: number; recorder: Recorder },
  ) {
    this.id = options.id;
    this.startedAtMs = options.startedAtMs;
    this.#end = options.end;
    this.#store = options.store;
    this.#recorder = options.recorder;
    this.#now = options.now;
  }

  /** Offset after the last byte, stored or not. */
  get end(): number {
    return this.#end;
  }

  /** Takes output; the bytes must not change afterwards. */
  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const block = this.#openBlock();
      const part = bytes.subarray(at, at + MAX_BLOCK_BYTES - block.length);
      block.chunks.push(part);
      block.length += part.length;
      this.#end += part.length;
      at += part.length;
    }
    this.#recorder.touch(this, bytes.length);
  }

  resize(cols: number, rows: number): void {
    this.#store.insertResize(this.id, { offset: this.#end, cols, rows });
  }

  addKeyframe(snapshot: ScreenSnapshot): void {
    const encoded = encodeBlock(new TextEncoder().encode(snapshot.ansi));
    const { offset, cols, rows } = snapshot;
    this.#store.insertKeyframe(this.id, { offset, cols, rows, ...encoded });
  }

  /** Stored bytes from `from`, at most `maxBytes`; pending output is committed first when it is asked for. */
  read(from: number, maxBytes: number): Uint8Array {
    const firstPending = this.#pending[0];
    if (firstPending && from + maxBytes > firstPending.offset) this.#recorder.flush();
    const parts: Uint8Array[] = [];
    let at = from;
    const until = Math.min(this.#end, from + maxBytes);
    while (at < until) {
      const block = this.#store.getBlockAt(this.id, at);
      if (!block || block.offset > at) break;
      const part = decodeBlock(block).subarray(at - block.offset, until - block.offset);
      parts.push(part);
      at += part.length;
    }
    return concatenate(parts);
  }

  getKeyframe(offset: number): ScreenSnapshot | undefined {
    const row = this.#store.getKeyframe(this.id, offset);
    if (!row) return undefined;
    return {
      offset: row.offset,
      cols: row.cols,
      rows: row.rows,
      ansi: new TextDecoder().decode(decodeBlock(row)),
    };
  }

  listResizes(): { offset: number; cols: number; rows: number }[] {
    return this.#store.listResizes(this.id);
  }

  /** What a scrubber needs. */
  timeline(): Timeline {
    this.#recorder.flush();
    const row = this.#store.listBlockTimes(this.id, MAX_TIMELINE_POINTS);
    const recording = this.#store.getRecordingById(this.id);
    return {
      end: this.#end,
      startedAtMs: this.startedAtMs,
      cols: recording?.cols ?? 0,
      rows: recording?.rows ?? 0,
      times: row.map(({ offset, atMs }) => [offset, atMs - this.startedAtMs]),
      resizes: this.listResizes(),
      ...(recording?.endedAtMs === null || recording === undefined ? {} : { endedAtMs: recording.endedAtMs }),
      ...(recording?.lastScreenOffset === null || recording === undefined
        ? {}
        : { lastScreenOffset: recording.lastScreenOffset }),
    };
  }

  /** Stores the end of the program; nothing is appended afterwards. */
  finish(end: RecordingEnd): void {
    this.#recorder.flush();
    this.#store.endRecording(this.id, end);
  }

  setLastScreen(offset: number): void {
    this.#store.setLastScreen(this.id, offset);
  }

  /** Writes pending blocks; called by the recorder inside its transaction. */
  store(): void {
    for (const block of this.#pending) {
      const bytes = concatenate(block.chunks);
      this.#store.insertBlock(this.id, {
        offset: block.offset,
        length: block.length,
        atMs: block.atMs,
        ...encodeBlock(bytes),
      });
    }
  }

  /** The commit succeeded. */
  forgetStored(): void {
    this.#pending = [];
  }

  #openBlock(): PendingBlock {
    const last = this.#pending.at(-1);
    if (last && last.length < MAX_BLOCK_BYTES) return last;
    const block = { offset: this.#end, atMs: this.#now(), chunks: [], length: 0 };
    this.#pending.push(block);
    return block;
  }
}

function concatenate(parts: Uint8Array[]): Uint8Array {
  const only = parts[0];
  if (parts.length === 1 && only) return only;
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
