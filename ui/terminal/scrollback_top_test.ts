import assert from "node:assert/strict";
import headless from "@xterm/headless";
import { prepareLending, ScrollbackTop } from "./scrollback_top.ts";

type Terminal = InstanceType<typeof headless.Terminal>;

const SIZE = { cols: 20, rows: 5 };

function open(options: { scrollback?: number; lends?: boolean } = {}): Terminal {
  const terminal = new headless.Terminal({
    ...SIZE,
    scrollback: options.scrollback ?? 1000,
    allowProposedApi: true,
  });
  if (options.lends) prepareLending(terminal);
  return terminal;
}

function write(terminal: Terminal, text: string): Promise<void> {
  return new Promise((resolve) => terminal.write(text, resolve));
}

function rows(terminal: Terminal): string[] {
  const { normal } = terminal.buffer;
  return Array.from({ length: normal.length }, (_, y) => {
    const line = normal.getLine(y);
    return (line?.isWrapped ? "~" : "") + line?.translateToString(true);
  });
}

/** Lines of different lengths, many of them longer than a row. */
function numbered(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, n) => `${from + n} ${"x".repeat((from + n) * 7 % 50)}\r\n`)
    .join(
      "",
    );
}

interface Scene {
  shown: Terminal;
  earlier: Terminal;
  /** Was given everything. */
  whole: Terminal;
  top: ScrollbackTop;
}

/** `shown` begins at line 60, the others at line 0; all of them are at line 100. */
async function openScene(options: { scrollback?: number } = {}): Promise<Scene> {
  const [shown, earlier, whole] = [open(options), open({ ...options, lends: true }), open(options)];
  await write(shown, numbered(60, 100));
  for (const terminal of [earlier, whole]) await write(terminal, numbered(0, 100));
  return { shown, earlier, whole, top: new ScrollbackTop(shown) };
}

Deno.test("lines on top make a terminal as if it had seen everything; what is in view stays", async () => {
  const { shown, earlier, whole, top } = await openScene();
  const text = "more\r\n\x1b[2Aup";
  await write(shown, text);
  await write(whole, text);
  shown.scrollToLine(3);
  const inView = shown.buffer.normal.getLine(3)?.translateToString();
  const added = top.addFrom(earlier);
  assert.ok(added > 100);
  assert.deepEqual(rows(shown), rows(whole));
  assert.equal(shown.buffer.normal.viewportY, added + 3);
  assert.equal(shown.buffer.normal.getLine(added + 3)?.translateToString(), inView);
  for (const terminal of [shown, whole]) await write(terminal, "\x1b[Hgoes on" + numbered(100, 300));
  assert.deepEqual(rows(shown), rows(whole));
});

for (const cols of [9, 13, 31, 80]) {
  Deno.test(`lines on top are laid out anew for ${cols} columns when the size has changed meanwhile`, async () => {
    const { shown, earlier, whole, top } = await openScene();
    for (const terminal of [shown, whole]) {
      await write(terminal, "before\r\n");
      terminal.resize(cols, 7);
      await write(terminal, "after");
    }
    top.addFrom(earlier);
    assert.deepEqual(rows(shown), rows(whole));
  });
}

for (const cols of [20, 13, 31]) {
  Deno.test(`a long line that was cut by the top is whole again, at ${cols} columns`, async () => {
    const [shown, earlier, whole] = [open(), open({ lends: true }), open()];
    const long = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(3);
    await write(shown, long.slice(2 * SIZE.cols) + "\r\n" + numbered(0, 30));
    for (const terminal of [earlier, whole]) {
      await write(terminal, "first\r\n" + long + "\r\n" + numbered(0, 30));
    }
    const top = new ScrollbackTop(shown);
    for (const terminal of [shown, whole]) terminal.resize(cols, 5);
    assert.ok(top.addFrom(earlier) > 0);
    assert.deepEqual(rows(shown), rows(whole));
  });
}

Deno.test("while a full-screen program runs, lines come on top of what is behind it", async () => {
  const { shown, earlier, whole, top } = await openScene();
  for (const terminal of [shown, whole]) await write(terminal, "\x1b[?1049h\x1b[2J\x1b[Hfull screen");
  assert.ok(top.addFrom(earlier) > 0);
  assert.equal(shown.buffer.active.getLine(0)?.translateToString(true), "full screen");
  for (const terminal of [shown, whole]) await write(terminal, "\x1b[?1049lback");
  assert.deepEqual(rows(shown), rows(whole));
});

Deno.test("a cursor saved before lines came on top is restored to its place", async () => {
  const { shown, earlier, whole, top } = await openScene();
  for (const terminal of [shown, whole]) await write(terminal, "\x1b[2;3H\x1b7");
  top.addFrom(earlier);
  for (const terminal of [shown, whole]) await write(terminal, "\x1b[5;1H\x1b8here");
  assert.deepEqual(rows(shown), rows(whole));
});

Deno.test("nothing comes back that a program has cleared", async () => {
  for (const clear of ["\x1b[3J", "\x1bc"]) {
    const { shown, earlier, top } = await openScene();
    await write(shown, clear + "new");
    const before = rows(shown);
    assert.equal(top.addFrom(earlier), 0);
    assert.equal(top.isGone, true);
    assert.deepEqual(rows(shown), before);
  }
});

Deno.test("no more lines come on top than there is room for", async () => {
  const { shown, earlier, whole, top } = await openScene({ scrollback: 120 });
  assert.ok(top.addFrom(earlier) > 0);
  assert.deepEqual(rows(shown), rows(whole));
  assert.equal(rows(shown).length, 125);
});

Deno.test("a terminal that has scrolled over its limit keeps what it has", async () => {
  const { shown, earlier, top } = await openScene({ scrollback: 120 });
  await write(shown, numbered(100, 300));
  const before = rows(shown);
  assert.equal(top.addFrom(earlier), 0);
  assert.deepEqual(rows(shown), before);
});

Deno.test("nothing is put together that does not agree, or has nothing to be compared by", async () => {
  const { shown, top } = await openScene();
  const other = open({ lends: true });
  await write(other, numbered(200, 400));
  assert.equal(top.addFrom(other), 0);
  await write(shown, "\x1b[H\x1b[2J\x1b[3J");
  assert.equal(new ScrollbackTop(shown).addFrom(other), 0);
});

Deno.test("hyperlinks in lines on top lead where they led", async () => {
  const link = (name: string): string => `\x1b]8;;https://${name}.example\x1b\\${name}\x1b]8;;\x1b\\\r\n`;
  const [shown, earlier] = [open(), open({ lends: true })];
  await write(shown, link("late") + numbered(0, 20));
  await write(earlier, link("early") + link("late") + numbered(0, 20));
  new ScrollbackTop(shown).addFrom(earlier);
  assert.deepEqual([0, 1].map((row) => linkAt(shown, row)), [
    "https://early.example",
    "https://late.example",
  ]);
});

function linkAt(terminal: Terminal, row: number): string | undefined {
  const core = Reflect.get(terminal, "_core");
  const { urlId } = core.buffers.normal.lines.get(row)._extendedAttrs[0];
  return core._oscLinkService.getLinkData(urlId)?.uri;
}
