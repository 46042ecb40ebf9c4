import assert from "node:assert/strict";
import xterm from "@xterm/headless";
import { ignoreReportingModes, muteQueries } from "./mute_queries.ts";

function write(terminal: xterm.Terminal, data: string): Promise<void> {
  return new Promise((resolve) => terminal.write(data, resolve));
}

const QUERIES = [
  "\x1b[c",
  "\x1b[0c",
  "\x1b[>c",
  "\x1b[=c",
  "\x1b[5n",
  "\x1b[6n",
  "\x1b[?6n",
  "\x1b[?25$p",
  "\x1b[4$p",
  "\x1b[>q",
  "\x1b[?u",
  "\x1b[18t",
  "\x1b[21t",
  "\x1bP$qm\x1b\\",
  "\x1bP+q544e\x1b\\",
  "\x1b]4;1;?\x07",
  "\x1b]10;?\x07",
  "\x1b]11;?\x1b\\",
  "\x1b]12;?\x07",
  "\x1b]52;c;?\x07",
  "\x1b]7501;?\x07",
];

Deno.test("a muted terminal answers no query, an ordinary one does", async () => {
  for (const muted of [true, false]) {
    const terminal = new xterm.Terminal({ allowProposedApi: true, windowOptions: { getWinSizeChars: true } });
    if (muted) muteQueries(terminal.parser);
    let answers = "";
    terminal.onData((data) => {
      answers += data;
    });
    for (const query of QUERIES) await write(terminal, query);
    assert.equal(answers === "", muted);
    terminal.dispose();
  }
});

Deno.test("what is no query still works", async () => {
  const terminal = new xterm.Terminal({ allowProposedApi: true });
  muteQueries(terminal.parser);
  await write(terminal, "\x1b[?1;2004h\x1b[1;31mred\x1b[0m\x1b]10;#ffffff\x07\x1b[s\x1b[5;5H\x1b[ux");
  assert.equal(terminal.buffer.active.getLine(0)?.translateToString(true), "redx");
  assert.equal(terminal.modes.bracketedPasteMode, true);
  terminal.dispose();
});

Deno.test("a replay's pointer never reports to anybody", async () => {
  const terminal = new xterm.Terminal({ allowProposedApi: true });
  ignoreReportingModes(terminal.parser);
  await write(terminal, "\x1b[?1000;1006h\x1b[?1003h\x1b[?1004h\x1b[?2004h");
  assert.equal(terminal.modes.mouseTrackingMode, "none");
  assert.equal(terminal.modes.sendFocusMode, false);
  assert.equal(terminal.modes.bracketedPasteMode, true);
  terminal.dispose();
});
