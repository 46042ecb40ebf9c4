// Reads ranges of a recording through the api, in chunks that are kept for the next seek.

import type { OutputRange } from "../api.ts";

/** The parts of `Api` that are used. */
export interface RangeApi {
  getOutput(id: string, range: { from: number; to: number; signal?: AbortSignal }): Promise<OutputRange>;
}

/** Chunks start at multiples of this. */
export const CHUNK_BYTES = 256 * 1024;

/** At most this many chunks are kept; the least recently used goes first. */
const MAX_CHUNKS = 64;

export class RecordingReader {
  readonly #api: RangeApi;
  readonly #sessionId: string;
  readonly #chunks = new Map<number, Uint8Array>();

  constructor(api: RangeApi, sessionId: string) {
    this.#api = api;
    this.#sessionId = sessionId;
  }

  /** Bytes at an offset that are here already, at most up to `to`; undefined when they must be loaded. */
  peek(from: number, to: number): Uint8Array | undefined {
    const start = chunkStart(from);
    const chunk = this.#chunks.get(start);
    if (chunk === undefined || from - start >= chunk.length) return undefined;
    this.#chunks.delete(start);
    this.#chunks.set(start, chunk);
    return chunk.subarray(from - start, to - start);
  }

  /** Loads what is missing of a range. `onProgress` gets the bytes that are here, chunk by chunk. */
  async load(
    range: { from: number; to: number },
    options: { signal?: AbortSignal; onProgress?: (bytes: number) => void } = {},
  ): Promise<void> {
    for (let start = chunkStart(range.from); start < range.to; start += CHUNK_BYTES) {
      const wanted = Math.min(start + CHUNK_BYTES, range.to);
      const have = this.#chunks.get(start)?.length ?? 0;
      if (start + have < wanted) await this.#loadChunk(start, { have, to: wanted, ...options });
      options.onProgress?.(Math.min(start + CHUNK_BYTES, range.to) - range.from);
    }
  }

  /** A chunk of a running session grows: only its missing end is asked for. */
  async #loadChunk(start: number, part: { have: number; to: number; signal?: AbortSignal }): Promise<void> {
    const pieces: Uint8Array[] = [];
    const known = this.#chunks.get(start);
    if (known !== undefined) pieces.push(known);
    const signal = part.signal === undefined ? {} : { signal: part.signal };
    for (let from: number | undefined = start + part.have; from !== undefined && from < part.to;) {
      const got = await this.#api.getOutput(this.#sessionId, { from, to: part.to, ...signal });
      pieces.push(got.bytes);
      from = got.next;
    }
    this.#chunks.set(start, join(pieces));
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size <= MAX_CHUNKS) break;
      this.#chunks.delete(oldest);
    }
  }
}

function chunkStart(offset: number): number {
  return offset - offset % CHUNK_BYTES;
}

function join(pieces: Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
