import assert from "node:assert/strict";
import xterm from "@xterm/headless";
import { KeyModes } from "./key_modes.ts";

async function shiftEnterAfter(output: string): Promise<string> {
  const terminal = new xterm.Terminal({ allowProposedApi: true });
  const modes = new KeyModes();
  modes.follow(terminal.parser);
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  terminal.dispose();
  return modes.shiftEnter;
}

Deno.test("Shift+Enter is encoded as the program asked for", async () => {
  assert.equal(await shiftEnterAfter(""), "\x1b\r");
  assert.equal(await shiftEnterAfter("\x1b[>1u"), "\x1b[13;2u");
  assert.equal(await shiftEnterAfter("\x1b[=1;1u"), "\x1b[13;2u");
  assert.equal(await shiftEnterAfter("\x1b[>4;2m"), "\x1b[27;2;13~");
});

Deno.test("Shift+Enter is plain again when the program takes its wish back", async () => {
  assert.equal(await shiftEnterAfter("\x1b[>1u\x1b[<u"), "\x1b\r");
  assert.equal(await shiftEnterAfter("\x1b[>1u\x1b[>0u"), "\x1b\r");
  assert.equal(await shiftEnterAfter("\x1b[>1u\x1b[>0u\x1b[<1u"), "\x1b[13;2u");
  assert.equal(await shiftEnterAfter("\x1b[=5;1u\x1b[=5;3u"), "\x1b\r");
  assert.equal(await shiftEnterAfter("\x1b[>4;2m\x1b[>4m"), "\x1b\r");
});

Deno.test("pushing without end is bounded and popping too much is harmless", async () => {
  assert.equal(await shiftEnterAfter("\x1b[>1u".repeat(1000) + "\x1b[<100000u"), "\x1b\r");
});
