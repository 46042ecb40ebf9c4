// Follows terminal output byte by byte, as xterm's parser does, to tell where nothing is left half done. No I/O.

/** States of the parser; the numbers are those of xterm. */
const STATE = {
  ground: 0,
  escape: 1,
  escapeIntermediate: 2,
  csiEntry: 3,
  csiParam: 4,
  csiIntermediate: 5,
  csiIgnore: 6,
  string: 7,
  osc: 8,
  dcsEntry: 9,
  dcsParam: 10,
  dcsIgnore: 11,
  dcsIntermediate: 12,
  dcsPassthrough: 13,
} as const;

const STATES = 14;
/** Stands for every code point from here on: only smaller ones control anything. */
const PRINTABLE = 0xa0;

const BEL = 0x07;
const ESC = 0x1b;

type Rule = [state: number, ranges: [first: number, last: number][], next: number];

const C0: [number, number][] = [[0x00, 0x17], [0x19, 0x19], [0x1c, 0x1f]];
const INTERMEDIATE: [number, number][] = [[0x20, 0x2f]];
const PARAMETER: [number, number][] = [[0x30, 0x3b]];
const PREFIX: [number, number][] = [[0x3c, 0x3f]];

/** Every transition that does not lead to ground. */
const RULES: Rule[] = [
  [STATE.escape, [...C0, [0x7f, 0x7f]], STATE.escape],
  [STATE.escape, INTERMEDIATE, STATE.escapeIntermediate],
  [STATE.escape, [[0x50, 0x50]], STATE.dcsEntry],
  [STATE.escape, [[0x58, 0x58], [0x5e, 0x5f]], STATE.string],
  [STATE.escape, [[0x5b, 0x5b]], STATE.csiEntry],
  [STATE.escape, [[0x5d, 0x5d]], STATE.osc],
  [STATE.escapeIntermediate, [...C0, ...INTERMEDIATE, [0x7f, 0x7f]], STATE.escapeIntermediate],
  [STATE.csiEntry, [...C0, [0x7f, 0x7f]], STATE.csiEntry],
  [STATE.csiEntry, [...PARAMETER, ...PREFIX], STATE.csiParam],
  [STATE.csiEntry, INTERMEDIATE, STATE.csiIntermediate],
  [STATE.csiParam, [...C0, ...PARAMETER, [0x7f, 0x7f]], STATE.csiParam],
  [STATE.csiParam, PREFIX, STATE.csiIgnore],
  [STATE.csiParam, INTERMEDIATE, STATE.csiIntermediate],
  [STATE.csiIntermediate, [...C0, ...INTERMEDIATE, [0x7f, 0x7f]], STATE.csiIntermediate],
  [STATE.csiIntermediate, [...PARAMETER, ...PREFIX], STATE.csiIgnore],
  [STATE.csiIgnore, [...C0, [0x20, 0x3f], [0x7f, 0x7f], [PRINTABLE, PRINTABLE]], STATE.csiIgnore],
  [STATE.string, [...C0, [0x20, 0x7f]], STATE.string],
  [STATE.osc, [[0x00, 0x06], [0x08, 0x17], [0x19, 0x19], [0x1c, 0x7f], [PRINTABLE, PRINTABLE]], STATE.osc],
  [STATE.dcsEntry, [...C0, [0x7f, 0x7f]], STATE.dcsEntry],
  [STATE.dcsEntry, [...PARAMETER, ...PREFIX], STATE.dcsParam],
  [STATE.dcsEntry, INTERMEDIATE, STATE.dcsIntermediate],
  [STATE.dcsEntry, [[0x40, 0x7e]], STATE.dcsPassthrough],
  [STATE.dcsParam, [...C0, ...PARAMETER, [0x7f, 0x7f]], STATE.dcsParam],
  [STATE.dcsParam, PREFIX, STATE.dcsIgnore],
  [STATE.dcsParam, INTERMEDIATE, STATE.dcsIntermediate],
  [STATE.dcsParam, [[0x40, 0x7e]], STATE.dcsPassthrough],
  [STATE.dcsIntermediate, [...C0, ...INTERMEDIATE, [0x7f, 0x7f]], STATE.dcsIntermediate],
  [STATE.dcsIntermediate, [...PARAMETER, ...PREFIX], STATE.dcsIgnore],
  [STATE.dcsIntermediate, [[0x40, 0x7e]], STATE.dcsPassthrough],
  [STATE.dcsIgnore, [...C0, [0x20, 0x7f], [PRINTABLE, PRINTABLE]], STATE.dcsIgnore],
  [STATE.dcsPassthrough, [...C0, [0x20, 0x7f], [PRINTABLE, PRINTABLE]], STATE.dcsPassthrough],
];

