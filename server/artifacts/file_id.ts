// The names of files in calls: the path's bytes, percent-encoded. Nothing that leads out of a work tree is one.
import { AppError } from "../errors.ts";

const MAX_ID_CHARACTERS = 3 * 4096;
const HEX_PAIR = /^[0-9a-fA-F]{2}$/;

/** The bytes of a path inside a work tree. Throws `invalid` for anything else. */
export function decodeFileId(id: string): Uint8Array {
  const bytes = decodePercents(id);
  if (!bytes || !isInside(bytes)) {
    throw new AppError("invalid", "This is not the name of a file in a work tree", { field: "file" });
  }
  return bytes;
}

function decodePercents(id: string): Uint8Array | undefined {
  if (id.length > MAX_ID_CHARACTERS) return undefined;
  const bytes: number[] = [];
  for (let at = 0; at < id.length; at++) {
    if (id[at] !== "%") {
      bytes.push(...new TextEncoder().encode(id[at]));
      continue;
    }
    const pair = id.slice(at + 1, at + 3);
    if (!HEX_PAIR.test(pair)) return undefined;
    bytes.push(parseInt(pair, 16));
    at += 2;
  }
  return Uint8Array.from(bytes);
}

/** A relative path, without a step up and without a `.git` in it, however that is written. */
function isInside(bytes: Uint8Array): boolean {
  if (bytes.length === 0 || bytes.includes(0)) return false;
  const steps = new TextDecoder("latin1").decode(bytes).split("/");
  return steps.every((step) => step !== "" && step !== "." && step !== ".." && step.toLowerCase() !== ".git");
}
