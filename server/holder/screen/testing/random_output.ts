// Random terminal output in which the rare and the awkward is common.
import { Random } from "./random.ts";

/** A piece of output, or a change of size between two pieces. */
export type OutputStep = { bytes: Uint8Array } | { cols: number; rows: number };

type Token = (random: Random) => string | Uint8Array;

const CHARACTERS = [
  ..."abcdefghijklmnopqrstuvwxyz`{|}~#@[]^_ ABC0123",
  ..."éñ─│┌…“”●",
  ..."世界中文字한글ｱ",
  "\u0301",
  "\u0308\u0301",
  "e\u0301",
  "\u200d",
  "\ufe0f",
  "❤\ufe0f",
  "👍",
  "👍🏽",
  "👨‍👩‍👧",
  "🇩🇪",
  "🇩",
  "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  "\u0600",
  "\u0903",
  "ก\u0e33",
  "\u1100",
  "\u1161",
  "\u11a8",
  "\u00a0",
  "\u200b",
  "\ufeff",
  "\u{10ffff}",
];

const number: (random: Random) => string = (random) =>
  random.chance(0.2) ? "" : `${random.pick([0, 1, 1, 2, 3, 4, 5, 7, 9, 12, 25, 80, 999])}`;

const numbers = (random: Random, most: number) =>
  Array.from({ length: random.below(most + 1) }, () => number(random)).join(";");

const terminator = (random: Random) => random.pick(["\x07", "\x1b\\", "\u009c", "\x07", "\x18", "\x1b"]);

function text(random: Random): string {
  return Array.from({ length: random.between(1, 14) }, () => random.pick(CHARACTERS)).join("");
}

function color(random: Random, code: number): string {
  return random.pick([
    `${code};5;${random.below(256)}`,
    `${code};2;${random.below(256)};${random.below(256)};${random.below(256)}`,
    `${code}:2::${random.below(256)}:${random.below(256)}:${random.below(256)}`,
    `${code}:5:${random.below(256)}`,
  ]);
}

function sgr(random: Random): string {
  const codes = Array.from({ length: random.below(4) }, () =>
    random.pick([
      `${random.below(10)}`,
      `${random.between(20, 60)}`,
      `${random.between(30, 49)}`,
      `${random.between(90, 107)}`,
      `4:${random.below(7)}`,
      color(random, random.pick([38, 48, 58])),
    ]));
  return `\x1b[${codes.join(";")}m`;
}

const PRIVATE_MODES = [
  ...[1, 3, 6, 7, 9, 12, 25, 45, 66, 1000, 1002, 1003, 1004, 1006, 1015, 1016, 2004, 2026, 2031, 2],
];
const ALTERNATE_MODES = [47, 1047, 1048, 1049];

