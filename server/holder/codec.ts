// Compression of recorded blocks. Every block names its codec, so that later versions may add others.
import * as zlib from "node:zlib";
import { Buffer } from "node:buffer";

/** Older runtimes (the executable check's) have no zstd. */
const ZSTD_AVAILABLE = typeof zlib.zstdCompressSync === "function";
/** Fast: recent blocks are compressed on the thread that reads the terminals. */
const RECENT_LEVEL = 1;
/** Measured on 4 MiB of agents' output: level 12 takes four times as long for nothing, 19 gains a tenth at a fortieth. */
const MERGED_LEVEL = 9;
/** 4 MiB: a merged block is one window, so long-distance matching finds nothing more (measured: it loses a third). */
const MERGED_WINDOW_LOG = 22;
/** Without zstd. */
const MERGED_DEFLATE_LEVEL = 9;
/** Below this a compressed block would hardly be smaller. */
const MIN_COMPRESSED_BYTES = 96;

/** Room for all that comes out at once: in zlib's own pieces of 16 KiB it takes several times as long. Most screens fit. */
const DECODE_BYTES = { least: 64, unknown: 64 * 1024, most: 4 * 1024 * 1024 };

export interface Encoded {
  codec: "raw" | "zstd" | "deflate";
  data: Uint8Array;
}

/** Compresses a block quickly, or leaves it raw when that is no larger. */
export function encodeBlock(bytes: Uint8Array): Encoded {
  if (bytes.length < MIN_COMPRESSED_BYTES) return { codec: "raw", data: bytes };
  if (!ZSTD_AVAILABLE) return smaller(bytes, { codec: "deflate", data: deflate(bytes, RECENT_LEVEL) });
  const params = { [zlib.constants.ZSTD_c_compressionLevel]: RECENT_LEVEL };
  return smaller(bytes, { codec: "zstd", data: zlib.zstdCompressSync(bytes, { params }) });
}

/** Compresses a large block well; takes some 20 ms for 4 MiB. */
export function encodeMergedBlock(bytes: Uint8Array): Encoded {
  if (!ZSTD_AVAILABLE) {
    return smaller(bytes, { codec: "deflate", data: deflate(bytes, MERGED_DEFLATE_LEVEL) });
  }
  const params = {
    [zlib.constants.ZSTD_c_compressionLevel]: MERGED_LEVEL,
    [zlib.constants.ZSTD_c_windowLog]: MERGED_WINDOW_LOG,
  };
  return smaller(bytes, { codec: "zstd", data: zlib.zstdCompressSync(bytes, { params }) });
}

/** The raw bytes of a block, quickest when their `length` is told. Throws RangeError for a codec this version does not know. */
export function decodeBlock(block: { codec: string; data: Uint8Array; length?: number }): Uint8Array {
  const { least, unknown, most } = DECODE_BYTES;
  // One more than there is: a full buffer asks for another.
  const chunkSize = Math.max(least, Math.min(block.length ?? unknown, most) + 1);
  switch (block.codec) {
    case "raw":
      return block.data;
    case "zstd":
      return plain(zlib.zstdDecompressSync(block.data, { chunkSize }));
    case "deflate":
      return plain(zlib.inflateRawSync(block.data, { chunkSize }));
    default:
      throw new RangeError(`Cannot read a recorded block: unknown codec "${block.codec}"`);
  }
}

function smaller(bytes: Uint8Array, encoded: Encoded): Encoded {
  return encoded.data.length < bytes.length ? encoded : { codec: "raw", data: bytes };
}

function deflate(bytes: Uint8Array, level: number): Uint8Array {
  return zlib.deflateRawSync(bytes, { level });
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
