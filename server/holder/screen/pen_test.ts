import assert from "node:assert/strict";
import { type Attributes, Pen, PLAIN } from "./pen.ts";
import { penOf } from "./screen_writer.ts";
import { PlainTerminal } from "./testing/plain_terminal.ts";
import { Random } from "./testing/random.ts";

const encoder = new TextEncoder();
const RANDOM_PENS = 2000;

const SEQUENCES = [
  ...[
    "0",
    "1",
    "2",
    "3",
    "4",
    "4:3",
    "5",
    "7",
    "8",
    "9",
    "21",
    "22",
    "24",
    "27",
    "31",
    "39",
    "42",
    "49",
    "53",
    "59",
  ],
  ...["90", "107", "38;5;9", "48;5;200", "38;2;1;2;3", "48;2;250;0;9", "58;2;9;8;7", "58;5;77", "55", "29"],
].map((codes) => `\x1b[${codes}m`);
const OTHERS = ['\x1b[1"q', '\x1b[0"q', "\x1b]8;;https://a/\x07", "\x1b]8;;\x07", "\x1b7", "\x1b8"];

function shape(): { cols: number; rows: number; scrollback: number } {
  return { cols: 10, rows: 2, scrollback: 0 };
}

/** A pen as programs can make it: by any attributes in any order, saved and restored in between. */
function randomPen(random: Random): Attributes {
  const terminal = new PlainTerminal(shape());
  for (let count = random.between(1, 12); count > 0; count--) {
    terminal.write(encoder.encode(random.pick(random.chance(0.7) ? SEQUENCES : OTHERS)));
  }
  return penOf(terminal.core);
}

function comparable({ fg, bg, ext, link }: Attributes): string {
  return `${fg >>> 0} ${bg >>> 0} ${ext >>> 0} ${link !== 0}`;
}

Deno.test("a pen writes the way from any attributes to any others, bit for bit", () => {
  const random = new Random(7);
  const terminal = new PlainTerminal(shape());
  const pen = new Pen({ linkData: () => ({ uri: "https://a/" }) });
  for (let count = 0; count < RANDOM_PENS; count++) {
    const target = randomPen(random);
    terminal.write(encoder.encode(pen.to(target)));
    assert.equal(comparable(penOf(terminal.core)), comparable(target), `pen ${count}`);
  }
});

Deno.test("the way to where it is is empty, and that to plain is a reset", () => {
  const pen = new Pen({ linkData: () => undefined });
  assert.equal(pen.to(PLAIN), "");
  assert.equal(pen.to({ ...PLAIN, fg: 0x1000001 }), "\x1b[31m");
  assert.equal(pen.to(PLAIN), "\x1b[m");
});
