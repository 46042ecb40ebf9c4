import assert from "node:assert/strict";
import headless from "@xterm/headless";
import { limitLoops } from "./loop_limits.ts";

function open(): { write: (text: string) => Promise<void>; line: (row: number) => string } {
  const terminal = new headless.Terminal({ cols: 10, rows: 3, scrollback: 0, allowProposedApi: true });
  limitLoops(terminal.parser, terminal);
  return {
    write: (text) => new Promise((resolve) => terminal.write(text, resolve)),
    line: (row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? "",
  };
}

Deno.test("a terminal survives sequences that ask for billions of rounds", async () => {
  const { write, line } = open();
  for (const final of ["L", "M", "S", "T", "I", "Z", "b"]) await write(`x\x1b[2147483647${final}`);
  await write("\x1b[2J\x1b[Hfine");
  assert.equal(line(0), "fine");
});

Deno.test("sequences within reason do what they always do", async () => {
  const { write, line } = open();
  await write("ab\x1b[3b");
  assert.equal(line(0), "abbbb");
  await write("\x1b[1S");
  assert.equal(line(0), "");
});

Deno.test("erasing above from the very last cell does not break the terminal", async () => {
  const { write, line } = open();
  await write("\x1b[3;10Hz\x1b[1J");
  await write("\x1b[Hstill here");
  assert.equal(line(0), "still here");
});
