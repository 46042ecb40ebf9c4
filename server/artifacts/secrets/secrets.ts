// Replaces what looks like a key, a password or a private key by dots of the same length.
import { assignedSecrets } from "./secret_assignments.ts";
import { pemSecrets } from "./secret_pem.ts";
import { endOfRun } from "./secret_run.ts";
import { KEY_SHAPES } from "./secret_shapes.ts";

const DOT = "•";
/** Shorter known values would hide ordinary words. */
const MIN_KNOWN_CHARS = 6;
/** A key that fills its pattern may go on after it. */
const LONG_CHARS = 512;

export interface Masked {
  /** As long as the text that was given, line feeds where they were. */
  text: string;
  /** How many secrets are hidden. */
  count: number;
}

/**
 * Hides what looks like a secret, and every value in `known`, character for character. Takes time in proportion to the
 * text, whatever is in it. A secret without any mark of one stays: this is a net, not a proof.
 */
export function maskSecrets(text: string, known: readonly string[] = []): Masked {
  const secrets = [
    ...shapedSecrets(text),
    ...assignedSecrets(text).map((range) => [range]),
    ...pemSecrets(text),
    ...knownSecrets(text, known),
  ];
  const { ranges, count } = merge(secrets);
  if (ranges.length === 0) return { text, count: 0 };
  const parts: string[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    parts.push(text.slice(at, from), dots(text.slice(from, to)));
    at = to;
  }
  parts.push(text.slice(at));
  return { text: parts.join(""), count };
}

function dots(secret: string): string {
  return /\s/.test(secret) ? secret.replace(/\S/g, DOT) : DOT.repeat(secret.length);
}

type Range = [number, number];

function shapedSecrets(text: string): Range[][] {
  const found: Range[][] = [];
  for (const shape of KEY_SHAPES) {
    for (const match of text.matchAll(shape)) {
      const end = match.index + match[0].length;
      const key = match.groups?.["key"] ?? match[0];
      found.push([[end - key.length, key.length < LONG_CHARS ? end : endOfRun(text, end)]]);
    }
  }
  return found;
}

function knownSecrets(text: string, known: readonly string[]): Range[][] {
  const found: Range[][] = [];
  for (const value of known) {
    if (value.length < MIN_KNOWN_CHARS) continue;
    for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length)) {
      found.push([[at, at + value.length]]);
    }
  }
  return found;
}

/** One ascending list without overlaps; secrets that share characters count once. */
function merge(secrets: readonly Range[][]): { ranges: Range[]; count: number } {
  const pieces = secrets.flatMap((ranges, secret) => ranges.map(([from, to]) => ({ from, to, secret })));
  pieces.sort((a, b) => a.from - b.from);
  const ranges: Range[] = [];
  const swallowed = new Set<number>();
  let last: { to: number; secret: number } | undefined;
  for (const { from, to, secret } of pieces) {
    const range = ranges.at(-1);
    if (last !== undefined && range !== undefined && from < last.to) {
      if (secret !== last.secret) swallowed.add(secret);
      range[1] = last.to = Math.max(last.to, to);
    } else {
      ranges.push([from, to]);
      last = { to, secret };
    }
  }
  return { ranges, count: secrets.length - swallowed.size };
}
