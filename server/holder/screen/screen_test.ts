import assert from "node:assert/strict";
import { PlainTerminal } from "./testing/plain_terminal.ts";
import { ScreenProbe } from "./testing/screen_probe.ts";
import { findDifference } from "./testing/compare_terminals.ts";

const MIB = 1 << 20;

function firstLine(probe: ScreenProbe): string | undefined {
  return probe.screen.text()[0];
}

Deno.test("a screen shows the text of its output", () => {
  const probe = new ScreenProbe({ cols: 10, rows: 3 });
  probe.write("one\r\n\x1b[31mtwo\x1b[m  \r\nthree");
  assert.deepEqual(probe.screen.text(), ["one", "two  ", "three"]);
});

Deno.test("characters and sequences may be split anywhere", () => {
  const probe = new ScreenProbe();
  for (const byte of new TextEncoder().encode("… — \x1b[1;31mü世👍🏽\x1b]0;t\x1b\\!")) {
    probe.write(Uint8Array.of(byte));
  }
  assert.equal(firstLine(probe), "… — ü世👍🏽!");
});

Deno.test("output that does not follow what was written throws", () => {
  const probe = new ScreenProbe();
  probe.write("abc");
  assert.throws(() => probe.screen.write(new Uint8Array(2), 9), RangeError);
});

Deno.test("a snapshot is of the last offset where nothing is half done", () => {
  const probe = new ScreenProbe();
  probe.write("abc\x1b[3");
  assert.equal(probe.screen.snapshot().offset, 3);
  assert.equal(probe.screen.end, 6);
  probe.write("1mred");
  assert.equal(probe.screen.snapshot().offset, 11);
});

Deno.test("a sequence without end is parsed in the long run, and the snapshot stays before it", () => {
  const probe = new ScreenProbe();
  probe.write("abc\x1b]0;");
  const chunk = "x".repeat(64 * 1024);
  for (let written = 0; written < 12 * MIB; written += chunk.length) probe.write(chunk);
  assert.deepEqual([probe.screen.snapshot().offset, probe.screen.offset], [3, 3]);
  const end = probe.write("\x07def");
  assert.equal(probe.screen.snapshot().offset, end);
  assert.equal(firstLine(probe), "abcdef");
});

Deno.test("a character split where an endless sequence is given up stays whole", () => {
  const probe = new ScreenProbe();
  probe.write("\x1b]0;" + "x".repeat(MIB));
  probe.write(Uint8Array.of(0xe2));
  probe.write(Uint8Array.of(0x80));
  probe.write(Uint8Array.of(0xa6, 0x07, 0xe2));
  probe.write(Uint8Array.of(0x80, 0xa6));
  assert.equal(firstLine(probe), "…");
});

Deno.test("a resize comes behind everything written", () => {
  const probe = new ScreenProbe({ cols: 10, rows: 2 });
  probe.write("0123456789ab");
  probe.screen.resize(20, 2);
  assert.deepEqual({ ...probe.screen.snapshot(), ansi: "" }, {
    offset: 12,
    cols: 20,
    rows: 2,
    ansi: "",
    exact: true,
  });
  assert.equal(firstLine(probe), "0123456789");
});

Deno.test("a restored screen goes on as if it had never been away", () => {
  const [away, stayed] = [new ScreenProbe({ rows: 5 }), new ScreenProbe({ rows: 5 })];
  const before =
    "\x1b]0;title\x07one\r\n\x1b[?1049h\x1b[2;4r\x1b[?25l\x1b[?2031h\x1b[>1u\x1b]4;1;#123456\x07\x1b[32mtwo";
  away.write(before);
  stayed.write(before);
  const { offset, ansi } = away.screen.snapshot();
  const back = new ScreenProbe({ rows: 5 }, { offset, ansi });
  assert.deepEqual([back.replies, back.notices], ["", []]);
  for (const probe of [back, stayed]) probe.write("\r\nthree\x1b[?1049l\x1b]4;1;?\x07");
  assert.deepEqual(back.screen.snapshot(), stayed.screen.snapshot());
  assert.equal(back.takeReplies(), stayed.takeReplies());
});

Deno.test("a restored screen is quiet about what was dealt with before", () => {
  const probe = new ScreenProbe({}, { offset: 100, ansi: "abc", quietUntil: 110 });
  probe.write("\x1b[c\x07      \x1b");
  assert.deepEqual([probe.screen.end, probe.replies, probe.notices], [111, "", []]);
  probe.write("[c\x07");
  assert.deepEqual([probe.replies, probe.notices], ["\x1b[?1;2c", [{ type: "bell", offset: 114 }]]);
});

Deno.test("the screen before a program left the alternate buffer is kept, and exact", () => {
  const probe = new ScreenProbe({ rows: 4, scrollback: 10 });
  probe.write("shell\r\n\x1b[?1049h\x1b[H\x1b[31mfull screen\x1b[?25h");
  const before = probe.screen.snapshot();
  probe.write("\x1b[?1;1049lback");
  const last = probe.screen.lastScreen;
  assert.equal(last?.offset, before.offset);
  assert.match(last.ansi, /full screen/);
  const terminal = PlainTerminal.from(last, 10);
  assert.equal(findDifference(terminal.core, PlainTerminal.from(before, 10).core), undefined);
  terminal.write(new TextEncoder().encode("\x1b[?1;1049lback"));
  assert.equal(
    findDifference(terminal.core, PlainTerminal.from(probe.screen.snapshot(), 10).core),
    undefined,
  );
});

Deno.test("switching buffers in a loop is cheap and keeps an early screen", () => {
  const probe = new ScreenProbe();
  probe.write("\x1b[?1049hx\x1b[?1049l".repeat(3000));
  assert.ok(probe.screen.lastScreen !== undefined);
});

Deno.test("huge repetitions end as they would have, at once", () => {
  const endless = [
    "\x1b[2147483647b",
    "\x1b[999999999S",
    "\x1b[999999999T",
    "\x1b[99999999L",
    "\x1b[99999999M",
  ];
  const probe = new ScreenProbe({ cols: 40, rows: 6 });
  probe.write(
    endless.map((sequence) => `a世${sequence}👨‍👩‍👧${sequence}\x1b[999999999I\x1b[999999999Z`).join("\r\n"),
  );
  assert.equal(probe.screen.text().length, 6);
});

Deno.test("a character with marks without end stays small", () => {
  const probe = new ScreenProbe();
  probe.write("e" + "\u0301".repeat(100_000));
  assert.ok((firstLine(probe) ?? "").length <= 130);
});

Deno.test("links without end in one line stay few", () => {
  const probe = new ScreenProbe();
  probe.write("\x1b]8;;https://a.b/\x07x\x1b]8;;\x07\r".repeat(20_000));
  assert.match(probe.screen.snapshot().ansi, /x/);
  assert.doesNotMatch(probe.screen.snapshot().ansi, /a\.b/);
});

Deno.test("erasing above from the last cell works although xterm fails there", () => {
  const probe = new ScreenProbe({ cols: 4, rows: 3 });
  probe.write("aaaa\r\nbbbb\r\ncccc\x1b[1Jd");
  assert.deepEqual(probe.screen.text(), ["", "", "d"]);
});
