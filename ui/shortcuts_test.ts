import assert from "node:assert/strict";
import { type KeyPlace, type KeyPress, modShortcut, ShortcutReader } from "./shortcuts.ts";

function press(key: string, mods: Partial<KeyPress> = {}): KeyPress {
  return { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...mods };
}

Deno.test("plain keys work on the page and belong to fields and terminals elsewhere", () => {
  const reader = new ShortcutReader(() => 0);
  assert.equal(reader.read(press("n"), "page"), "new");
  assert.equal(reader.read(press("?", { shiftKey: true }), "page"), "help");
  for (const place of ["field", "terminal"] as KeyPlace[]) {
    for (const key of ["n", "j", "k", "g", "?", "/", "x", "["]) {
      assert.equal(reader.read(press(key), place), undefined);
    }
  }
});

Deno.test("the tab of changes has its own keys, and the others where it has none", () => {
  const reader = new ShortcutReader(() => 0);
  assert.equal(reader.read(press("n"), "changes"), "changes-next");
  assert.equal(reader.read(press("["), "changes"), "changes-previous-file");
  assert.equal(reader.read(press("j"), "changes"), "list-next");
  assert.equal(reader.read(press("g"), "changes"), undefined);
  assert.equal(reader.read(press("n"), "changes"), "new");
  assert.equal(reader.read(press("]"), "page"), undefined);
});

Deno.test("only combinations with Shift are taken from a terminal", () => {
  assert.equal(modShortcut(press("k", { ctrlKey: true }), "terminal"), undefined);
  assert.equal(modShortcut(press("k", { ctrlKey: true }), "page"), "palette");
  assert.equal(modShortcut(press("K", { metaKey: true }), "field"), "palette");
  assert.equal(modShortcut(press("X", { ctrlKey: true, shiftKey: true }), "terminal"), "stop-all");
  assert.equal(modShortcut(press("c", { ctrlKey: true }), "page"), undefined);
  assert.equal(modShortcut(press("F", { ctrlKey: true, shiftKey: true, altKey: true }), "page"), undefined);
});

Deno.test("g waits for the letter of a place, but not for long", () => {
  let now = 0;
  const reader = new ShortcutReader(() => now);
  assert.equal(reader.read(press("g"), "page"), undefined);
  assert.equal(reader.read(press("s"), "page"), "go-settings");
  assert.equal(reader.read(press("g"), "page"), undefined);
  now += 2000;
  assert.equal(reader.read(press("n"), "page"), "new");
  assert.equal(reader.read(press("s"), "page"), undefined);
});
