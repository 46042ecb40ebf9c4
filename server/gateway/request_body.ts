// A request's body in memory, whole, because the gate must know it before any of it is sent.
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import * as zlib from "node:zlib";
import { parseJsonObject } from "../usage/usage_fields.ts";
import type { ModelApi } from "./model_api.ts";

/** Providers take 32 to 50 MB. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

const DECODERS: Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array> = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  // Missing in older runtimes: such a request then cannot be read, and is refused.
  zstd: zlib.zstdDecompressSync,
};

/** All bytes of a body; undefined when it is larger than the limit, and what came is thrown away. */
export async function readBody(
  request: Request,
  maxBytes = MAX_BODY_BYTES,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const length = request.headers.get("content-length");
  if (Number(length ?? 0) > maxBytes) return undefined;
  // A stated length is all that can come: read in one go, which is faster than piece by piece.
  if (length !== null) return await request.bytes();
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined
    ? only as Uint8Array<ArrayBuffer>
    : new Uint8Array(Buffer.concat(chunks));
}

/** What is kept of a body if the user wants to know which requests were the same. */
export function hashBody(bytes: Uint8Array): { bytes: number; sha256: string } {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** The object in a JSON body, unpacked if need be; undefined for anything else. */
export function parseBody(bytes: Uint8Array, encoding: string | null): Record<string, unknown> | undefined {
  const plain = encoding === null || encoding === "identity" ? bytes : unpack(bytes, encoding);
  return plain === undefined ? undefined : parseJsonObject(new TextDecoder().decode(plain));
}

function unpack(bytes: Uint8Array, encoding: string): Uint8Array | undefined {
  try {
    return DECODERS[encoding.trim().toLowerCase()]?.(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch {
    return undefined; // broken or too large: the caller answers that it cannot read the request
  }
}

const LIMIT_FIELD: Record<ModelApi, string> = {
  messages: "max_tokens",
  responses: "max_output_tokens",
  chat: "max_completion_tokens",
};

/** The same request with another limit of tokens. */
export function withOutputLimit(
  body: Record<string, unknown>,
  { api, maxTokens }: { api: ModelApi; maxTokens: number },
): Uint8Array<ArrayBuffer> {
  const { max_tokens: _, ...rest } = body;
  const changed = { ...(api === "chat" ? rest : body), [LIMIT_FIELD[api]]: maxTokens };
  return new TextEncoder().encode(JSON.stringify(changed));
}