/** Codes that begin something whatever came before. */
const ANYWHERE: [code: number, next: number][] = [
  [ESC, STATE.escape],
  [0x90, STATE.dcsEntry],
  [0x98, STATE.string],
  [0x9b, STATE.csiEntry],
  [0x9d, STATE.osc],
  [0x9e, STATE.string],
  [0x9f, STATE.string],
];

const TRANSITIONS = buildTransitions();

/** What `scan` found in a piece of output. */
export interface Scan {
  /** Bytes of the piece that end with nothing half done. */
  complete: number;
  /** Ascending positions in the piece where it is worth to stop: around mode changes, behind OSC and bells. */
  cuts: number[];
}

export class SequenceTracker {
  #state: number = STATE.ground;
  /** A control sequence with the prefix `?` that may set or reset modes. */
  #isPrivate = false;
  #hasOsc = false;
  /** The UTF-8 sequence under way: its length, the bytes seen, its value so far. */
  #length = 0;
  #seen = 0;
  #codePoint = 0;

  /** The parser's state, numbered like xterm's; 0 is ground. */
  get state(): number {
    return this.#state;
  }

  /** Bytes at the end of what was scanned that do not make a character yet. */
  get partialBytes(): number {
    return this.#seen;
  }

  /** Takes the next piece of output. */
  scan(bytes: Uint8Array): Scan {
    const cuts: number[] = [];
    let start = this.#isComplete ? -1 : 0;
    let hasBell = false;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#state === STATE.ground && this.#seen === 0 && byte < 0x80 && byte !== ESC) {
        if (byte === BEL && !hasBell) {
          hasBell = true;
          cuts.push(at + 1);
        }
        continue;
      }
      if (start < 0) start = at;
      if (byte < 0x80) {
        if (this.#seen > 0 && this.#state === STATE.ground) start = at;
        this.#seen = 0;
        this.#step(byte, { at, start, cuts });
      } else {
        const code = this.#decode(byte);
        if (code !== undefined) this.#step(code, { at, start, cuts });
        else if (this.#seen === 1 && this.#state === STATE.ground) start = at;
      }
      if (this.#isComplete) start = -1;
    }
    return { complete: start < 0 ? bytes.length : start, cuts };
  }

  get #isComplete(): boolean {
    return this.#state === STATE.ground && this.#seen === 0;
  }

  #step(code: number, { at, start, cuts }: { at: number; start: number; cuts: number[] }): void {
    const before = this.#state;
    const next = TRANSITIONS[before << 8 | Math.min(code, PRINTABLE)] ?? STATE.ground;
    if (next === STATE.osc) this.#hasOsc = true;
    if (next === STATE.csiEntry) this.#isPrivate = false;
    else if (before === STATE.csiEntry && next === STATE.csiParam) this.#isPrivate = code === 0x3f;
    this.#state = next;
    if (next !== STATE.ground) return;
    if (before === STATE.csiParam && this.#isPrivate && (code === 0x68 || code === 0x6c)) {
      if (start > 0) cuts.push(start);
      cuts.push(at + 1);
    } else if (this.#hasOsc) cuts.push(at + 1);
    this.#hasOsc = false;
  }

  /** Adds a byte from 0x80 up; the code point when it completes one that the parser gets to see. */
  #decode(byte: number): number | undefined {
    if ((byte & 0xc0) !== 0x80) {
      this.#begin(byte);
      return undefined;
    }
    if (this.#seen === 0) return undefined;
    this.#codePoint = this.#codePoint << 6 | byte & 0x3f;
    this.#seen++;
    if (this.#length === 2 && this.#codePoint < 0x80) this.#seen = 0;
    if (this.#seen < this.#length) return undefined;
    this.#seen = 0;
    return isShown(this.#codePoint, this.#length) ? this.#codePoint : undefined;
  }

  #begin(byte: number): void {
    this.#length = (byte & 0xe0) === 0xc0 ? 2 : (byte & 0xf0) === 0xe0 ? 3 : (byte & 0xf8) === 0xf0 ? 4 : 0;
    this.#seen = this.#length === 0 ? 0 : 1;
    this.#codePoint = byte & (0x7f >> this.#length);
  }
}

/** Overlong forms, surrogates, byte order marks and what lies beyond Unicode are dropped before parsing. */
function isShown(codePoint: number, length: number): boolean {
  if (length === 2) return codePoint >= 0x80;
  if (length === 4) return codePoint >= 0x10000 && codePoint <= 0x10ffff;
  return codePoint >= 0x800 && codePoint !== 0xfeff && !(codePoint >= 0xd800 && codePoint <= 0xdfff);
}

function buildTransitions(): Uint8Array {
  const table = new Uint8Array(STATES << 8);
  for (const [state, ranges, next] of RULES) {
    for (const [first, last] of ranges) table.fill(next, state << 8 | first, (state << 8 | last) + 1);
  }
  for (let state = 0; state < STATES; state++) {
    for (const [code, next] of ANYWHERE) table[state << 8 | code] = next;
  }
  return table;
}
