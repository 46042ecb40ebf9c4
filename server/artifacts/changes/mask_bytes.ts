// Hides what looks like a secret in the bytes of a file, piece by piece, so that other work gets its turn in between.
import { maskSecrets } from "../secrets/secrets.ts";

const PIECE_CHARACTERS = 64 * 1024;
/** As git does: a zero byte near the beginning says that this is no text. */
const PROBE_BYTES = 8000;
const PEM_BEGIN = "-----BEGIN ";
const PEM_END = "-----END ";

/** The same bytes where nothing is hidden. Line feeds stay where they are. `known` are values of secrets. */
export async function maskBytes(
  bytes: Uint8Array<ArrayBuffer>,
  known: readonly string[] = [],
): Promise<{ bytes: Uint8Array<ArrayBuffer>; count: number }> {
  if (bytes.subarray(0, PROBE_BYTES).includes(0)) return { bytes, count: 0 };
  const parts: string[] = [];
  let total = 0;
  for (const piece of splitText(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes))) {
    const { text, count } = maskSecrets(piece, known);
    parts.push(text);
    total += count;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return total === 0
    ? { bytes, count: 0 }
    : { bytes: new TextEncoder().encode(parts.join("")), count: total };
}

/** Pieces that end with a line, and hold a block of key material as a whole unless it is longer than a piece. */
export function* splitText(text: string, maxCharacters = PIECE_CHARACTERS): Iterable<string> {
  for (let at = 0; at < text.length;) {
    const end = at + maxCharacters >= text.length ? text.length : cutOf(text, at, at + maxCharacters);
    yield text.slice(at, end);
    at = end;
  }
}

function cutOf(text: string, from: number, limit: number): number {
  const cut = text.lastIndexOf("\n", limit - 1) + 1;
  if (cut <= from) return limit;
  const begin = text.lastIndexOf(PEM_BEGIN, cut - 1);
  const isOpen = begin > from && text.lastIndexOf(PEM_END, cut - 1) < begin;
  const lineStart = text.lastIndexOf("\n", begin) + 1;
  return isOpen && lineStart > from ? lineStart : cut;
}
