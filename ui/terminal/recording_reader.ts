// Reads ranges of a recording through the api, in chunks that are kept for the next seek.

import type { OutputRange } from "../api/recordings.ts";

/** The parts of `Api` that are used. */
export interface RangeApi {
  getOutput(id: string, range: { from: number; to: number; signal?: AbortSignal }): Promise<OutputRange>;
}

/** Chunks start at multiples of this. */
export const CHUNK_BYTES = 256 * 1024;

/** Bytes without a gap between them. */
interface Piece {
  offset: number;
  bytes: Uint8Array;
}

/** What is known of a chunk: its pieces, ascending, up to an offset. */
interface Chunk {
  pieces: Piece[];
  knownTo: number;
}

/** At most this many chunks are kept; the least recently used goes first. */
const MAX_CHUNKS = 64;

export class RecordingReader {
  readonly #api: RangeApi;
  readonly #sessionId: string;
  readonly #chunks = new Map<number, Chunk>();

  constructor(api: RangeApi, sessionId: string) {
    this.#api = api;
    this.#sessionId = sessionId;
  }

  /** Bytes at an offset that are here already, at most up to `to`; undefined when they must be loaded or are missing. */
  peek(from: number, to: number): Uint8Array | undefined {
    const start = chunkStart(from);
    const chunk = this.#chunks.get(start);
    const piece = chunk?.pieces.findLast(({ offset }) => offset <= from);
    if (chunk === undefined || piece === undefined || from >= endOf(piece)) return undefined;
    this.#chunks.delete(start);
    this.#chunks.set(start, chunk);
    return piece.bytes.subarray(from - piece.offset, Math.max(0, to - piece.offset));
  }

  /** Loads what is not known of a range. `onProgress` gets the bytes that are here, chunk by chunk. */
  async load(
    range: { from: number; to: number },
    options: { signal?: AbortSignal; onProgress?: (bytes: number) => void } = {},
  ): Promise<void> {
    for (let start = chunkStart(range.from); start < range.to; start += CHUNK_BYTES) {
      const wanted = Math.min(start + CHUNK_BYTES, range.to);
      const known = this.#chunks.get(start) ?? { pieces: [], knownTo: start };
      if (known.knownTo < wanted) await this.#loadChunk(start, { known, to: wanted, ...options });
      options.onProgress?.(wanted - range.from);
    }
  }

  /** A chunk of a running session grows: only its missing end is asked for. */
  async #loadChunk(start: number, part: { known: Chunk; to: number; signal?: AbortSignal }): Promise<void> {
    const pieces = [...part.known.pieces];
    const signal = part.signal === undefined ? {} : { signal: part.signal };
    let { knownTo } = part.known;
    for (let from: number | undefined = knownTo; from !== undefined && from < part.to;) {
      const got = await this.#api.getOutput(this.#sessionId, { from, to: part.to, ...signal });
      const bytes = got.bytes.subarray(0, Math.max(0, part.to - got.offset));
      if (bytes.length > 0) pieces.push({ offset: got.offset, bytes });
      knownTo = Math.min(part.to, got.offset + bytes.length);
      from = got.next;
    }
    this.#chunks.set(start, { pieces: joinPieces(pieces), knownTo });
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size <= MAX_CHUNKS) break;
      this.#chunks.delete(oldest);
    }
  }
}

function chunkStart(offset: number): number {
  return offset - offset % CHUNK_BYTES;
}

function endOf({ offset, bytes }: Piece): number {
  return offset + bytes.length;
}

/** Pieces that follow each other without a gap become one. */
function joinPieces(pieces: readonly Piece[]): Piece[] {
  const runs: Piece[][] = [];
  for (const piece of pieces) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run !== undefined && before !== undefined && endOf(before) === piece.offset) run.push(piece);
    else runs.push([piece]);
  }
  return runs.map(joinRun);
}

function joinRun(run: readonly Piece[]): Piece {
  const [first] = run;
  const offset = first?.offset ?? 0;
  if (first !== undefined && run.length === 1) return first;
  const bytes = new Uint8Array(run.reduce((sum, piece) => sum + piece.bytes.length, 0));
  for (const piece of run) bytes.set(piece.bytes, piece.offset - offset);
  return { offset, bytes };
}
