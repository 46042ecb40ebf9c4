// Names of files as git has them: bytes. Inside this room a path is a string with one character per byte.
import { Buffer } from "node:buffer";

/** A path relative to the root of a work tree, one character (0 to 255) per byte. */
export type BytePath = string;

const ESCAPED = /[^A-Za-z0-9._~/-]/g;
/** Control characters, and marks that change the direction of text or show nothing. */
const UNPRINTABLE = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

export function bytePathOf(bytes: Uint8Array): BytePath {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

export function bytesOfPath(path: BytePath): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(path, "latin1"));
}

/** From a name as the runtime has it, which is Unicode. */
export function bytePathOfText(text: string): BytePath {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The name as the runtime can open it; undefined when the bytes are not UTF-8. */
export function openableName(path: BytePath): string | undefined {
  const text = Buffer.from(path, "latin1").toString("utf8");
  return bytePathOfText(text) === path ? text : undefined;
}

/** The id that names the file in calls: its bytes, percent-encoded. */
export function fileIdOf(path: BytePath): string {
  return path.replace(
    ESCAPED,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/** The path that an id names; undefined for what is not an id. */
export function pathOfFileId(id: string): BytePath | undefined {
  if (!/^(?:[A-Za-z0-9._~/-]|%[0-9A-Fa-f]{2})+$/.test(id)) return undefined;
  const path = id.replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return isPlainPath(path) ? path : undefined;
}

/** Whether a path stays below the root and names no part of a repository. */
export function isPlainPath(path: BytePath): boolean {
  return path !== "" && !path.includes("\0") &&
    path.split("/").every((part) => !["", ".", ".."].includes(part) && part.toLowerCase() !== ".git");
}

/** For people: bytes that are not UTF-8, control and direction characters escaped. */
export function shownPath(path: BytePath): string {
  const text = openableName(path) ?? escapeInvalid(path);
  return text.replace(UNPRINTABLE, (mark) => escapeCodePoint(mark.codePointAt(0) ?? 0));
}

/** Valid stretches as text, every other byte as `\xNN`. */
function escapeInvalid(path: BytePath): string {
  const valid =
    // deno-lint-ignore no-control-regex -- bytes
    /[\x00-\x7f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\s\S]/g;
  return path.replace(valid, (part) => openableName(part) ?? escapeCodePoint(part.charCodeAt(0)));
}

function escapeCodePoint(code: number): string {
  return code <= 0xff
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** The fields of git's `-z` output. */
export function splitNul(bytes: Uint8Array): BytePath[] {
  const fields = bytePathOf(bytes).split("\0");
  if (fields.at(-1) === "") fields.pop();
  return fields;
}

/** Input for `-z --stdin`. */
export function joinNul(paths: readonly BytePath[]): Uint8Array<ArrayBuffer> {
  return bytesOfPath(paths.length === 0 ? "" : paths.join("\0") + "\0");
}
