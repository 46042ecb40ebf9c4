import assert from "node:assert/strict";
import type { NoticeBody } from "./notices.ts";
import { readRecording } from "./testing/recordings.ts";
import { ScreenProbe } from "./testing/screen_probe.ts";

function noticesOf(output: string): NoticeBody[] {
  const probe = new ScreenProbe();
  probe.write(output);
  return probe.takeNotices().map(({ offset: _offset, ...body }) => body as NoticeBody);
}

const CASES: [what: string, output: string, notices: NoticeBody[]][] = [
  ["a bell", "a\x07", [{ type: "bell" }]],
  ["a title", "\x1b]0;✳ Claude Code\x07", [{ type: "title", title: "✳ Claude Code" }]],
  ["a title with control and direction characters", "\x1b]2;a\u202eb\u2066c\x07", [{
    type: "title",
    title: "abc",
  }]],
  ["OSC 9", "\x1b]9;done\x07", [{ type: "notification", source: "osc9", title: "", text: "done" }]],
  ["a progress bar", "\x1b]9;4;1;50\x07", []],
  ["OSC 777", "\x1b]777;notify;Build;a;b\x07", [
    { type: "notification", source: "osc777", title: "Build", text: "a;b" },
  ]],
  ["another OSC 777", "\x1b]777;other;x\x07", []],
  ["OSC 99", "\x1b]99;i=1;Hello\x1b\\", [{
    type: "notification",
    source: "osc99",
    title: "Hello",
    text: "",
  }]],
  [
    "OSC 99 in parts",
    "\x1b]99;i=1:d=0;Hel\x1b\\\x1b]99;i=1:d=0;lo\x1b\\\x1b]99;i=1:p=body:e=1;V29ybGQ=\x1b\\",
    [
      { type: "notification", source: "osc99", title: "Hello", text: "World" },
    ],
  ],
  ["an OSC 99 query", "\x1b]99;i=1:p=?;\x1b\\", []],
  ["a status", "\x1b]7501;state=working:app=codex\x1b\\", [
    { type: "status", state: "working", app: "codex", kind: "", message: "" },
  ]],
  [
    "a status with a message",
    "\x1b]7501;state=blocked:app=x:kind=question:msg=YW5zd2VyOiBXaGljaCBjb2xvdXI/\x07",
    [
      { type: "status", state: "blocked", app: "x", kind: "question", message: "answer: Which colour?" },
    ],
  ],
  ["a status whose message is no base64", "\x1b]7501;state=blocked:msg=%%%%\x07", [
    { type: "status", state: "blocked", app: "", kind: "", message: "" },
  ]],
  ["a status query", "\x1b]7501;?\x07", []],
  ["a clipboard write", "\x1b]52;c;aGVsbG8h\x07", [{
    type: "clipboard_write",
    bytes: 6,
    text: "hello!",
  }]],
  [
    "a clipboard write of lines, without what acts on a terminal",
    `\x1b]52;c;${btoa("one\r\n\ttwo\x1b[31m\x07")}\x07`,
    [{ type: "clipboard_write", bytes: 15, text: "one\n\ttwo[31m" }],
  ],
  ["a clipboard write that is no base64", "\x1b]52;c;%%%%\x07", [{
    type: "clipboard_write",
    bytes: 3,
    text: "",
  }]],
  ["a clipboard read", "\x1b]52;c;?\x07", []],
  ["entering the alternate buffer", "\x1b[?1049h", [{ type: "alternate_screen", active: true }]],
];

for (const [what, output, notices] of CASES) {
  Deno.test(`a screen tells: ${what}`, () => assert.deepEqual(noticesOf(output), notices));
}

Deno.test("a notice carries the offset behind what caused it", () => {
  const probe = new ScreenProbe();
  probe.write("text\x07more\x1b]0;title\x07and \x1b[?1049hmore\x1b]9;x\x1b\\rest");
  assert.deepEqual(probe.takeNotices().map(({ type, offset }) => [type, offset]), [
    ["bell", 5],
    ["title", 19],
    ["alternate_screen", 31],
    ["notification", 42],
  ]);
});

Deno.test("titles and texts are cut, never within a character", () => {
  const [title, text] = noticesOf(`\x1b]0;${"👍".repeat(1000)}\x07\x1b]9;${"x".repeat(9000)}\x07`);
  assert.equal(title?.type === "title" ? title.title : "", "👍".repeat(80));
  assert.equal(text?.type === "notification" ? text.text.length : 0, 500);
});

Deno.test("a flood of notices becomes few: the latest title, one bell, some of the rest", () => {
  const notices = noticesOf("\x1b]0;a\x07\x07\x1b]9;n\x07".repeat(1000) + "\x1b]0;last\x07");
  assert.equal(notices.filter(({ type }) => type === "bell").length, 1);
  assert.deepEqual(notices.filter(({ type }) => type === "title"), [{ type: "title", title: "last" }]);
  assert.equal(notices.filter(({ type }) => type === "notification").length, 32);
  assert.deepEqual(notices.filter(({ type }) => type === "dropped"), [{ type: "dropped", count: 968 }]);
});

Deno.test("a real agent's states are told in order", () => {
  const probe = new ScreenProbe({ cols: 120, rows: 40 });
  for (const bytes of readRecording("claude-permission-question-interrupt-osc7501")) probe.write(bytes);
  const states = probe.takeNotices().flatMap((notice) =>
    notice.type === "status" ? [notice.kind === "" ? notice.state : `${notice.state} ${notice.kind}`] : []
  );
  assert.deepEqual(states, [
    "working",
    "done",
    "working",
    "blocked permission",
    "working",
    "blocked question",
    "working",
    "idle",
    "working",
    "clear",
    "clear",
  ]);
});