/** Kinds of tokens; every stream draws from some of them only, so that states can build up. */
const KINDS: Record<string, Token[]> = {
  text: [
    text,
    (random) => "x".repeat(random.between(1, 50)),
    (random) => random.pick(["世", "a世", "世b"]).repeat(9),
  ],
  lines: [() => "\r\n", () => "\n", () => "\r", (random) => "\r\n".repeat(random.between(1, 9))],
  controls: [
    (random) => random.pick(["\b", "\t", "\v", "\f", "\x00", "\x07", "\x18", "\x1a", "\x7f", "\x05"]),
  ],
  c1: [
    (random) =>
      random.pick(["\u0084", "\u0085", "\u0088", "\u008d", "\u009c", "\u0099", "\x1bD", "\x1bE", "\x1bM"]),
  ],
  moves: [
    (random) => `\x1b[${number(random)}${random.pick([..."ABCDEFGIZ`ade"])}`,
    (random) => `\x1b[${number(random)};${number(random)}${random.pick(["H", "f"])}`,
  ],
  edits: [
    (random) => `\x1b[${number(random)}${random.pick([..."@PLMSTX"])}`,
    (random) => `\x1b[${random.below(4)}${random.pick(["J", "K"])}`,
    (random) => `\x1b[${number(random)}${random.pick([" @", " A", "'}", "'~"])}`,
  ],
  repeat: [(random) => `${random.pick(CHARACTERS)}\x1b[${number(random)}b`],
  protect: [
    (random) => `\x1b[${random.below(3)}"q`,
    (random) => `\x1b[?${random.below(3)}${random.pick(["J", "K"])}`,
  ],
  colors: [sgr, sgr, () => "\x1b[m"],
  margins: [
    (random) => `\x1b[${random.below(9)};${random.below(12)}r`,
    () => "\x1b[r",
    () => "\x1b[?6h",
    () => "\x1b[?6l",
  ],
  modes: [
    (random) => `\x1b[?${random.pick(PRIVATE_MODES)}${random.pick(["h", "l"])}`,
    (random) => `\x1b[${random.pick([4, 20, 2])}${random.pick(["h", "l"])}`,
    (random) => random.pick(["\x1b=", "\x1b>", "\x1b[?1;25;2004h"]),
  ],
  insert: [() => "\x1b[4h", () => "\x1b[4l", () => "\x1b[?7l", () => "\x1b[?7h", () => "\x1b[?45h"],
  alternate: [(random) => `\x1b[?${random.pick(ALTERNATE_MODES)}${random.pick(["h", "l"])}`],
  saved: [(random) => random.pick(["\x1b7", "\x1b8", "\x1b[s", "\x1b[u", "\x1b[?1048h", "\x1b[?1048l"])],
  charsets: [
    (random) => `\x1b${random.pick([..."()*+-./"])}${random.pick([..."0AB45CRQKYEZH=6"])}`,
    (random) =>
      random.pick(["\x0e", "\x0f", "\x1bn", "\x1bo", "\x1b|", "\x1b}", "\x1b~", "\x1b%G", "\x1b%@"]),
  ],
  tabs: [() => "\x1bH", () => "\t", (random) => `\x1b[${random.pick([0, 3, 2])}g`],
  links: [
    (random) =>
      `\x1b]8;${random.pick(["", "id=a", "id=b:x=y"])};https://x.y/${random.below(3)}${terminator(random)}`,
    () => "\x1b]8;;\x07",
  ],
  osc: [
    (random) =>
      `\x1b]${random.pick([0, 1, 2, 4, 9, 10, 11, 12, 52, 99, 104, 110, 777, 7501])};${text(random)}${
        terminator(random)
      }`,
    (random) =>
      `\x1b]4;${random.below(300)};${random.pick(["#123456", "rgb:1/2/3", "?", "x"])}${terminator(random)}`,
    (random) => `\x1b]1${random.below(3)};${random.pick(["#123456", "?"])}${terminator(random)}`,
  ],
  strings: [
    (random) =>
      `\x1b${random.pick(["P", "P$q", "P1;2|", "_", "^", "X"])}${text(random)}${terminator(random)}`,
    (random) => `\x1bP$q${random.pick(["m", "r", " q", '"q'])}\x1b\\`,
  ],
  cursor: [(random) => `\x1b[${random.below(9)} q`, () => "\x1b[?25l", () => "\x1b[?25h", () => "\x1b[?12h"],
  keys: [(random) => random.pick(["\x1b[>7u", "\x1b[<u", "\x1b[=5;2u", "\x1b[>4;2m", "\x1b[?u"])],
  resets: [(random) => random.pick(["\x1b[!p", "\x1b[!p", "\x1bc", "\x1b#8"])],
  queries: [
    (random) =>
      random.pick(["\x1b[c", "\x1b[>c", "\x1b[6n", "\x1b[?6n", "\x1b[?25$p", "\x1b[4$p", "\x1b[>q"]),
  ],
  anyCsi: [
    (random) =>
      `\x1b[${random.pick(["", "", "?", ">", "=", "<"])}${numbers(random, 3)}${
        random.pick(["", "", " ", "$", "!", "\n"])
      }${String.fromCharCode(random.between(0x40, 0x7e))}`,
    (random) => `\u009b${numbers(random, 2)}${String.fromCharCode(random.between(0x40, 0x7e))}`,
    (random) => `\x1b${String.fromCharCode(random.between(0x20, 0x7e))}`,
  ],
  broken: [
    (random) => Uint8Array.from({ length: random.between(1, 6) }, () => random.below(256)),
    (random) => Uint8Array.from({ length: random.between(1, 3) }, () => random.between(0x80, 0xff)),
    (random) => new TextEncoder().encode(text(random)).subarray(random.below(3)),
    () => "\x1b[",
    () => "\x1b[1;",
    () => "\x1b",
  ],
};

export interface RandomOutputOptions {
  steps: number;
  /** Leave out changes of size. */
  fixedSize?: boolean;
}

/** The size to start with, and the steps. */
export function randomOutput(
  random: Random,
  { steps, fixedSize = false }: RandomOutputOptions,
): { cols: number; rows: number; scrollback: number; steps: OutputStep[] } {
  const kinds = Object.values(KINDS).filter(() => random.chance(0.35));
  const tokens = [...kinds, KINDS.text ?? [], KINDS.lines ?? []];
  const resizes = !fixedSize && random.chance(0.3);
  const size = randomSize(random);
  const encoder = new TextEncoder();
  const output: OutputStep[] = [];
  for (let step = 0; step < steps; step++) {
    if (resizes && random.chance(0.03)) output.push(randomSize(random));
    const token = random.pick(random.pick(tokens))(random);
    output.push({ bytes: typeof token === "string" ? encoder.encode(token) : token });
  }
  return { ...size, scrollback: random.pick([0, 1, 5, 20, 60]), steps: output };
}

function randomSize(random: Random): { cols: number; rows: number } {
  return {
    cols: random.pick([2, 3, 5, 8, 10, 17, 20, 40]),
    rows: random.chance(0.02) ? 1 : random.pick([2, 2, 3, 4, 6, 9, 12]),
  };
}
