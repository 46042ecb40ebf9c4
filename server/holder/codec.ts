// Compression of recorded blocks. Every block names its codec, so that later versions may add others.
import * as zlib from "node:zlib";
import { Buffer } from "node:buffer";

/** Older runtimes (the executable check's) have no zstd. */
const ZSTD_AVAILABLE = typeof zlib.zstdCompressSync === "function";
/** Fast: recent blocks are compressed on the thread that reads the terminals. */
const RECENT_LEVEL = 1;
/** Below this a compressed block would hardly be smaller. */
const MIN_COMPRESSED_BYTES = 96;

export interface Encoded {
  codec: "raw" | "zstd" | "deflate";
  data: Uint8Array;
}

/** Compresses a block quickly, or leaves it raw when that is no larger. */
export function encodeBlock(bytes: Uint8Array): Encoded {
  if (bytes.length < MIN_COMPRESSED_BYTES) return { codec: "raw", data: bytes };
  const encoded: Encoded = ZSTD_AVAILABLE
    ? {
      codec: "zstd",
      data: zlib.zstdCompressSync(bytes, {
        params: { [zlib.constants.ZSTD_c_compressionLevel]: RECENT_LEVEL },
      }),
    }
    : { codec: "deflate", data: zlib.deflateRawSync(bytes, { level: RECENT_LEVEL }) };
  return encoded.data.length < bytes.length ? encoded : { codec: "raw", data: bytes };
}

/** The raw bytes of a block. Throws RangeError for a codec this version does not know. */
export function decodeBlock(block: { codec: string; data: Uint8Array }): Uint8Array {
  switch (block.codec) {
    case "raw":
      return block.data;
    case "zstd":
      return plain(zlib.zstdDecompressSync(block.data));
    case "deflate":
      return plain(zlib.inflateRawSync(block.data));
    default:
      throw new RangeError(`Cannot read a recorded block: unknown codec "${block.codec}"`);
  }
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
