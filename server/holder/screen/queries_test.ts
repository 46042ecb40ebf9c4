import assert from "node:assert/strict";
import { readRecording } from "./testing/recordings.ts";
import { ScreenProbe } from "./testing/screen_probe.ts";

const ANSWERS: [what: string, query: string, answer: string][] = [
  ["primary attributes", "\x1b[c", "\x1b[?1;2c"],
  ["secondary attributes", "\x1b[>c", "\x1b[>0;276;0c"],
  ["tertiary attributes", "\x1b[=c", "\x1bP!|00000000\x1b\\"],
  ["status", "\x1b[5n", "\x1b[0n"],
  ["cursor position", "ab\x1b[6n", "\x1b[1;3R"],
  ["cursor position, private", "\x1b[2;5H\x1b[?6n", "\x1b[?2;5R"],
  ["colour scheme", "\x1b[?996n", "\x1b[?997;1n"],
  ["a private mode that is set", "\x1b[?2004h\x1b[?2004$p", "\x1b[?2004;1$y"],
  ["a private mode that is not", "\x1b[?2026$p", "\x1b[?2026;2$y"],
  ["an unknown private mode", "\x1b[?9999$p", "\x1b[?9999;0$y"],
  ["a mode", "\x1b[4h\x1b[4$p", "\x1b[4;1$y"],
  ["version", "\x1b[>0q", "\x1bP>|xterm.js(6.0.0)\x1b\\"],
  ["text colour", "\x1b]10;?\x07", "\x1b]10;rgb:dcdc/dfdf/e4e4\x1b\\"],
  ["background", "\x1b]11;?\x1b\\", "\x1b]11;rgb:0c0c/0d0d/1010\x1b\\"],
  ["cursor colour", "\x1b]12;?\x07", "\x1b]12;rgb:e6e6/e7e7/eaea\x1b\\"],
  ["an ANSI colour", "\x1b]4;1;?\x07", "\x1b]4;1;rgb:f2f2/7777/7a7a\x1b\\"],
  ["a colour of the cube", "\x1b]4;196;?\x07", "\x1b]4;196;rgb:ffff/0000/0000\x1b\\"],
  ["a grey", "\x1b]4;255;?\x07", "\x1b]4;255;rgb:eeee/eeee/eeee\x1b\\"],
  ["a changed colour", "\x1b]4;1;#010203\x07\x1b]4;1;?\x07", "\x1b]4;1;rgb:0101/0202/0303\x1b\\"],
  ["a restored colour", "\x1b]11;#ffffff\x07\x1b]111\x07\x1b]11;?\x07", "\x1b]11;rgb:0c0c/0d0d/1010\x1b\\"],
  ["attributes", "\x1b[1;4:3;31;48;2;1;2;3m\x1bP$qm\x1b\\", "\x1bP1$r0;1;4:3;31;48;2;1;2;3m\x1b\\"],
  ["margins", "\x1b[2;5r\x1bP$qr\x1b\\", "\x1bP1$r2;5r\x1b\\"],
  ["cursor shape", "\x1b[5 q\x1bP$q q\x1b\\", "\x1bP1$r5 q\x1b\\"],
  ["an unknown setting", "\x1bP$qz\x1b\\", "\x1bP0$r\x1b\\"],
  ["program status", "\x1b]7501;?\x07", "\x1b]7501;?\x1b\\"],
];

for (const [what, query, answer] of ANSWERS) {
  Deno.test(`a screen answers: ${what}`, () => {
    const probe = new ScreenProbe();
    probe.write(query);
    assert.equal(probe.takeReplies(), answer);
  });
}

Deno.test("answers come in the order of the queries, across pieces of output", () => {
  const probe = new ScreenProbe();
  probe.write("\x1b[6n\x1b[");
  probe.write("c\x1b]11;?\x07");
  assert.equal(probe.takeReplies(), "\x1b[1;1R\x1b[?1;2c\x1b]11;rgb:0c0c/0d0d/1010\x1b\\");
});

Deno.test("clipboard, titles, window sizes and keyboard flags are never told", () => {
  const probe = new ScreenProbe();
  probe.write("\x1b]0;title\x07\x1b]52;c;?\x07\x1b]52;c;YQ==\x07\x1b[?u");
  for (const report of [11, 13, 14, 15, 16, 18, 19, 20, 21]) probe.write(`\x1b[${report}t`);
  assert.equal(probe.takeReplies(), "");
});

Deno.test("answers to one write are limited", () => {
  const probe = new ScreenProbe();
  probe.write("\x1b[c".repeat(100_000));
  assert.ok(probe.takeReplies().length <= 16 * 1024);
});

Deno.test("a real agent's start is answered once per query", () => {
  const probe = new ScreenProbe({ cols: 120, rows: 40 });
  for (const bytes of readRecording("claude-permission-question-interrupt-osc7501")) probe.write(bytes);
  const replies = probe.takeReplies();
  assert.equal(replies.split("\x1b]7501;?\x1b\\").length - 1, 1);
  assert.equal(replies.split("xterm.js").length - 1, 1);
  assert.equal(replies.split("\x1b[?1;2c").length - 1, 1);
});
