import assert from "node:assert/strict";
import xterm from "@xterm/headless";
import { FakeTerminal } from "../testing/fake_terminal.ts";
import { until } from "../testing/until.ts";
import { OrderedWriter } from "./ordered_writer.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("a resize waits for the writes before it and holds back the writes after it", () => {
  const terminal = new FakeTerminal();
  const writer = new OrderedWriter(terminal, { parsed: () => {} });
  writer.write(bytes("a"), 1);
  writer.resize(100, 30);
  writer.write(bytes("b"), 2);
  assert.deepEqual(terminal.log, []);
  assert.equal(terminal.pending, 1);
  terminal.parseAll();
  assert.deepEqual(terminal.log, ["a", "size 100x30", "b"]);
  assert.equal(writer.isIdle, true);
});

Deno.test("offsets are reported when parsed, the backlog shrinks with them", () => {
  const terminal = new FakeTerminal();
  const parsed: number[] = [];
  const writer = new OrderedWriter(terminal, { parsed: (offset) => parsed.push(offset) });
  writer.write(bytes("abc"), 3);
  writer.write(bytes("de"), 5);
  assert.equal(writer.backlogBytes, 5);
  terminal.parse();
  assert.deepEqual([parsed, writer.backlogBytes], [[3], 2]);
  terminal.parse();
  assert.deepEqual([parsed, writer.backlogBytes], [[3, 5], 0]);
});

Deno.test("a screen cancels what is half parsed, resets, resizes, and drops what was queued", () => {
  const terminal = new FakeTerminal();
  const parsed: number[] = [];
  const writer = new OrderedWriter(terminal, { parsed: (offset) => parsed.push(offset) });
  writer.write(bytes("old"), 3);
  writer.resize(1, 1);
  writer.write(bytes("never"), 8);
  writer.restore({ cols: 90, rows: 20, ansi: "screen", offset: 100 });
  writer.write(bytes("new"), 103);
  terminal.parseAll();
  assert.deepEqual(terminal.log, ["old", "\x18", "reset", "size 90x20", "screen", "new"]);
  assert.deepEqual(parsed, [3, 100, 103]);
  assert.equal(writer.backlogBytes, 0);
});

Deno.test("after close late callbacks report nothing", () => {
  const terminal = new FakeTerminal();
  const parsed: number[] = [];
  const writer = new OrderedWriter(terminal, { parsed: (offset) => parsed.push(offset) });
  writer.write(bytes("a"), 1);
  writer.resize(5, 5);
  writer.close();
  terminal.parseAll();
  assert.deepEqual([parsed, terminal.log], [[], ["a"]]);
});

Deno.test("in a real terminal an unfinished sequence does not swallow the restored screen", async () => {
  const terminal = new xterm.Terminal({ allowProposedApi: true, cols: 80, rows: 24 });
  let at = 0;
  const writer = new OrderedWriter(terminal, {
    parsed: (offset) => {
      at = offset;
    },
  });
  writer.write(bytes("gone\x1b]0;half a title"), 20);
  writer.restore({ cols: 40, rows: 10, ansi: "kept", offset: 50 });
  await until(() => at === 50);
  assert.equal(terminal.buffer.active.getLine(0)?.translateToString(true), "kept");
  assert.deepEqual([terminal.cols, terminal.rows], [40, 10]);
  terminal.dispose();
});

Deno.test("in a real terminal a character cut between two writes comes out whole", async () => {
  const terminal = new xterm.Terminal({ allowProposedApi: true });
  let at = 0;
  const writer = new OrderedWriter(terminal, {
    parsed: (offset) => {
      at = offset;
    },
  });
  const horse = bytes("🐎!");
  for (const [index, byte] of horse.entries()) writer.write(new Uint8Array([byte]), index + 1);
  await until(() => at === horse.length);
  assert.equal(terminal.buffer.active.getLine(0)?.translateToString(true), "🐎!");
  terminal.dispose();
});
